"""A rule as a sentence, in both languages; what was expected was read and corrected by hand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamis.messages import LANGUAGES, speaking
from tamis.rules import nodes as n
from tamis.rules.checking import check
from tamis.rules.fields import BUILT_IN, own_field
from tamis.rules.operators import ALL
from tamis.rules.parsing import parse
from tamis.rules.sentences.describing import describe, tell
from tamis.rules.vocabulary import AudienceWord, ListWord, StatusWord, TagWord, Vocabulary
from tamis.sources import event_kinds
from tamis.sources.event_kinds import Kind, Phase, Property

OWN = dict([
    own_field("companies", "taille_du_parc", "Taille du parc", "number"),
    own_field("companies", "ville", "Ville", "text"),
    own_field("companies", "actif", "Actif", "yes-no"),
])  # fmt: skip
VISIT = Kind("visite", "Visite d'atelier", Phase.BEFORE, own=(Property("jour", "Jour", "date"),))
WORDS = Vocabulary(
    {"companies": {**BUILT_IN["companies"], **OWN}, "contacts": BUILT_IN["contacts"]},
    kinds={**event_kinds.BUILT_IN, "visite": VISIT},
    lists=(ListWord(1, "prospect-salons"),),
    tags=(TagWord(1, "Industrie", "Secteur"),),
    statuses=(StatusWord(1, "chaud"),),
    audiences=(AudienceWord(1, "Opportunités en cours", "contacts"),),
)


def plain(text: str) -> str:
    """A sentence with the spaces that everybody's keyboard has."""
    return text.replace("\u202f", " ").replace("\xa0", " ")


