"""Why somebody is in or not: each node true or false, with what decided it, and when time alone turns it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamis.messages import speaking
from tamis.rules import nodes as n
from tamis.rules.evaluating import Facts, Happening, Reader
from tamis.rules.explaining import Explanation, Of, explain
from tamis.rules.fields import BUILT_IN, own_field
from tamis.rules.parsing import parse
from tamis.rules.vocabulary import AudienceWord, ListWord, StatusWord, TagWord, Vocabulary
from tamis.sources import event_kinds
from tamis.sources.event_kinds import Kind, Phase, Property

NOW = datetime(2026, 6, 15, 10, tzinfo=UTC)  # noon in Paris
TICK = timedelta(microseconds=1)
OWN = dict([own_field("companies", "actif", "Actif", "yes-no"), own_field("companies", "visite", "Visite", "date")])
VISIT = Kind("visite", "Visite", Phase.BEFORE, own=(Property("jour", "Jour", "date"),))
WORDS = Vocabulary(
    {"companies": {**BUILT_IN["companies"], **OWN}, "contacts": BUILT_IN["contacts"]},
    kinds={**event_kinds.BUILT_IN, "visite": VISIT},
    lists=(ListWord(1, "prospect-salons"), ListWord(2, "client-default")),
    tags=(TagWord(1, "Industrie", "Secteur"), TagWord(2, "Services", "Secteur")),
    statuses=(StatusWord(1, "chaud"), StatusWord(2, "froid")),
    audiences=(AudienceWord(1, "En cours", "companies"),),
)


def event(at: str, kind: str = "page_view", **values: Any) -> Happening:
    """An event at an instant; without Z, in UTC."""
    return Happening(datetime.fromisoformat(at).replace(tzinfo=UTC), kind, values)


def company(*events: Happening, values: Mapping[str, Any] | None = None, **facts: Any) -> Facts:
    """A company; each field has one value or several."""
    several = {key: each if isinstance(each, list) else [each] for key, each in (values or {}).items()}
    ordered = tuple(sorted(events, key=lambda each: each.ts))
    return Facts("companies", 1, "Acme", several, events=ordered, **facts)


def contact(id: int = 11, *events: Happening, company: Facts | None = None, **values: Any) -> Facts:
    several = {key: [each] for key, each in values.items()}
    return Facts("contacts", id, f"Contact {id}", several, events=events, company=company)


def why(text: str, facts: Facts, now: datetime = NOW) -> Explanation:
    """What is said of the condition of a rule about the facts' subject."""
    return explain(parse(f"{facts.subject} where {text}"), WORDS, facts, now).parts[0]


