"""What the rule builder asks of the server: words, text and tree, figures, values; everything at its place."""

import json
import re
from typing import Any

import pytest
from answers import words
from django.test import Client

LYON = 'companies where city = "Lyon"'

pytestmark = pytest.mark.usefixtures("transactional_db", "own_inbox")


@pytest.fixture(autouse=True)
def _no_engine_stays() -> Any:
    from tamis.app.services import kept_engine

    yield
    kept_engine.close()


@pytest.fixture
def town(transactional_db: None, company: Any) -> Any:
    """Three companies in Lyon, of different sizes, one elsewhere."""
    company("Bolt", city="Albi", headcount="60")
    sizes = {"Acme": "12", "Crin": "48", "Dune": "70"}
    return [company(name, city="Lyon", headcount=size) for name, size in sizes.items()]


def built(victor: Client, **given: Any) -> Any:
    answer = victor.post("/rules/build/", given)
    assert answer.status_code == 200, answer.content
    return answer.json()


def figures(victor: Client, rule: str, part: str = "count", **given: Any) -> str:
    answer = victor.post("/rules/figures/", {"rule": rule, "part": part, **given})
    assert answer.status_code == 200, answer.content
    return words(answer)


def test_a_text_becomes_a_tree_with_its_sentence(victor: Client) -> None:
    told = built(victor, text=LYON + " and headcount > 9")
    assert told["sentence"] == "Entreprises dont la ville est « Lyon » et dont l'effectif est de plus de 9"
    assert [each["node"] for each in told["tree"]["where"]["conditions"]] == ["test", "test"]
    assert (told["subject"], told["faults"], told["unfinished"]) == ("companies", [], [])


def test_a_tree_becomes_the_same_text(victor: Client) -> None:
    text = 'contacts where did form (form = "demo") then purchase within 14 days and company (in segment client)'
    tree = built(victor, text=text)["tree"]
    assert built(victor, tree=json.dumps(tree))["text"] == text


def test_a_sentence_becomes_the_text_and_the_tree(victor: Client) -> None:
    told = built(victor, sentence='entreprises dont la ville est "Lyon" et dont effectif est plus de 9')
    assert told["text"] == LYON + " and headcount > 9"
    assert told["sentence"] == "Entreprises dont la ville est « Lyon » et dont l'effectif est de plus de 9"
    assert [each["node"] for each in told["tree"]["where"]["conditions"]] == ["test", "test"]


def test_a_sentence_is_read_in_the_language_of_its_reader(viewer: Any, victor: Client) -> None:
    viewer.language = "en"
    viewer.save()
    assert built(victor, sentence="Companies whose city is “Lyon”")["text"] == LYON
    misread = built(victor, sentence="Entreprises dont la ville est « Lyon »")["misread"]
    assert misread["reason"] == "“Entreprises” is not expected here. Expected: Companies, Contacts"


def test_a_sentence_that_does_not_read_says_where(victor: Client) -> None:
    misread = built(victor, sentence="Entreprises dont la vile est « Lyon »")["misread"]
    assert (misread["line"], misread["column"], misread["hint"]) == (1, 21, "ville")
    assert misread["shown"].splitlines()[1].strip() == "^^^^"


def test_a_text_that_does_not_read_says_where(victor: Client) -> None:
    misread = built(victor, text=LYON + "\n  adn headcount > 9")["misread"]
    assert (misread["line"], misread["column"]) == (2, 3)
    assert "^^^" in misread["shown"]
    assert "« and »" in misread["reason"]


def test_a_mistake_is_told_at_its_node(victor: Client) -> None:
    tree = built(victor, text='companies where headcount > 3 and hedcount = "x"')["tree"]
    told = built(victor, tree=json.dumps(tree))
    wrong = tree["where"]["conditions"][1]
    assert [each["id"] for each in told["faults"]] == [wrong["measure"]["id"]]
    assert told["faults"][0]["hint"] == "headcount"
    assert told["sentence"] == ""


def test_what_is_unfinished_is_left_out_and_said(victor: Client) -> None:
    tree = built(victor, text=LYON + " and headcount > 3")["tree"]
    tree["where"]["conditions"][1]["values"] = []
    told = built(victor, tree=json.dumps(tree))
    assert told["text"] == LYON
    assert told["unfinished"] == [tree["where"]["conditions"][1]["id"]]


