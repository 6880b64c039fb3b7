"""The lines to review on a page: seen, answered one or many at once, looked up, taken back."""

from html import unescape
from typing import Any

import pytest
from cast import list_of
from django.test import Client

from tamis.app.models import Judgement, LineStatus, ListLine, ListVersion
from tamis.app.services import lists, review

SHARED = "Groupe;;groupe.fr;"
NAMESAKE = "Lefèvre;;ailleurs.fr;"


@pytest.fixture
def base(company: Any) -> dict[str, Any]:
    """Two companies that share a domain, and one that a line names with another domain."""
    return {
        "lyon": company("Groupe Lyon", website="groupe.fr", city="Lyon", siren="732829320"),
        "lille": company("Groupe Lille", website="groupe.fr", city="Lille"),
        "lefevre": company("Lefèvre", website="lefevre.fr"),
    }


@pytest.fixture
def gold(base: Any, make_list: Any, import_lines: Any) -> Any:
    """A list with two doubts."""
    made = make_list("client", "or")
    import_lines(made, SHARED, NAMESAKE, file_name="salon.csv")
    return made


def shown(answer: Any) -> str:
    """A page as it reads, its entities resolved."""
    return unescape(answer.content.decode())


def line(name: str) -> ListLine:
    return ListLine.objects.get(name=name, removed_by=None)


def say(client: Client, verdict: str, *lines: ListLine, **given: Any) -> str:
    """Send an answer; the page it leads to."""
    sent = {"line": [each.pk for each in lines], "verdict": verdict, "next": "/review/", **given}
    return shown(client.post("/review/answer/", sent, follow=True))


def test_the_line_stands_beside_its_candidates_with_the_evidence(edith: Client, gold: Any) -> None:
    page = shown(edith.get("/review/"))
    for text in ("2 lignes attendent", "ligne 2 de salon.csv", "plusieurs entreprises ont ce domaine",
                  "même hôte : groupe.fr", "0,95", "732829320", "client-or"):  # fmt: skip
        assert text in page


def test_the_navigation_counts_what_waits(edith: Client, gold: Any) -> None:
    assert '<span class="tag warn">2</span>' in shown(edith.get("/companies/"))
    say(edith, "none", line("Groupe"), line("Lefèvre"))
    assert '<span class="tag warn">' not in shown(edith.get("/companies/"))


def test_an_empty_queue_says_what_comes_there(edith: Client) -> None:
    assert "Rien à vérifier" in shown(edith.get("/review/"))


def test_the_queue_is_of_one_list(edith: Client, gold: Any, make_list: Any, import_lines: Any) -> None:
    other = make_list("prospect", "salons")
    import_lines(other, SHARED)
    assert edith.get(f"/review/?list={other.pk}").context["total"] == 1
    assert "Rien à vérifier dans cette liste" in shown(edith.get("/review/?list=1"))


@pytest.fixture
def long_queue(base: Any, make_list: Any, import_lines: Any) -> Any:
    made = make_list("client", "or")
    import_lines(made, *(f"Groupe {n};;groupe.fr;" for n in range(23)))
    return made


def test_a_line_is_found_on_its_page_of_the_queue(edith: Client, long_queue: Any) -> None:
    found = edith.get(f"/review/?line={line('Groupe 21').pk}")
    assert found.context["page"] == 2
    assert b"data-here" in found.content
    assert f"/review/?line={line('Groupe 21').pk}#" in shown(edith.get(f"/lists/{long_queue.pk}/?q=21"))


def test_answers_that_empty_the_last_page_lead_to_the_one_before(edith: Client, long_queue: Any) -> None:
    last = [line(f"Groupe {n}") for n in (20, 21, 22)]
    page = say(edith, "none", *last, next="/review/?page=2")
    assert "3 lignes décidées" in page
    assert page.count('class="doubt card"') == 20


def test_a_candidate_is_accepted(edith: Client, gold: Any, base: Any) -> None:
    page = say(edith, f"accept:{base['lille'].pk}", line("Groupe"))
    assert "« Groupe » est « Groupe Lille »" in page
    assert "Annuler" in page
    assert list_of(base["lille"]) == "client-or"


def test_a_candidate_is_refused_and_the_line_keeps_the_other(edith: Client, gold: Any, base: Any) -> None:
    assert "n'est pas « Groupe Lyon »" in say(edith, f"refuse:{base['lyon'].pk}", line("Groupe"))
    assert [choice.company for choice in review.choices(line("Groupe"))] == [base["lille"]]