ACME = company(
    event("2026-06-01T10:00", path="/tarifs", duration=Decimal("30.0000")),
    event("2026-06-10T10:00", path="/Tarifs"),
    event("2026-06-14T10:00", path="/accueil"),
    event("2026-05-01T10:00", "form", form="demo"),
    event("2026-05-10T10:00", "purchase", value=Decimal("100.0000"), product="Presse", lot="12.5"),
    event("2026-05-12T10:00", "purchase", value=Decimal("50.0000"), product="Œillet", lot="douze"),
    event("2026-05-14T10:00", "purchase", value=Decimal("-0.0001"), product="presse"),
    values={
        "city": "Saint-Étienne", "naf": "62.01Z", "headcount": 20, "revenue": Decimal("1200.50"), "status": 1,
        "founded": date(2001, 4, 30), "created": datetime(2026, 6, 12, 22, 30, tzinfo=UTC), "own.actif": "oui",
        "name": ["Acme", "ACME Industrie"], "siret": [], "size_class": "PME", "own.visite": date(2026, 6, 10),
    },
    bracketed=frozenset({"headcount"}), segment="client", lists=frozenset({2}), tags=frozenset({1}),
    audiences=frozenset({1}), contacts=(contact(11, level="direction"), contact(12, level="employé"), contact(13)),
    edges={n.Test(n.Field("revenue"), "in top", (Decimal(20),)): Fraction(1200)},
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "holds", "found", "values"),
    [
        # Fields
        ('city = "saint etienne"', False, "« Saint-Étienne »", ("Saint-Étienne",)),
        ('city = "SAINT-ETIENNE"', True, "« Saint-Étienne »", ("Saint-Étienne",)),
        ('city is exactly "saint-étienne"', False, "« Saint-Étienne »", ("Saint-Étienne",)),
        ('city is exactly "Saint-Étienne"', True, "« Saint-Étienne »", ("Saint-Étienne",)),
        ('region = "Bretagne"', False, "valeur manquante", ()),
        ('region != "Bretagne"', False, "valeur manquante", ()),
        ("region is missing", True, "valeur manquante", ()),
        ('city != "Lyon"', True, "« Saint-Étienne »", ("Saint-Étienne",)),
        ('naf = "6201z"', True, "« 62.01Z »", ("62.01Z",)),
        ('naf starts with "620"', True, "« 62.01Z »", ("62.01Z",)),
        ('naf in ("4322B", "6201Z")', True, "« 62.01Z »", ("62.01Z",)),
        ('city contains any of ("lyon", "ETIENNE")', True, "« Saint-Étienne »", ("Saint-Étienne",)),
        ('city ends with "tienne"', True, "« Saint-Étienne »", ("Saint-Étienne",)),
        ("headcount between 20 and 49", True, "20", ("20",)),
        ("headcount > 20", False, "20", ("20",)),
        ("revenue >= 1200.5", True, "1 200,5", ("1200.5",)),
        ("revenue in (1, 2)", False, "1 200,5", ("1200.5",)),
        ("founded before 2001-04-30", False, "le 30 avril 2001", ("2001-04-30",)),
        ("founded <= 2001-04-30", True, "le 30 avril 2001", ("2001-04-30",)),
        ("founded after 2001-04-29", True, "le 30 avril 2001", ("2001-04-30",)),
        ("founded between 2001-04-30 and 2001-05-01", True, "le 30 avril 2001", ("2001-04-30",)),
        ("created = 2026-06-13", True, "le 13 juin 2026", ("2026-06-13",)),  # 22:30 in UTC is the next day in Paris
        ("own.actif = yes", True, "oui", ("oui",)),
        ("own.actif != yes", False, "oui", ("oui",)),
        ('status = "CHAUD"', True, "« chaud »", ("1",)),
        ('status = "froid"', False, "« chaud »", ("1",)),
        ('size_class = "PME"', True, "« PME »", ("PME",)),
        ('name = "acme industrie"', True, "« Acme », « ACME Industrie »", ("Acme", "ACME Industrie")),
        ('name != "acme industrie"', False, "« Acme », « ACME Industrie »", ("Acme", "ACME Industrie")),
        ('name != "autre"', True, "« Acme », « ACME Industrie »", ("Acme", "ACME Industrie")),
        ("siret is known", False, "valeur manquante", ()),
        ("revenue in top 20%", True, "1 200,5", ("1200.5",)),
        # Aggregates
        ("count(page_view) >= 3", True, "3", ("3",)),
        ("count(call) = 0", True, "0", ("0",)),
        ("count distinct(page_view.path) = 2", True, "2", ("2",)),
        ("sum(purchase.value) > 149.9999", False, "149,9999", ("149.9999",)),
        ("sum(call.value) = 0", True, "0", ("0",)),
        ("avg(purchase.value) between 49.9999 and 50", True, "≈ 49,9999666667", ("49.9999666667",)),
        ("min(purchase.value) < 0", True, "-0,0001", ("-0.0001",)),
        ("max(purchase.value) in last 35 days >= 50", True, "50", ("50",)),
        ("max(purchase.lot) = 12.5", True, "12,5", ("12.5",)),
        ("avg(call.duration) is missing", True, "valeur manquante", ()),
        ('most frequent(purchase.product) = "presse"', True, "« presse »", ("presse",)),
        ('most frequent(purchase.product) in last 34 days = "oeillet"', False, "« presse »", ("presse",)),
        ("days since last page_view = 1", True, "1", ("1",)),
        ("days since first page_view > 14", False, "14", ("14",)),
        ("average days between page_view = 6.5", True, "6,5", ("6.5",)),
        ("average days between form is missing", True, "valeur manquante", ()),
        ("count(page_view) > 2 * count(form)", True, "3 et 1", ("3", "1")),
        ("avg(call.duration) = count(form)", False, "valeur manquante et 1", ("1",)),
        # Memberships
        ("in segment client", True, "« client »", ()),
        ("in segment prospect", False, "« client »", ()),
        ('in list "CLIENT-default"', True, "« client-default »", ()),
        ('in list "prospect-salons"', False, "« client-default »", ()),
        ('has tag "industrie"', True, "« Industrie »", ()),
        ('has tag "Services" in "Secteur"', False, "« Industrie »", ()),
        ('in audience "En cours"', True, "", ()),
        # Contacts
        ('has contact (level = "direction")', True, "1 sur 3 contacts", ()),
        ("has no contact (level is missing)", False, "1 sur 3 contacts", ()),
        ("has at least 4 contacts", False, "3 sur 3 contacts", ()),
        # Events
        ('did page_view (path = "/tarifs") at least 2 times', True, "2 événements, le dernier le 10/06/2026 12:00", ()),
        ("did not page_view", False, "3 événements, le dernier le 14/06/2026 12:00", ()),
        ("did call", False, "aucun événement", ()),
        ("did page_view (duration > 29)", True, "1 événement, le 01/06/2026 12:00", ()),
        ("did form then purchase within 11 days", True, "2 événements, le dernier le 12/05/2026 12:00", ()),
        (
            "did form then purchase (value = 100) within 9 days",
            True,
            "2 événements, le dernier le 10/05/2026 12:00",
            (),
        ),
        ("did form then purchase within 8 days", False, "aucun événement", ()),
        ("did purchase then form within 100 days", False, "aucun événement", ()),
    ],
)
def test_a_condition_says_whether_it_holds_and_what_there_is(
    text: str, holds: bool, found: str, values: tuple[str, ...]
) -> None:
    said = why(text, ACME)

    assert said.holds is holds
    assert said.found.replace("\u202f", " ").replace("\xa0", " ") == found
    assert said.values == values