@pytest.mark.parametrize("tree", ["", "{", "[]", "null", '{"node": "rule"}', "[" * 100_000, '{"subject": "companies"}'])
def test_what_is_no_tree_is_refused_in_a_sentence(victor: Client, tree: str) -> None:
    answer = victor.post("/rules/build/", {"tree": tree})
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_the_words_are_those_of_the_workspace(victor: Client, alice: Any) -> None:
    from tamis.app.models import CustomField
    from tamis.app.services import custom_fields, event_kinds, statuses, tags

    custom_fields.add(alice, "Potentiel", CustomField.Type.CHOICE, choices=["fort", "faible"])
    event_kinds.add(alice, "webinar", "Webinaire", properties={"note_donnee": "number"})
    statuses.add(alice, "Chaud")
    tags.add(alice, "Salon", "Lyon")
    told = victor.get("/rules/words/").json()
    fields = {each["key"]: each for each in told["fields"]["companies"]}
    assert fields["own.potentiel"]["choices"] == [["fort", "fort"], ["faible", "faible"]]
    assert fields["status"]["choices"] == [["Chaud", "Chaud"]]
    kinds = {each["key"]: each for each in told["kinds"]}
    assert kinds["webinar"]["own"] == [{"key": "note_donnee", "label": "Note_donnee", "type": "number"}]
    assert ["Lyon", "Salon"] in told["tags"]
    assert "prospect-importé" in told["lists"]
    assert [each["key"] for each in told["operators"]["choice"]] == ["=", "!=", "in", "is known", "is missing"]


def test_every_operator_and_function_of_the_language_is_offered(victor: Client) -> None:
    from typing import get_args

    from tamis.rules import nodes

    told = victor.get("/rules/words/").json()
    offered = {each["key"] for some in told["operators"].values() for each in some}
    assert offered == set(get_args(nodes.Operator))
    assert {each["key"] for each in told["functions"]} == set(get_args(nodes.Function))


def test_the_words_are_english_for_somebody_english(viewer: Any, victor: Client) -> None:
    viewer.language = "en"
    viewer.save()
    told = victor.get("/rules/words/").json()
    assert told["texts"]["modes"]["none"] == "none of these conditions"
    assert told["subjects"]["companies"] == "Companies"


def test_a_rule_is_counted_with_examples(victor: Client, town: Any) -> None:
    page = figures(victor, LYON)
    assert "<strong>3</strong> entreprises" in page
    assert "état du" in page
    assert f'href="/companies/{town[0].pk}/"' in page
    assert "Bolt" not in page


def test_the_funnel_says_what_each_condition_takes_away(victor: Client, town: Any) -> None:
    page = re.sub("<[^>]+>", "", figures(victor, LYON + " and headcount > 20", "funnel"))
    assert "Ce que chaque condition retire" in page
    first, second = "dont la ville est « Lyon »", "dont l&#x27;effectif est de plus de 20"
    assert f"3 à elle seule : {first} · il en reste 3 : {first} · sans elle, 1 de plus" in page
    assert f"3 à elle seule : {second} · il en reste 2 : {second} · sans elle, 1 de plus" in page


def test_the_funnel_of_either_says_what_each_brings(victor: Client, town: Any) -> None:
    page = figures(victor, 'companies where city = "Albi" or headcount > 20', "funnel")
    assert "Ce que chaque condition apporte" in page
    text = re.sub('<span class="sr">.*?</span>|<[^>]+>', "", page)
    assert "1 à elle seule · 1 jusqu'ici" in text
    assert "3 à elle seule · 3 jusqu'ici · sans elle, 2 de moins" in text


def test_who_nearly_passed_is_told_with_the_rule_that_lets_them(victor: Client, town: Any) -> None:
    page = figures(victor, LYON + " and headcount >= 50", "near")
    assert "1 de plus si 50 devenait 40" in page
    assert 'data-rule="companies where city = &quot;Lyon&quot; and headcount &gt;= 40"' in page
    assert "dont l&#x27;effectif est d&#x27;au moins 50" in page
    assert "Aucun chiffre" in figures(victor, LYON, "near")


def test_a_figure_of_a_wrong_rule_is_a_sentence(victor: Client) -> None:
    answer = victor.post("/rules/figures/", {"rule": "companies where hedcount > 3", "part": "count"})
    assert answer.status_code == 400
    assert "Vouliez-vous dire « headcount »" in words(answer)