def test_none_of_these_waits(edith: Client, gold: Any) -> None:
    assert "aucune des entreprises proposées" in say(edith, "none", line("Groupe"))
    assert line("Groupe").status == LineStatus.WAITING


def test_any_company_is_searched_and_accepted(edith: Client, gold: Any, company: Any) -> None:
    bolt = company("Bolt", siren="552100554")
    address = f"/review/{line('Groupe').pk}/other/"
    for text in ("bol", "5521", str(bolt.pk)):
        page = shown(edith.get(address, {"q": text}))
        assert f'value="accept:{bolt.pk}"' in page
    assert "Aucune entreprise ne correspond" in shown(edith.get(address, {"q": "zzz"}))
    say(edith, f"accept:{bolt.pk}", line("Groupe"))
    assert list_of(bolt) == "client-or"
    assert "plus à vérifier" in shown(edith.get(address))


def test_the_first_candidate_of_many_lines_is_accepted(edith: Client, gold: Any, base: Any) -> None:
    assert "2 lignes décidées" in say(edith, "first", line("Groupe"), line("Lefèvre"))
    assert {list_of(base["lyon"]), list_of(base["lefevre"])} == {"client-or"}


def test_the_first_candidate_is_the_one_that_was_shown(edith: Client, gold: Any, base: Any) -> None:
    asked = line("Groupe")
    review.refuse(review.Actor("bob", "cli"), asked, base["lyon"])
    page = say(edith, "first", asked, line("Lefèvre"), **{f"first-{asked.pk}": base["lyon"].pk})
    assert "1 ligne n'attendait plus cette réponse" in page
    assert list_of(base["lille"]) == "prospect-default"


def test_equal_lines_of_two_lists_are_decided_together(
    edith: Client, gold: Any, make_list: Any, import_lines: Any
) -> None:
    import_lines(make_list("prospect", "salons"), SHARED)
    page = say(edith, "first", *review.queue().filter(name="Groupe"))
    assert "est « Groupe Lyon »" in page
    assert "n'attendait plus" not in page
    assert [each.name for each in review.queue()] == ["Lefèvre"]


def test_lines_that_vanished_meanwhile_are_skipped_and_counted(
    edith: Client, gold: Any, base: Any, import_lines: Any
) -> None:
    gone, answered = line("Lefèvre"), line("Groupe")
    import_lines(gold, SHARED, "Nouveau;;lefevre.fr;")
    page = say(edith, "first", gone, line("Groupe"), line("Nouveau"), answered)
    assert "« Groupe » est « Groupe Lyon »" in page
    assert "3 lignes n'attendaient plus cette réponse" in page


def test_what_somebody_answered_meanwhile_stands(edith: Client, gold: Any, base: Any, alice: Any) -> None:
    asked = line("Groupe")
    review.accept(alice, asked, base["lille"])
    assert "1 ligne n'attendait plus" in say(edith, f"accept:{base['lyon'].pk}", asked)
    assert list_of(base["lille"]) == "client-or"


@pytest.mark.parametrize("verdict", ["", "maybe", "accept", "accept:999", "first:1", "accept:x"])
def test_an_answer_that_cannot_be_read_changes_nothing(edith: Client, gold: Any, verdict: str) -> None:
    answer = edith.post("/review/answer/", {"line": line("Groupe").pk, "verdict": verdict})
    assert answer.status_code in (404, 409)
    assert review.queue().count() == 2


def test_an_answer_about_no_line_is_a_sentence(edith: Client, gold: Any) -> None:
    assert "Cochez d'abord" in shown(edith.post("/review/answer/", {"verdict": "none"}))


def test_the_last_answers_are_taken_back_one_by_one(edith: Client, gold: Any, base: Any) -> None:
    say(edith, "none", line("Groupe"))
    say(edith, f"accept:{base['lefevre'].pk}", line("Lefèvre"))
    back = edith.post("/review/undo/", follow=True)
    assert "Réponse retirée pour « Lefèvre »" in shown(back)
    assert back.context["here"] == line("Lefèvre").pk
    assert review.queue().count() == 1
    edith.post("/review/undo/")
    assert len(review.choices(line("Groupe"))) == 2
    assert "plus de réponse à annuler" in shown(edith.post("/review/undo/"))


