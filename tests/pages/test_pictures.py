"""Every mark of a picture leads to exactly the people that it counts."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tamis.identity.folding import fold

pytestmark = pytest.mark.usefixtures("transactional_db", "own_inbox")

LYON = 'contacts where city = "Lyon"'
MARK = re.compile(r'<a[^>]* href="([^"]+)"[^>]* aria-label="([^"]*?([0-9]+)[^0-9"]*)"')


@pytest.fixture
def audience(alice: Any) -> Callable[..., Any]:
    """Defines an audience, empty as yet."""
    from tamis.app.models import Mode
    from tamis.app.services import audiences

    return lambda name, rule, **how: audiences.create(alice, name, audiences.Definition(rule, Mode.DYNAMIC), **how)


@pytest.fixture
def person(alice: Any) -> Callable[..., Any]:
    """Somebody who lives somewhere."""
    from tamis.app.services import contacts

    return lambda name, city: contacts.add(alice, {"email": f"{fold(name)}@a.fr", "last_name": name, "city": city})


@pytest.fixture
def refreshed(alice: Any) -> Callable[..., None]:
    """Refreshes an audience as of so many days ago."""
    from tamis.app.services import refreshing

    def done(audience: Any, *, days_ago: int) -> None:
        assert refreshing.refresh(alice, [audience], timezone.localtime() - timedelta(days=days_ago))[0].ok

    return done


@pytest.fixture
def lived(alice: Any, audience: Any, person: Any, refreshed: Any, transactional_db: None) -> Any:
    """Léa and Marc were there six days ago; three days ago Zoé came, two days ago Léa went; a hand put Ivo there."""
    from tamis.app.services import audiences, contacts, refreshing

    people = {name: person(name, "Lyon") for name in ("Léa", "Marc")} | {"Ivo": person("Ivo", "Albi")}
    made = audience("Lyonnais", LYON)
    refreshed(made, days_ago=6)
    person("Zoé", "Lyon")
    refreshed(made, days_ago=3)
    contacts.edit(alice, people["Léa"], {"city": "Albi"})
    refreshed(made, days_ago=2)
    audiences.pin(alice, made, [people["Ivo"].pk], inside=True)
    refreshing.refresh_some(alice, made, [people["Ivo"].pk])
    return made


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return " ".join(answer.content.decode().split())


def marks(page: str, among: str = "<svg") -> list[tuple[str, str, int]]:
    """Where the marks of the pictures on a page lead, what each says, and the number in it."""
    pictures = [part.partition("</svg>")[0] for part in page.split(among)[1:]]
    found = [mark for picture in pictures for mark in MARK.findall(picture)]
    return [(html.unescape(link), html.unescape(label), int(number)) for link, label, number in found]


def names(client: Client, address: str) -> list[str]:
    """Everybody whom the pages at an address show, to the last."""
    found: list[str] = []
    while address:
        page = shown(client, address).partition("<main")[2].partition("rule-help")[0]
        rows = page.partition("<tbody>")[2].partition("</tbody>")[0]
        found += [re.sub("<[^>]+>", "", row.partition("</th>")[0]) for row in rows.split('<th scope="row">')[1:]]
        after = re.search(r'rel="next" href="([^"]+)"', page)
        address = _joined(address, html.unescape(after[1])) if after else ""
    return found


def _joined(address: str, link: str) -> str:
    return link.partition("#")[0] if link.startswith("/") else address.partition("?")[0] + link


def test_every_day_of_an_audience_leads_to_its_people(victor: Client, lived: Any) -> None:
    found = marks(shown(victor, f"/audiences/{lived.pk}/"))
    assert [label.partition(" : ")[2] for _, label, _ in found] == [
        "2 membres", "2 membres", "2 membres", "3 membres", "2 membres", "2 membres", "3 membres",
        "2 entrées", "1 entrée", "1 sortie", "1 entrée",
    ]  # fmt: skip
    people = [sorted(names(victor, link)) for link, _, _ in found]
    assert [len(each) for each in people] == [number for _, _, number in found]
    assert people[3:] == [
        ["Léa", "Marc", "Zoé"], ["Marc", "Zoé"], ["Marc", "Zoé"], ["Ivo", "Marc", "Zoé"],
        ["Léa", "Marc"], ["Zoé"], ["Léa"], ["Ivo"],
    ]  # fmt: skip


def test_those_of_a_day_say_why_and_hands_can_be_left_out(victor: Client, lived: Any) -> None:
    today = timezone.localdate().isoformat()
    address = f"/audiences/{lived.pk}/edges/?edge=enter&from={today}&to={today}"
    page = shown(victor, address)
    assert "à la main, par alice" in page
    assert f'href="/audiences/{lived.pk}/explain/?who=' in page
    assert names(victor, f"{address}&ruled=1") == []
    run = lived.runs.order_by("pk")[1]
    assert names(victor, f"/audiences/{lived.pk}/edges/?edge=enter&run={run.pk}") == ["Zoé"]
    assert f'href="/audiences/{lived.pk}/edges/?edge=enter&amp;run={run.pk}"' in shown(
        victor, f"/audiences/{lived.pk}/history/"
    )


def test_a_long_day_is_read_page_by_page(victor: Client, audience: Any, person: Any, refreshed: Any) -> None:
    for number in range(51):
        person(f"P{number}", "Lyon")
    made = audience("Lyonnais", LYON)
    refreshed(made, days_ago=1)
    [link] = [link for link, label, _ in marks(shown(victor, f"/audiences/{made.pk}/")) if "51 entrées" in label]
    assert len(names(victor, link)) == len({*names(victor, link)}) == 51


def test_days_that_are_none_are_refused_and_stay_to_be_changed(victor: Client, lived: Any) -> None:
    for asked in ("from=hier", "from=2026-03-02&to=2026-03-01", "from=2026-02-30"):
        answer = victor.get(f"/audiences/{lived.pk}/edges/?{asked}")
        assert answer.status_code == 400, asked
        assert 'role="alert"' in answer.content.decode()
        assert "Lyonnais" in answer.content.decode()


def test_who_was_erased_is_counted_and_not_named(victor: Client, alice: Any, lived: Any) -> None:
    from tamis.app.services import erasing

    erasure = erasing.start(alice, "zoe@a.fr")
    found = marks(shown(victor, f"/audiences/{lived.pk}/"))
    [link] = [link for link, label, _ in found if "1 entrée" in label][:1]
    assert ", qui n'existe plus" in shown(victor, link)
    assert erasing.go_on(erasure).steps["memberships"]
    page = shown(victor, link)
    assert "Dont 1 dont les données ont été effacées depuis" in page
    assert "Zoé" not in page


def test_past_weeks_lead_to_those_who_entered_and_coming_ones_to_nobody(
    victor: Client, audience: Any, person: Any, refreshed: Any
) -> None:
    made = audience("Lyonnais", LYON)
    for week in range(11, -1, -1):
        for number in range(week % 3):
            person(f"P{week}x{number}", "Lyon")
        refreshed(made, days_ago=7 * week)
    page = shown(victor, f"/audiences/{made.pk}/forecast/")
    found = marks(page)
    assert [number for _, _, number in found] == [1, 2, 1, 2, 1, 2, 1]  # weeks 10 to 1; 9, 6 and 3 have nobody
    assert [len(names(victor, link)) for link, _, _ in found] == [1, 2, 1, 2, 1, 2, 1]
    assert names(victor, found[0][0]) == ["P10x0"]
    assert "personne n'y est encore" in page.replace("&#x27;", "'")


@pytest.fixture
def towns(company: Any, alice: Any, transactional_db: None) -> Any:
    """Sixty companies in Lyon, every third of them with twelve people, and three in Albi."""
    for number in range(60):
        company(f"L{number:02}", city="Lyon", headcount="12" if number % 3 == 0 else "")
    for number in range(3):
        company(f"A{number}", city="Albi", headcount="12")


def test_each_column_and_each_set_of_an_overlap_leads_to_its_people(
    victor: Client, towns: None, audience: Any, refreshed: Any
) -> None:
    pair = [audience("Lyon", 'companies where city = "Lyon"'), audience("Douze", "companies where headcount = 12")]
    for each in pair:
        refreshed(each, days_ago=0)
    page = shown(victor, f"/audiences/overlap/?audience={pair[0].pk}&audience={pair[1].pk}")
    found = marks(page)
    assert [number for _, _, number in found] == [40, 20, 3]
    assert [len(names(victor, link)) for link, _, _ in found] == [40, 20, 3]
    sets = re.findall(r'<li title="\w+"><a href="([^"]+)"><span class="clip">\w+</span><span class="n">(\d+)', page)
    assert [number for _, number in sets] == ["60", "23"]
    assert [len(names(victor, html.unescape(link))) for link, _ in sets] == [60, 23]


def test_each_bar_of_a_comparison_leads_to_its_people(
    victor: Client, towns: None, audience: Any, refreshed: Any
) -> None:  # fmt: skip
    made = audience("Lyon", 'companies where city = "Lyon"')
    refreshed(made, days_ago=0)
    page = shown(victor, f"/audiences/compare/?a={made.pk}")
    bars = re.findall(r'<a class="pair [ab]" href="([^"]+)">.*?<span class="quiet">\((\d+)\)', page)
    assert len(bars) > 5
    assert [len(names(victor, html.unescape(link))) for link, _ in bars] == [int(number) for _, number in bars]


def test_bands_of_those_who_stay_and_segments_lead_to_their_companies(
    victor: Client, towns: None, alice: Any
) -> None:  # fmt: skip
    from tamis.app.models import Company
    from tamis.app.services import companies, lists

    Company.objects.filter(name__startswith="L").update(created_at=timezone.now() - timedelta(days=400))
    some = [*Company.objects.filter(name__in=("L01", "L02", "A0")).values_list("pk", flat=True)]
    companies.move(alice, lists.find("client-default"), some)
    found = marks(shown(victor, "/segments/flows/?stay=1"))
    assert {number for _, label, number in found if label.startswith("Prospect → Prospect")} == {60, 58}
    assert "Client : 3" in {label for _, label, _ in found}
    for link, label, number in found:
        assert len(names(victor, link)) == number, label
    assert sorted(names(victor, next(link for link, label, _ in found if label == "Client : 3"))) == [
        "A0",
        "L01",
        "L02",
    ]
    assert marks(shown(victor, "/segments/flows/"))[-1][1].endswith(": 2")  # without them, nodes are no segments


def test_each_figure_of_a_funnel_and_each_near_miss_leads_to_its_people(victor: Client, towns: None) -> None:
    rule = 'companies where city = "Lyon" and headcount >= 10'
    for part, numbers in (("funnel", [60, 60, 23, 20]), ("near", [])):
        answer = victor.post("/rules/figures/", {"rule": rule, "part": part})
        page = " ".join(answer.content.decode().split())
        links = re.findall(r'<a href="(/companies/\?rule=[^"]+)" target="_blank">[^<]*?(\d+)', page)
        assert [int(number) for _, number in links] == numbers
        assert [len(names(victor, html.unescape(link))) for link, _ in links] == numbers
    near = victor.post("/rules/figures/", {"rule": rule.replace("10", "15"), "part": "near"}).content.decode()
    link = re.search(r'href="(/companies/\?rule=[^"]+)" target="_blank">Voir qui', near)
    gained = re.search(r"<strong>(\d+) de plus si 15 devenait", near)
    assert link is not None
    assert gained is not None
    assert len(names(victor, html.unescape(link[1]))) == int(gained[1]) == 20


def test_each_segment_of_the_overview_leads_to_its_companies(victor: Client, towns: None, alice: Any) -> None:
    from tamis.app.models import Company
    from tamis.app.services import companies, lists

    some = [*Company.objects.filter(name__in=("L01", "L02", "A0")).values_list("pk", flat=True)]
    companies.move(alice, lists.find("client-default"), some)
    companies.move(alice, lists.find("interne-default"), [Company.objects.get(name="A1").pk])
    page = shown(victor, "/")
    bars = re.findall(r'<a class="bar seg-[\w-]+" href="([^"]+)">.*?<span class="n">(\d+)</span>', page)
    assert sorted(int(number) for _, number in bars)[-3:] == [1, 3, 59]
    for link, number in bars:
        if number != "0":
            assert len(names(victor, link)) == int(number), link


def test_each_method_of_matching_leads_to_its_lines(
    victor: Client, make_list: Any, company: Any, import_lines: Any
) -> None:  # fmt: skip
    company("Acme", siren="732829320")
    company("Bolt", website="bolt-exemple.fr")
    import_lines(make_list("prospect", "salons"), "Acme;732829320;;", "ACME SA;732829320;;", "Bolt;;;bolt-exemple.fr",
                 "Nulle;;;nulle-exemple.fr")  # fmt: skip
    bars = re.findall(
        r'<a class="bar" href="([^"]+)">.*?<span class="n">(\d+)</span>', shown(victor, "/review/quality/")
    )
    assert [number for _, number in bars] == ["2", "1"]
    assert [names(victor, link) for link, _ in bars] == [["Acme", "ACME SA"], ["Bolt"]]
    assert "Aucune ligne" in shown(victor, "/review/matched/?method=x")


def test_each_month_of_somebody_s_events_leads_to_them(victor: Client, alice: Any, person: Any) -> None:
    from tamis.app.services import events
    from tamis.app.services.arrivals import From

    lea = person("Léa", "Lyon")
    this = timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for n, (months, minutes) in enumerate(((0, 0), (1, -1), (1, 5), (1, 9))):  # of this month, of that before it
        at = (this - timedelta(days=10) if months else this) + timedelta(minutes=minutes)
        event = {"ts": at.isoformat(), "kind": "page_view", "path": f"/{n}", "contact": "lea@a.fr"}
        assert events.take([event], From("cli", "alice")).accepted == 1
    found = marks(shown(victor, f"/contacts/{lea.pk}/events/"))
    assert [number for _, _, number in found] == [3, 1]
    for link, _, number in found:
        page = shown(victor, link)
        assert page.count("<time datetime=") == number
        assert "Tous les mois" in page
    assert "/0" in shown(victor, found[1][0])
    assert victor.get(f"/contacts/{lea.pk}/events/?month=hier").status_code == 400
    assert "Aucun événement ce mois-là" in shown(victor, f"/contacts/{lea.pk}/events/?month=2020-01")


def test_each_bar_of_what_arrived_leads_to_those_events(victor: Client, alice: Any, person: Any, company: Any) -> None:
    from tamis.app.services import events
    from tamis.app.services.arrivals import From

    person("Léa", "Lyon")
    company("Acme", siren="732829320")
    whom: list[dict[str, str]] = [{"contact": "lea@a.fr"}] * 30 + [{"company": "732829320"}] * 22
    whom.append({"visitor": "v-1", "kind": "form", "form": "demo"})
    sent = [{"ts": timezone.now().isoformat(), "kind": "page_view", "path": f"/{n}", **each}
            for n, each in enumerate(whom)]  # fmt: skip
    assert events.take(sent, From("cli", "alice")).accepted == 53
    for period in ("day", "month"):
        page = shown(victor, f"/events/figures/?period={period}")
        [(link, _, number)] = marks(page)
        assert number == 53
        assert sorted(names(victor, link)) == ["Acme"] * 22 + ["Léa"] * 30 + ["v-1"]
        kinds = re.findall(r'<a class="bar" href="([^"]+)">.*?<span class="n">(\d+)</span>', page)
        assert [int(number) for _, number in kinds] == [52, 1]
        assert [len(names(victor, html.unescape(link))) for link, _ in kinds] == [52, 1]
    for wrong in ("", "?from=hier&to=2026-01-01", "?from=2026-01-01&to=2026-01-02&kind=zz"):
        assert victor.get(f"/events/arrived/{wrong}").status_code == 400