EXPECTED = [
    (
        'companies where city = "Lyon"',
        "Entreprises dont la ville est « Lyon »",
        "Companies whose city is “Lyon”",
    ),
    (
        'companies where not city = "Lyon"',
        "Entreprises dont la ville manque ou n'est pas « Lyon »",
        "Companies whose city is missing or is not “Lyon”",
    ),
    (
        'companies where city != "Lyon" and not city != "Paris"',
        "Entreprises dont la ville est autre que « Lyon » et dont la ville manque ou est « Paris »",
        "Companies whose city is other than “Lyon” and whose city is missing or is “Paris”",
    ),
    (
        "companies where headcount = 12 or not headcount = 12 or headcount != 12",
        "Entreprises dont l'effectif est de 12, dont l'effectif manque ou n'est pas de 12 ou dont l'effectif "
        "est autre que 12",
        "Companies whose headcount is 12, whose headcount is missing or is not 12 or whose headcount is other than 12",
    ),
    (
        "companies where headcount < 10 and headcount >= 5 and not headcount > 7 and revenue <= 1234567.5",
        "Entreprises dont l'effectif est de moins de 10, dont l'effectif est d'au moins 5, dont l'effectif "
        "manque ou est d'au plus 7 et dont le chiffre d'affaires est d'au plus 1 234 567,5",
        "Companies whose headcount is less than 10, whose headcount is at least 5, whose headcount is "
        "missing or is at most 7 and whose revenue is at most 1,234,567.5",
    ),
    (
        "companies where founded < 2026-03-01 and founded >= 2020-01-15 and not founded after 2025-12-31 and "
        "founded before 2026-02-01",
        "Entreprises dont la date de création est avant le 1er mars 2026, dont la date de création est au "
        "plus tôt le 15 janvier 2020, dont la date de création manque ou est au plus tard le 31 décembre "
        "2025 et dont la date de création est avant le 1er février 2026",
        "Companies whose date of foundation is before 1 March 2026, whose date of foundation is at the "
        "earliest 15 January 2020, whose date of foundation is missing or is at the latest 31 December 2025 "
        "and whose date of foundation is before 1 February 2026",
    ),
    (
        "companies where not (headcount between 50 and 249) and founded between 2026-01-01 and 2026-03-31",
        "Entreprises dont l'effectif manque ou n'est pas entre 50 et 249 et dont la date de création est "
        "entre le 1er janvier 2026 et le 31 mars 2026",
        "Companies whose headcount is missing or is not between 50 and 249 and whose date of foundation is "
        "between 1 January 2026 and 31 March 2026",
    ),
    (
        "companies where created in last 30 days and updated in last 1 days and founded more than 365 days "
        "ago and not created in last 7 days",
        "Entreprises dont l'entrée dans la base est dans les 30 derniers jours, dont la dernière "
        "modification est aujourd'hui, dont la date de création remonte à plus de 365 jours et dont l'entrée "
        "dans la base manque ou n'est pas dans les 7 derniers jours",
        "Companies whose entry into the base is in the last 30 days, whose last change is today, whose date "
        "of foundation is more than 365 days ago and whose entry into the base is missing or is not in the "
        "last 7 days",
    ),
    (
        'companies where naf in ("6201Z", "6202A", "43.22B") and not department in ("69", "1") and '
        'legal_category in ("5710")',
        "Entreprises dont le code NAF est « 62.01Z », « 62.02A » ou « 43.22B », dont le département manque "
        "ou n'est ni « 69 » ni « 01 » et dont la catégorie juridique est « 5710 »",
        "Companies whose NAF code is “62.01Z”, “62.02A” or “43.22B”, whose department is missing or is "
        "neither “69” nor “01” and whose legal category is “5710”",
    ),
    (
        'companies where name contains "Élec" and not name contains any of ("SCI", "holding") and name != '
        '"Acme" and not name != "Acme"',
        "Entreprises dont un nom contient « Élec », dont aucun nom ne contient « SCI » ou « holding », dont "
        "on connaît un nom mais dont aucun nom n'est « Acme » et (dont on ne connaît aucun nom ou dont un "
        "nom est « Acme »)",
        "Companies with at least one name that contains “Élec”, with no name that contains “SCI” or "
        "“holding”, with at least one known name but with no name that is “Acme” and (with no known name or "
        "with at least one name that is “Acme”)",
    ),
    (
        'companies where website ends with ".fr" and siret is known and vat is missing and not email_domain is missing',
        "Entreprises dont un site web finit par « .fr », dont on connaît un SIRET, dont on ne connaît aucun "
        "numéro de TVA et dont on connaît un domaine e-mail",
        "Companies with at least one website that ends with “.fr”, with at least one known SIRET, with no "
        "known VAT number and with at least one known email domain",
    ),
    (
        'companies where address is exactly "12, rue «X»" and region is known and postal_code is missing and '
        'not acronym starts with "A"',
        "Entreprises dont l'adresse est exactement « 12, rue «X» », dont on connaît la région, dont on ne "
        "connaît pas le code postal et dont aucun sigle ne commence par « A »",
        "Companies whose address is exactly “12, rue «X»”, whose region is known, whose postal code is not "
        "known and with no acronym that starts with “A”",
    ),
    (
        "companies where revenue in top 20% and not headcount in bottom 5%",
        "Entreprises dont le chiffre d'affaires est dans les 20 % du haut et dont l'effectif manque ou n'est "
        "pas dans les 5 % du bas",
        "Companies whose revenue is in the top 20% and whose headcount is missing or is not in the bottom 5%",
    ),
    (
        'companies where own.taille_du_parc >= 3 and own.ville = "Lyon" and own.actif = yes and not own.actif = no',
        "Entreprises dont « Taille du parc » est d'au moins 3, dont « Ville » est « Lyon », dont « Actif » "
        "est oui et dont « Actif » manque ou n'est pas non",
        "Companies whose “Taille du parc” is at least 3, whose “Ville” is “Lyon”, whose “Actif” is yes and "
        "whose “Actif” is missing or is not no",
    ),
    (
        'contacts where company.city = "Lyon" and company.naf starts with "62" and company.own.ville is '
        'known and company.name = "Acme"',
        "Contacts dont la ville de l'entreprise est « Lyon », dont le code NAF de l'entreprise commence par "
        "« 62 », dont on connaît « Ville » de l'entreprise et dont un nom de l'entreprise est « Acme »",
        "Contacts whose company's city is “Lyon”, whose company's NAF code starts with “62”, whose company's "
        "“Ville” is known and with at least one company name that is “Acme”",
    ),
    (
        'contacts where company (headcount < 10 and in list "prospect-salons") and not company (city = "Lyon")',
        "Contacts avec une entreprise (dont l'effectif est de moins de 10 et dans la liste « prospect-salons "
        "») et sans entreprise (dont la ville est « Lyon »)",
        "Contacts with a company (whose headcount is less than 10 and in the list “prospect-salons”) and "
        "without a company (whose city is “Lyon”)",
    ),
    (
        'companies where has contact (level = "direction") and has at least 2 contacts and has no contact '
        '(city = "Paris") and has exactly 3 contacts (status = "chaud") and not has at most 1 contact',
        "Entreprises avec un contact (dont le niveau hiérarchique est « direction »), avec au moins 2 "
        "contacts, sans contact (dont la ville est « Paris »), avec exactement 3 contacts (dont le statut "
        "est « chaud ») et avec au moins 2 contacts",
        "Companies with a contact (whose level is “direction”), with at least 2 contacts, without a contact "
        "(whose city is “Paris”), with exactly 3 contacts (whose status is “chaud”) and with at least 2 "
        "contacts",
    ),
    (
        'companies where did page_view and did not purchase and did form (form = "demo" or form is missing) '
        "exactly 1 times before 2026-03-31 and did call at most 2 times after 2026-01-01",
        "Entreprises avec au moins un événement « Page vue », sans événement « Achat », avec exactement 1 "
        "événement « Formulaire envoyé » (dont le formulaire est « demo » ou dont on ne connaît pas le "
        "formulaire) avant le 31 mars 2026 et avec au plus 2 événements « Appel téléphonique » après le 1er "
        "janvier 2026",
        "Companies with at least one “Page view” event, without any “Purchase” event, with exactly 1 “Form "
        "sent” event (whose form is “demo” or whose form is not known) before 31 March 2026 and with at most "
        "2 “Phone call” events after 1 January 2026",
    ),
    (
        "companies where not did page_view at least 3 times in last 2 weeks and not did call at most 2 times "
        "and not did call exactly 1 times and did purchase at least 0 times",
        "Entreprises avec au plus 2 événements « Page vue » dans les 2 dernières semaines, avec au moins 3 "
        "événements « Appel téléphonique », sans avoir exactement 1 événement « Appel téléphonique » et avec "
        "au moins 0 événement « Achat »",
        "Companies with at most 2 “Page view” events in the last 2 weeks, with at least 3 “Phone call” "
        "events, without exactly 1 “Phone call” event and with at least 0 “Purchase” events",
    ),
    (
        'companies where did form (form = "demo") then purchase (value > 100.5) then review within 14 days '
        "in last 6 months and not did page_view then form within 1 hours",
        "Entreprises avec la suite « Formulaire envoyé » (dont le formulaire est « demo ») puis « Achat » "
        "(dont le montant est de plus de 100,5) puis « Avis laissé » en 14 jours au plus dans les 6 derniers "
        "mois et sans la suite « Page vue » puis « Formulaire envoyé » en 1 heure au plus",
        "Companies with the sequence “Form sent” (whose form is “demo”) then “Purchase” (whose amount is "
        "more than 100.5) then “Review left” within 14 days in the last 6 months and without the sequence "
        "“Page view” then “Form sent” within 1 hour",
    ),
    (
        "contacts where count(page_view) in last 24 hours >= 10 and count distinct(page_view.path) > 3 and "
        "not count(purchase) = 0",
        "Contacts dont le nombre d'événements « Page vue » dans les 24 dernières heures est d'au moins 10, "
        "dont le nombre de valeurs différentes de « chemin » des événements « Page vue » est de plus de 3 et "
        "dont le nombre d'événements « Achat » n'est pas de 0",
        "Contacts whose number of “Page view” events in the last 24 hours is at least 10, whose number of "
        "different values of “path” over the “Page view” events is more than 3 and whose number of "
        "“Purchase” events is not 0",
    ),
    (
        'contacts where sum(purchase.value) (channel = "web") in last 365 days > 10000 and avg(survey.score) '
        ">= 7.5 and not avg(survey.score) < 5 and min(purchase.value) < 1 and max(purchase.value) between "
        "2026-01-01 and 2026-01-31 is missing",
        "Contacts dont la somme de « montant » des événements « Achat » (dont le canal est « web ») dans les "
        "365 derniers jours est de plus de 10 000, dont la moyenne de « note » des événements « Enquête de "
        "satisfaction » est d'au moins 7,5, dont la moyenne de « note » des événements « Enquête de "
        "satisfaction » manque ou est d'au moins 5, dont le minimum de « montant » des événements « Achat » "
        "est de moins de 1 et dont on ne connaît pas le maximum de « montant » des événements « Achat » "
        "entre le 1er janvier 2026 et le 31 janvier 2026",
        "Contacts whose sum of “amount” over the “Purchase” events (whose channel is “web”) in the last 365 "
        "days is more than 10,000, whose average of “score” over the “Satisfaction survey” events is at "
        "least 7.5, whose average of “score” over the “Satisfaction survey” events is missing or is at least "
        "5, whose minimum of “amount” over the “Purchase” events is less than 1 and whose maximum of "
        "“amount” over the “Purchase” events between 1 January 2026 and 31 January 2026 is not known",
    ),
    (
        'contacts where most frequent(email_open.mail_client) in last 3 months = "Outlook" and days since '
        "first purchase > 365 and days since last purchase in (1, 2, 3) and average days between purchase <= "
        "30",
        "Contacts dont la valeur la plus fréquente de « logiciel de messagerie » des événements « E-mail "
        "ouvert » dans les 3 derniers mois est « Outlook », dont le nombre de jours depuis le premier "
        "événement « Achat » est de plus de 365, dont le nombre de jours depuis le dernier événement « Achat "
        "» est de 1, 2 ou 3 et dont le nombre moyen de jours entre deux événements « Achat » est d'au plus 30",
        "Contacts whose most frequent value of “mail client” over the “E-mail opened” events in the last 3 "
        "months is “Outlook”, whose number of days since the first “Purchase” event is more than 365, whose "
        "number of days since the last “Purchase” event is 1, 2 or 3 and whose average number of days "
        "between two “Purchase” events is at most 30",
    ),
    (
        "contacts where count(page_view) in last 30 days < 0.5 * count(page_view) in last 90 days and "
        "count(call) = count(meeting) and not (sum(purchase.value) >= 2 * sum(refund.value))",
        "Contacts dont le nombre d'événements « Page vue » dans les 30 derniers jours vaut moins que 0,5 "
        "fois le nombre d'événements « Page vue » dans les 90 derniers jours, dont le nombre d'événements « "
        "Appel téléphonique » vaut le nombre d'événements « Rendez-vous » et ne remplissant pas (dont la "
        "somme de « montant » des événements « Achat » vaut au moins 2 fois la somme de « montant » des "
        "événements « Remboursement »)",
        "Contacts whose number of “Page view” events in the last 30 days is less than 0.5 times the number "
        "of “Page view” events in the last 90 days, whose number of “Phone call” events equals the number of "
        "“Meeting” events and not meeting (whose sum of “amount” over the “Purchase” events is at least 2 "
        "times the sum of “amount” over the “Refund” events)",
    ),
    (
        'contacts where in segment client and not in segment hors-cible and in list "prospect-salons" and '
        'not in list "prospect-salons" and in audience "Opportunités en cours" and not in audience '
        '"Opportunités en cours"',
        "Contacts dans le segment « client », hors du segment « hors-cible », dans la liste « "
        "prospect-salons », hors de la liste « prospect-salons », dans l'audience « Opportunités en cours » "
        "et hors de l'audience « Opportunités en cours »",
        "Contacts in the segment “customer”, outside the segment “off target”, in the list "
        "“prospect-salons”, outside the list “prospect-salons”, in the audience “Opportunités en cours” and "
        "outside the audience “Opportunités en cours”",
    ),
    (
        'contacts where has tag "Industrie" in "Secteur" and has tag "Industrie" and not has tag "Industrie" '
        'and status = "CHAUD" and civility = "monsieur" and origin = "static"',
        "Contacts avec le tag « Industrie » de la catégorie « Secteur », avec le tag « Industrie », sans le "
        "tag « Industrie », dont le statut est « chaud », dont la civilité est « M. » et dont l'origine est "
        "« statique »",
        "Contacts with the tag “Industrie” of the category “Secteur”, with the tag “Industrie”, without the "
        "tag “Industrie”, whose status is “chaud”, whose civility is “M.” and whose origin is “static”",
    ),
    (
        'companies where city = "A" or city = "B" and (naf = "62.01Z" or not (name = "C" and (headcount = 1 '
        "or headcount = 2)))",
        "Entreprises dont la ville est « A » ou (dont la ville est « B » et [dont le code NAF est « 62.01Z » "
        "ou ne remplissant pas (dont un nom est « C » et [dont l'effectif est de 1 ou dont l'effectif est de "
        "2])])",
        "Companies whose city is “A” or (whose city is “B” and [whose NAF code is “62.01Z” or not meeting "
        "(with at least one name that is “C” and [whose headcount is 1 or whose headcount is 2])])",
    ),
    (
        'companies where did visite (jour in last 1 days and note > 3 and not type_de_lot = "x") in last 1 months',
        "Entreprises avec au moins un événement « Visite d'atelier » (dont « Jour » est aujourd'hui, dont « "
        "note (non définie) » est de plus de 3 et dont « type_de_lot » manque ou n'est pas « x ») dans le dernier "
        "mois",
        "Companies with at least one “Visite d'atelier” event (whose “Jour” is today, whose “note” is more "
        "than 3 and whose “type_de_lot” is missing or is not “x”) in the last month",
    ),
    (
        "contacts where count(purchase) in top 10% and not sum(purchase.value) in bottom 50% and not (not "
        'city = "Lyon")',
        "Contacts dont le nombre d'événements « Achat » est dans les 10 % du haut, dont la somme de « "
        "montant » des événements « Achat » n'est pas dans les 50 % du bas et dont la ville est « Lyon »",
        "Contacts whose number of “Purchase” events is in the top 10%, whose sum of “amount” over the "
        "“Purchase” events is not in the bottom 50% and whose city is “Lyon”",
    ),
]