def test_a_tree_is_parallel_to_its_rule() -> None:
    said = explain(
        parse('companies where city = "Lyon" or not (headcount > 10 and in segment prospect)'), WORDS, ACME, NOW
    )

    assert (said.holds, said.text) == (
        True,
        "Entreprises dont la ville est « Lyon » ou ne remplissant pas "
        "(dont l'effectif est de plus de 10 et dans le segment « prospect »)",
    )
    (either,) = said.parts
    city, denied = either.parts
    (group,) = denied.parts
    assert [(each.text, each.holds) for each in (either, city, denied, group, *group.parts)] == [
        ("au moins une de ces conditions", True),
        ("dont la ville est « Lyon »", False),
        ("pas cette condition", True),
        ("toutes ces conditions", False),
        ("dont l'effectif est de plus de 10", True),
        ("dans le segment « prospect »", False),
    ]


def test_a_tree_is_told_in_english_too() -> None:
    with speaking("en"):
        said = why("headcount > 10 and did page_view", ACME)

    assert said.text == "all of these conditions"
    assert [(each.text, each.found, each.note) for each in said.parts] == [
        ("whose headcount is more than 10", "20", "known by its bracket only: its lower bound is compared"),
        ("with at least one “Page view” event", "3 events, the last on 14 Jun 2026 12:00", ""),
    ]


def test_of_many_events_the_latest_are_shown_with_their_number() -> None:
    views = [event(f"2026-06-0{day}T10:00") for day in range(1, 6)]

    said = why("did page_view at least 2 times", company(*views))

    assert (said.count, [each.ts.day for each in said.events]) == (5, [3, 4, 5])


def test_contacts_for_whom_it_holds_come_first() -> None:
    said = why('has at least 1 contacts (level = "employé" or level is missing)', ACME)

    assert [(each.of, each.holds) for each in said.parts] == [
        (Of("contacts", 12, "Contact 12"), True),
        (Of("contacts", 13, "Contact 13"), True),
        (Of("contacts", 11, "Contact 11"), False),
    ]