def test_the_notice_takes_back_its_own_answers(edith: Client, gold: Any) -> None:
    page = say(edith, "first", line("Groupe"), line("Lefèvre"))
    acts = page.split('name="acts" value="')[1].split('"')[0]
    assert "Réponses retirées pour 2 lignes" in shown(edith.post("/review/undo/", {"acts": acts}, follow=True))
    assert review.queue().count() == 2


def test_answers_are_looked_up_by_line_or_company(edith: Client, gold: Any, base: Any) -> None:
    say(edith, f"accept:{base['lille'].pk}", line("Groupe"))
    say(edith, "none", line("Lefèvre"))
    for text in ("lille", "GROUPE", "groupe"):
        page = shown(edith.get("/review/answers/", {"q": text}))
        assert "« Groupe » est « Groupe Lille »" in page
        assert "« Lefèvre »" not in page
    assert "« Lefèvre » n'est pas" in shown(edith.get("/review/answers/", {"q": "LEFEVRE"}))
    assert "Aucune réponse ne correspond" in shown(edith.get("/review/answers/", {"q": "zzz"}))


def test_an_answer_is_withdrawn_once(edith: Client, gold: Any, base: Any) -> None:
    say(edith, f"accept:{base['lille'].pk}", line("Groupe"))
    said = Judgement.objects.get()
    page = shown(edith.post(f"/review/answers/{said.pk}/undo/", follow=True))
    assert "Réponse retirée" in page
    assert "Aucune réponse pour l'instant" in page
    assert line("Groupe").status == LineStatus.REVIEW
    assert edith.post(f"/review/answers/{said.pk}/undo/").status_code == 409
    assert edith.post("/review/answers/999/undo/").status_code == 404


def test_the_report_says_how_good_matching_was(edith: Client, gold: Any, base: Any, import_lines: Any) -> None:
    import_lines(gold, "Autre nom;;lefevre.fr;", append=True)
    say(edith, f"accept:{base['lyon'].pk}", line("Groupe"))
    say(edith, f"refuse:{base['lefevre'].pk}", line("Autre nom"))
    page = edith.get("/review/quality/")
    assert (page.context["undone"], page.context["first"]) == (100, 100)
    assert "dont le premier candidat" in shown(page)


def test_the_report_of_nothing_says_what_to_do(edith: Client) -> None:
    assert "Rien à mesurer" in shown(edith.get("/review/quality/"))


def test_a_match_is_refused_from_the_list(edith: Client, gold: Any, base: Any, import_lines: Any) -> None:
    import_lines(gold, "Autre nom;;lefevre.fr;")
    address = f"/lists/{gold.pk}/"
    verdict = f"refuse:{base['lefevre'].pk}"
    assert f'value="{verdict}"' in shown(edith.get(address))
    page = say(edith, verdict, line("Autre nom"), next=address)
    assert "« Autre nom » n'est pas « Lefèvre »" in page
    assert 'href="/review/answers/"' in page
    assert list_of(base["lefevre"]) == "prospect-default"


def test_a_viewer_sees_the_queue_and_answers_nothing(victor: Client, gold: Any, base: Any) -> None:
    for address in ("/review/", "/review/answers/", "/review/quality/", f"/lists/{gold.pk}/"):
        page = shown(victor.get(address))
        assert "/review/answer/" not in page
        assert 'type="checkbox"' not in page
        assert "review.js" not in page
    assert "même hôte" in shown(victor.get("/review/"))
    asked = line("Groupe").pk
    for address in ("/review/answer/", "/review/undo/", "/review/answers/1/undo/"):
        assert victor.post(address, {"line": asked, "verdict": "none"}).status_code == 403
    assert victor.get(f"/review/{asked}/other/").status_code == 403


def test_the_number_of_every_page_leaves_out_deleted_lists_and_imports_given_up(
    edith: Client, gold: Any, alice: Any
) -> None:
    assert lists.review_count() == review.queue().count() == 2
    version = ListVersion.objects.get(list=gold)
    staged = ListVersion.objects.create(list=gold, kind="append", file_name="b.csv", started_at=version.started_at)
    ListLine.objects.create(version=staged, number=2, name="X", name_key="x", fingerprint="x", status="review")
    assert lists.review_count() == 2
    lists.delete(alice, gold)
    assert lists.review_count() == review.queue().count() == 0