@pytest.mark.parametrize(("text", "french", "english"), EXPECTED)
def test_a_rule_is_a_sentence_in_french_and_in_english(text: str, french: str, english: str) -> None:
    rule = parse(text)
    check(rule, WORDS, text)

    with speaking("fr"):
        assert plain(describe(rule, WORDS)) == french
    with speaking("en"):
        assert plain(describe(rule, WORDS)) == english


def test_every_operator_window_and_aggregate_is_among_them() -> None:
    rules = [parse(text) for text, _, _ in EXPECTED]

    def used(type: Any) -> list[Any]:
        return [each for rule in rules for each in n.every(rule, type)]

    assert {each.operator for each in used(n.Test)} == {each.key for each in ALL}
    assert {each.function for each in used(n.Aggregate)} == {*get_args(n.Function)}
    assert {each.unit for each in used(n.Last)} == {"hours", "days", "weeks", "months"}
    assert all(used(each) for each in (n.Before, n.After, n.Between))
    assert {each.operator for each in used(n.Comparison)} >= {"<", "=", ">="}


def test_what_cannot_be_seen_in_a_text_is_shown() -> None:
    rule = parse('companies where city = "a\\n\\u202eb"')

    assert describe(rule, WORDS) == "Entreprises dont la ville est « a\\n\\u202eb »"