def test_counts_are_those_of_the_last_snapshot_until_there_is_another(victor: Client, town: Any, company: Any) -> None:
    from tamis.app.services import snapshots

    assert "<strong>3</strong>" in figures(victor, LYON)
    company("Etna", city="Lyon")
    assert "<strong>3</strong>" in figures(victor, LYON)
    snapshots.take()
    assert "<strong>4</strong>" in figures(victor, LYON)


def test_files_that_went_away_are_looked_for_again(victor: Client, town: Any) -> None:
    from tamis.app.services import snapshots

    assert "<strong>3</strong>" in figures(victor, LYON)
    for file in snapshots.folder().glob("*/*.parquet"):
        file.unlink()  # as an erasure does; the manifest is still the same file
    assert "<strong>3</strong>" in figures(victor, LYON)


def test_a_question_that_a_newer_one_replaced_is_stopped(victor: Client, town: Any) -> None:
    from tamis.app.services import kept_engine, newest_questions
    from tamis.errors import Refused

    older = newest_questions.note(7, 1)
    assert older()

    def slow(kept: Any) -> Any:
        newest_questions.note(7, 2)  # meanwhile somebody types on
        from tamis.rules.sql.query import Query

        endless = "SELECT count(*) FROM range(1000000000000) a, range(1000000000000) b"
        return kept.engine.ask(Query(endless))

    with pytest.raises(Refused) as caught:
        kept_engine.ask(slow, older)
    assert caught.value.code == "rule.late"
    assert "<strong>3</strong>" in figures(victor, LYON)  # the engine is as good as before


def test_the_turn_of_another_page_stops_nobody(victor: Client, town: Any) -> None:
    figures(victor, LYON, slot="5", turn="900")
    assert "<strong>3</strong>" in figures(victor, LYON, slot="6", turn="100")


def test_a_slot_that_is_none_is_passed_over(victor: Client, town: Any) -> None:
    assert "<strong>3</strong>" in figures(victor, LYON, slot="x", turn="99999999999999999999")


def values(victor: Client, **given: str) -> list[tuple[str, int]]:
    answer = victor.get("/rules/values/", given)
    assert answer.status_code == 200, answer.content
    return [(each["value"], each["n"]) for each in answer.json()["values"]]


def test_values_of_a_field_are_found_folded_with_their_number(victor: Client, company: Any) -> None:
    for name, city in (("A", "Saint-Étienne"), ("B", "SAINT ETIENNE"), ("C", "Saint-Étienne"), ("D", "Étaples")):
        company(name, city=city)
    assert values(victor, subject="companies", field="city", typed="étie")[0] == ("Saint-Étienne", 2)
    assert ("Étaples", 1) in values(victor, subject="companies", field="city", typed="eta")
    assert values(victor, subject="companies", field="headcount", typed="1") == []


def test_values_of_names_and_of_own_fields_are_found(victor: Client, alice: Any, company: Any) -> None:
    from tamis.app.models import CustomField
    from tamis.app.services import custom_fields

    custom_fields.add(alice, "Machine", CustomField.Type.TEXT)
    company("Forges du Rhin", machine="Tour")
    assert values(victor, subject="companies", field="name", typed="rhin") == [("Forges du Rhin", 1)]
    assert values(victor, subject="companies", field="own.machine", typed="") == [("Tour", 1)]


def test_a_word_that_is_none_has_no_values(victor: Client) -> None:
    answer = victor.get("/rules/values/", {"subject": "companies", "field": "citi"})
    assert answer.status_code == 400
    assert "« city »" in answer.json()["error"]


def test_templates_can_be_asked_in_a_workspace_of_today(victor: Client) -> None:
    from tamis.rules.templates import TEMPLATES

    assert len(TEMPLATES) >= 20
    assert len({each.title.text for each in TEMPLATES}) == len({each.rule for each in TEMPLATES}) == len(TEMPLATES)
    for each in TEMPLATES:
        told = built(victor, text=each.rule)
        assert told.get("faults") == [], each.rule
        assert told["text"] == each.rule
        assert told["sentence"]


def test_every_template_is_offered_on_the_page(victor: Client) -> None:
    from django.utils.html import escape

    from tamis.rules.templates import TEMPLATES

    page = victor.get("/rules/").content.decode()
    for each in TEMPLATES:
        assert f'data-rule="{escape(each.rule)}"' in page
        assert escape(str(each.title)) in page