def test_a_contact_is_asked_about_its_company() -> None:
    bob = contact(11, company=ACME)

    assert why('company.city = "Saint-Étienne"', bob).holds
    assert why("in segment client", bob).holds
    assert why('company (headcount = 20 and has tag "Industrie")', bob).parts[0].of == Of("companies", 1, "Acme")


def test_a_contact_without_a_company_has_nothing_of_it() -> None:
    bob = contact(11)

    assert why("company.city is missing", bob).holds
    assert not why('company.city != "Lyon"', bob).holds
    assert not why("company (city is missing)", bob).holds
    assert why("company (city is missing)", bob).found == "sans entreprise"
    assert why("not in segment client", bob).holds


def test_the_edge_of_a_rank_is_noted() -> None:
    assert why("revenue in top 20%", ACME).note.replace("\u202f", " ") == "la limite est 1 200"


def test_nobody_without_events_is_in_a_rank_of_events() -> None:
    rank = n.Test(n.Aggregate("count", "page_view"), "in bottom", (Decimal(50),))
    idle, busy = (company(*events, edges={rank: Fraction(3)}) for events in ((), (event("2026-06-01T10:00"),)))

    assert not why("count(page_view) in bottom 50%", idle).holds
    assert why("count(page_view) in bottom 50%", busy).holds


def test_an_instant_of_the_past_says_that_fields_are_todays() -> None:
    rule = parse('companies where city = "Lyon"')

    assert explain(rule, WORDS, ACME, NOW).note == ""
    assert "aujourd'hui" in explain(rule, WORDS, ACME, NOW, past=True).note


def test_later_events_do_not_count() -> None:
    assert not why("did page_view", company(event("2026-06-15T10:00:00.000001"))).holds
    assert why("did page_view", company(event("2026-06-15T10:00:00"))).holds


def test_two_products_as_frequent_the_latest_counts_then_the_first_letter() -> None:
    events = [
        event("2026-06-01T10:00", "purchase", product="B"),
        event("2026-06-01T10:00", "purchase", product="A"),
        event("2026-05-01T10:00", "purchase", product="C"),
    ]

    assert why('most frequent(purchase.product) = "a"', company(*events)).holds


def test_steps_of_a_sequence_are_each_strictly_later() -> None:
    both = [event("2026-06-01T10:00", "form"), event("2026-06-01T10:00", "purchase")]

    assert not why("did form then purchase within 1 days", company(*both)).holds
    later = [*both, event("2026-06-02T10:00", "purchase"), event("2026-06-02T10:00:00.000001", "call")]
    assert why("did form then purchase within 1 days", company(*later)).holds
    assert not why("did form then purchase then call within 1 days", company(*later)).holds
    assert why("did form then purchase then call within 25 hours", company(*later)).count == 3


def test_as_json_every_key_is_there() -> None:
    rule = parse("companies where did purchase (value > 60) in last 40 days and founded is known")

    said = explain(rule, WORDS, ACME, NOW).as_json()

    assert said["node"] == "rule" and said["turns"] == "2026-06-19T10:00:00Z"  # noqa: PT018
    (group,) = said["parts"]
    assert group["parts"][0] == {
        "node": "did",
        "text": "avec au moins un événement « Achat » (dont le montant est de plus de 60) dans les 40 derniers jours",
        "holds": True,
        "found": "1 événement, le 10/05/2026 12:00",
        "note": "",
        "values": [],
        "count": 1,
        "events": [
            {"id": "", "ts": "2026-05-10T10:00:00Z", "kind": "purchase",
             "values": {"value": "100", "product": "Presse", "lot": "12.5"}},
        ],
        "turns": "2026-06-19T10:00:00Z",
        "of": None,
        "parts": [],
    }  # fmt: skip
    assert group["parts"][1]["values"] == ["2001-04-30"]
    assert {*said} == {*group} == {*group["parts"][0]}


# When time alone turns it