@pytest.mark.parametrize(
    ("text", "node", "told"),
    [
        ("did page_view in last 30 days", n.Last, "dans les 30 derniers jours"),
        ("count(page_view) > 3", n.Aggregate, "le nombre d'événements « Page vue »"),
        ('did form then call (reason = "x") within 2 days', n.Step, "« Formulaire envoyé »"),
        ("headcount > 3", n.Field, "l'effectif"),
    ],
)
def test_a_node_is_told_alone(text: str, node: Any, told: str) -> None:
    rule = parse(f"companies where {text}")

    assert tell(n.every(rule, node)[0], WORDS, rule.subject) == told


# Rules that say different things never read alike

_TEXTS = st.sampled_from(["a", "b", "a ou b"])
_NUMBERS = st.sampled_from([Decimal(1), Decimal(2), Decimal("0.5")])
_DAYS = st.sampled_from([date(2026, 1, 1), date(2026, 1, 31)])
_WINDOWS = st.one_of(
    st.none(),
    st.builds(n.Last, st.integers(1, 2), st.sampled_from(["hours", "days", "weeks", "months"])),
    st.builds(n.Before, _DAYS),
    st.builds(n.After, _DAYS),
    st.builds(n.Between, _DAYS, _DAYS),
)


def _tests(field: str, values: Any, operators: list[str]) -> Any:
    return st.builds(
        lambda operator, value: n.Test(n.Field(field), operator, (value,)), st.sampled_from(operators), values
    )


_TEXT_OPERATORS = ["=", "!=", "contains", "starts with", "ends with", "is exactly"]
_NUMBER_OPERATORS = ["=", "!=", "<", "<=", ">", ">="]
_PROPERTIES = st.one_of(_tests("path", _TEXTS, _TEXT_OPERATORS), _tests("duration", _NUMBERS, _NUMBER_OPERATORS))
_TIMES = st.builds(n.Times, st.sampled_from(["at least", "exactly"]), st.integers(1, 3))
_KINDS = st.sampled_from(["page_view", "form"])
_STEPS = st.builds(n.Step, _KINDS, st.none() | _PROPERTIES)
_AGGREGATES = st.one_of(
    st.builds(n.Aggregate, st.sampled_from(["count", "days since last", "average days between"]), _KINDS,
              where=st.none() | _PROPERTIES, window=_WINDOWS),
    st.builds(n.Aggregate, st.sampled_from(["sum", "avg", "min", "max"]), _KINDS, st.just("duration"),
              where=st.none(), window=_WINDOWS),
)  # fmt: skip
_LEAVES = st.one_of(
    _tests("city", _TEXTS, _TEXT_OPERATORS),
    _tests("headcount", _NUMBERS, _NUMBER_OPERATORS),
    _tests("founded", _DAYS, ["=", "!=", "before", "after", "<=", ">="]),
    _tests("name", _TEXTS, ["=", "!=", "contains"]),
    st.builds(lambda values: n.Test(n.Field("city"), "in", values),
              st.lists(_TEXTS, min_size=2, max_size=3, unique=True).map(tuple)),
    st.builds(n.Did, _KINDS, st.none() | _PROPERTIES, _TIMES, _WINDOWS),
    st.builds(n.Sequence, st.lists(_STEPS, min_size=2, max_size=3).map(tuple), st.integers(1, 2),
              st.sampled_from(["hours", "days"]), _WINDOWS),
    st.builds(lambda figure, operator, value: n.Test(figure, operator, (value,)), _AGGREGATES,
              st.sampled_from(_NUMBER_OPERATORS), _NUMBERS),
    st.builds(n.Comparison, _AGGREGATES, st.sampled_from(_NUMBER_OPERATORS), _AGGREGATES, _NUMBERS),
    st.builds(n.InSegment, st.sampled_from(["client", "prospect"])),
    st.builds(n.HasTag, st.just("Industrie"), st.sampled_from(["", "Secteur"])),
    st.builds(n.HasContact, st.none() | _tests("level", _TEXTS, _TEXT_OPERATORS), _TIMES),
)  # fmt: skip