def at(text: str) -> datetime:
    """An instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "turns"),
    [
        ('city = "Lyon"', None),
        ("did page_view", None),
        ("did page_view in last 30 days", "2026-07-14T10:00"),
        ("not did page_view in last 30 days", "2026-07-14T10:00"),
        ("did page_view at least 2 times in last 30 days", "2026-07-10T10:00"),
        ("did page_view at least 4 times in last 30 days", None),
        ("did page_view exactly 2 times in last 30 days", "2026-07-01T10:00"),
        ("did page_view in last 36 hours", "2026-06-15T22:00"),
        ("did page_view in last 2 weeks", "2026-06-28T10:00"),
        ("did page_view in last 90000 months", "9526-06-14T10:00"),  # it began before the first day there is
        ("did page_view in last 100000 months", None),  # and this one ends after the last
        ("did page_view before 2026-07-01", None),
        ("did page_view after 2026-06-01", None),
        ("did form then purchase within 10 days in last 60 days", "2026-06-30T10:00"),
        ("count(page_view) in last 30 days < 0.5 * count(page_view) in last 90 days", "2026-07-10T10:00"),
        ("sum(purchase.value) in last 40 days > 50", "2026-06-19T10:00"),
        ("days since last page_view < 7", "2026-06-21T10:00"),
        ("days since last page_view <= 7", "2026-06-22T10:00"),
        ("days since last page_view = 7", "2026-06-21T10:00"),
        ("days since first page_view > 14", "2026-06-16T10:00"),
        ("days since first page_view between 14 and 16", "2026-06-18T10:00"),
        ("days since first page_view in last 10 days < 100", "2026-06-24T10:00"),  # then there is none
        ("days since last page_view < 0.5 * days since last purchase", "2026-07-15T10:00"),
        # 14 June is 1 day ago, 14 May 32 days: 1 + n < 0.5 * (32 + n) holds up to n = 29.
        ("created in last 7 days", "2026-06-19T22:00"),  # the 13th in Paris; the 20th begins there
        ("created more than 2 days ago", "2026-06-15T22:00"),
        ("own.visite in last 6 days", "2026-06-15T22:00"),
        ('has tag "Industrie" and did page_view in last 2 days', "2026-06-16T10:00"),
        ('has tag "Services" and did page_view in last 2 days', None),
        ("did page_view in last 2 days or days since last page_view > 3", "2026-06-16T10:00"),
        ("did page_view in last 2 days or days since last page_view > 1", None),
        ("did page_view in last 2 days and days since last page_view > 0", "2026-06-16T10:00"),
        ("did page_view in last 20 days and did form in last 46 days", "2026-06-16T10:00"),
    ],
)
def test_time_turns_a_condition(text: str, turns: str | None) -> None:
    said = why(text, ACME)

    assert said.turns == (at(turns) if turns else None)
    if said.turns:
        reader, condition = Reader(WORDS, said.turns), parse(f"companies where {text}").where
        assert reader.holds(condition, ACME) is not said.holds
        assert reader.at(said.turns - TICK).holds(condition, ACME) is said.holds


def test_an_event_at_a_months_end_leaves_comes_back_and_leaves() -> None:
    """A month before 28, 29, 30 and 31 March 2026 is 28 February: at 13:00 it has gone by, at midnight it has not."""
    facts = company(event("2026-02-28T12:00"))  # 13:00 in Paris
    expected = [
        "2026-03-28T12:00", "2026-03-28T23:00", "2026-03-29T11:00", "2026-03-29T22:00", "2026-03-30T11:00",
        "2026-03-30T22:00", "2026-03-31T11:00",
    ]  # fmt: skip

    now, turns = at("2026-03-01T10:00"), []
    while turn := why("did page_view in last 1 months", facts, now).turns:
        turns.append(turn)
        now = turn

    assert turns == [at(each) for each in expected]


def test_an_event_of_the_31st_leaves_when_a_shorter_month_is_over() -> None:
    """A month before 30 June is 30 May, a month before 1 July is 1 June: 31 May leaves as July begins."""
    said = why("did page_view in last 1 months", company(event("2026-05-31T12:00")))

    assert said.turns == at("2026-06-30T22:00")


def test_an_hour_that_is_skipped_is_read_as_the_one_after() -> None:
    """On 29 March 2026 Paris skips 2:00 to 3:00; the clock of 29 April reads both hours as the same of 29 March."""
    facts = company(event("2026-03-29T01:15"))  # 3:15, an hour and a quarter after 2 o'clock was 3 o'clock
    first = why("did page_view in last 1 months", facts, at("2026-04-20T10:00")).turns

    assert first == at("2026-04-29T00:15")  # 2:15, read as 3:15
    again = why("did page_view in last 1 months", facts, first).turns
    assert again == at("2026-04-29T01:00")  # 3:00 is 3:00: it is back
    assert why("did page_view in last 1 months", facts, again).turns == at("2026-04-29T01:15")


def test_an_hour_that_is_repeated_looks_back_twice() -> None:
    """On 25 October 2026 Paris has 2:00 to 3:00 twice: the second time, the same hour of September is back."""
    facts = company(event("2026-09-25T00:15"))  # 2:15
    first = why("did page_view in last 1 months", facts, at("2026-10-20T10:00")).turns

    assert first == at("2026-10-25T00:15")
    again = why("did page_view in last 1 months", facts, first).turns
    assert again == at("2026-10-25T01:00")
    assert why("did page_view in last 1 months", facts, again).turns == at("2026-10-25T01:15")


def test_a_day_begins_when_the_local_clock_says_so() -> None:
    """In Paris, 29 March 2026 has 23 hours: it begins at 23:00 UTC, 30 March at 22:00 UTC."""
    now = at("2026-03-29T10:00")
    facts = company(values={"founded": date(2026, 3, 29)})

    assert why("founded in last 1 days", facts, now).turns == at("2026-03-29T22:00")
    assert why("founded in last 1 days", facts, at("2026-03-28T10:00")).turns == at("2026-03-28T23:00")
    assert why("founded more than 1 days ago", facts, now).turns == at("2026-03-30T22:00")


def test_a_day_of_an_event_turns_its_condition() -> None:
    facts = company(event("2026-06-01T10:00", "visite", jour="2026-06-20"))

    assert why("did visite (jour in last 2 days)", facts).turns == at("2026-06-19T22:00")
    assert why("did visite (not jour in last 2 days)", facts).turns == at("2026-06-19T22:00")


def test_a_contact_turns_the_condition_of_its_company() -> None:
    facts = company(contacts=(contact(11, event("2026-06-01T10:00")), contact(12, event("2026-06-10T10:00"))))

    assert why("has contact (did page_view in last 30 days)", facts).turns == at("2026-07-10T10:00")
    assert why("has at least 2 contacts (did page_view in last 30 days)", facts).turns == at("2026-07-01T10:00")


def test_a_rank_of_events_does_not_say_when_it_turns() -> None:
    rank = n.Test(n.Aggregate("count", "page_view", window=n.Last(30, "days")), "in top", (Decimal(50),))
    said = why("count(page_view) in last 30 days in top 50% or did page_view in last 2 days",
               replace(ACME, edges={rank: Fraction(9)}))  # fmt: skip

    assert said.holds
    assert (said.turns, said.parts[1].turns) == (None, at("2026-06-16T10:00"))


_CLOCKS = st.sampled_from([NOW, at("2026-03-28T10:00"), at("2026-10-24T10:00"), at("2026-03-31T09:00")])
_WINDOWED = st.sampled_from([
    "did page_view in last 1 months", "did page_view at least 2 times in last 2 months",
    "count(page_view) in last 3 weeks = 1", "days since first page_view in last 1 months > 3",
    "average days between page_view in last 30 days > 2",
    "did page_view in last 1 months and not did page_view in last 10 days",
])  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(_WINDOWED, _CLOCKS, st.lists(st.integers(0, 70 * 24 * 4), max_size=4))
def test_nothing_turns_before_it_is_said_to(text: str, now: datetime, quarters: list[int]) -> None:
    """Read every quarter of an hour: the truth changes when it was foreseen, and not before."""
    facts = company(*(Happening(now - timedelta(minutes=15 * each), "page_view") for each in quarters))
    said, condition = why(text, facts, now), parse(f"companies where {text}").where
    reader = Reader(WORDS, now)

    steps = (now + timedelta(minutes=15 * step) for step in range(75 * 24 * 4))
    first = next((each for each in steps if reader.at(each).holds(condition, facts) is not said.holds), None)

    assert said.turns == first