def _inner(conditions: Any) -> Any:
    several = st.lists(conditions, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(n.AllOf, several), st.builds(n.AnyOf, several), st.builds(n.Not, conditions))


RULES = st.builds(n.Rule, st.just("companies"), st.recursive(_LEAVES, _inner, max_leaves=5))
_OPPOSITES = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "before": ">=", "after": "<="}


def meaning(node: Any, denied: bool = False) -> Any:
    """The rule without its different ways of writing one thing: what has one sentence because it is one question."""
    match node:
        case n.Rule(_, where):
            return meaning(where)
        case n.Not(condition):
            return meaning(condition, not denied)
        case n.AllOf(conditions) | n.AnyOf(conditions):
            return denied, type(node), tuple(meaning(each) for each in conditions)
        case n.Did(times=n.Times("at least", times)) | n.HasContact(times=n.Times("at least", times)) if denied:
            return meaning(replace(node, times=n.Times("at most", times - 1)))
        case n.Did(times=n.Times("at most", 0)) | n.HasContact(times=n.Times("at most", 0)):
            return meaning(replace(node, times=n.Times("exactly", 0)))
        case n.Test(n.Field("founded"), "before", values):
            return meaning(n.Test(node.measure, "<", values), denied)
        case n.Test(n.Field("founded"), "after", values):
            return meaning(n.Test(node.measure, ">", values), denied)
        case n.Test(n.Aggregate(function="count" | "sum"), operator, values) if denied and operator in _OPPOSITES:
            return meaning(n.Test(node.measure, _OPPOSITES[operator], values))  # never missing
    return denied, node


def _trees(leaves: tuple[Any, ...], deep: int) -> list[Any]:
    """Every tree of these leaves, each there once, in this order."""
    if len(leaves) == 1:
        trees: list[Any] = [leaves[0]]
    else:
        trees = []
        for first in range(1, len(leaves)):
            for one in _trees(leaves[:first], deep):
                for other in _trees(leaves[first:], deep):
                    trees += [n.AllOf((one, other)), n.AnyOf((one, other))]
        trees += [n.AllOf(leaves), n.AnyOf(leaves)] if len(leaves) > 2 else []
    return trees + [n.Not(each) for each in trees if deep]


def test_no_two_nestings_read_alike() -> None:
    leaves = tuple(parse(f"companies where {text}").where for text in ('city = "A"', "headcount > 3", "did form"))
    trees = _trees(leaves, 1)

    for language in LANGUAGES:
        with speaking(language):
            told = {describe(n.Rule("companies", each), WORDS) for each in trees}
            assert len(told) == len({repr(meaning(each)) for each in trees})


@settings(max_examples=400, deadline=None)
@given(st.lists(RULES, min_size=2, max_size=6))
def test_what_differs_in_meaning_differs_in_words(rules: list[n.Rule]) -> None:
    for language in LANGUAGES:
        with speaking(language):
            told: dict[str, Any] = {}
            for rule in rules:
                sentence = describe(rule, WORDS)
                assert "{" not in sentence
                assert told.setdefault(sentence, meaning(rule)) == meaning(rule), sentence
