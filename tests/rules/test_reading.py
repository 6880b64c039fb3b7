"""A sentence is read back into the rule that it was told of, and what people type into the rule that they mean."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rules.cases import Case, case_files
from rules.oracle import Oracle, answer
from rules.random_worlds import random_world
from rules.strategies import rules
from rules.test_describing import EXPECTED, RULES, WORDS
from rules.test_examples import EXAMPLES, FOUND, Example
from rules.test_examples import NOW as EXAMPLES_NOW
from rules.test_examples import WORLD as EXAMPLES_WORLD

from tamis.messages import LANGUAGES, speaking
from tamis.rules import nodes as n
from tamis.rules.checking import check
from tamis.rules.errors import RuleError
from tamis.rules.fields import BUILT_IN
from tamis.rules.parsing import parse
from tamis.rules.rendering import render
from tamis.rules.sentences.describing import describe
from tamis.rules.sentences.lexing import tokens
from tamis.rules.sentences.reading import read
from tamis.rules.templates import TEMPLATES
from tamis.rules.vocabulary import ListWord, Vocabulary
from tamis.sources import event_kinds
from tamis.sources.event_kinds import Kind, Phase, Property

pytestmark = pytest.mark.sqlite_only  # no database is asked: once is enough

NOW = datetime(2026, 6, 15, 10, tzinfo=UTC)
ASKED = int(os.environ.get("TAMIS_RULES", "0"))
WORLDS = [pytest.param(seed, marks=[pytest.mark.soak] if seed > 3 and not ASKED else []) for seed in range(1, 41)]


def by_chance(examples: int) -> Any:
    return settings(
        max_examples=ASKED or examples, deadline=None, database=None, derandomize=not ASKED,
        suppress_health_check=[*HealthCheck],
    )  # fmt: skip


def both_ways(rule: n.Rule, words: Vocabulary) -> list[n.Rule]:
    """What is read of a rule's sentences, which tell what the rule tells."""
    found = []
    for language in LANGUAGES:
        with speaking(language):
            sentence = describe(rule, words)
            found.append(read(sentence, words))
            assert describe(found[-1], words) == sentence
    return found


# What is told is read


@pytest.mark.parametrize(("text", "french", "english"), EXPECTED)
def test_the_sentences_read_by_hand_are_read_back(text: str, french: str, english: str) -> None:
    for language, sentence in zip(LANGUAGES, (french, english), strict=True):
        with speaking(language):
            assert describe(read(sentence, WORDS), WORDS) == describe(parse(text), WORDS)


CASES = [(file, case) for file in case_files() for case in file.cases]


@pytest.mark.parametrize(("file", "case"), CASES, ids=[case.name for _, case in CASES])
def test_a_case_is_read_back_and_finds_the_same(file: Any, case: Case) -> None:
    oracle = Oracle(file.world, case.now)
    for rule in both_ways(parse(case.rule), oracle.words):
        assert oracle.answer(rule) == case.ids


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: f"{each.point}-{each.number}")
def test_a_documented_example_is_read_back_and_finds_the_same(example: Example) -> None:
    for rule in both_ways(parse(example.rule), EXAMPLES_WORLD.vocabulary()):
        assert answer(rule, EXAMPLES_WORLD, EXAMPLES_NOW) == FOUND[example.point][example.number]


def test_every_template_of_the_builder_is_read_back() -> None:
    rules = [parse(each.rule) for each in TEMPLATES]
    lists = {each.list for rule in rules for each in n.every(rule, n.InList)}
    words = replace(WORDS, lists=tuple(ListWord(number, name) for number, name in enumerate(sorted(lists))))
    for rule in rules:
        for again in both_ways(rule, words):
            assert {each.name for each in n.every(again, n.Field)} == {each.name for each in n.every(rule, n.Field)}


@pytest.mark.parametrize("seed", WORLDS)
def test_a_random_rule_is_read_back_and_finds_the_same(seed: int) -> None:
    world, now = random_world(seed)
    oracle = Oracle(world, now, world.vocabulary())

    @by_chance(100)
    @given(rules())
    def ask(rule: n.Rule) -> None:
        wanted = oracle.answer(rule)
        for again in both_ways(rule, oracle.words):
            assert oracle.answer(again) == wanted, render(rule)

    ask()


@by_chance(150)
@given(RULES)
def test_a_rule_of_odd_nestings_is_read_back(rule: n.Rule) -> None:
    both_ways(rule, WORDS)


@by_chance(200)
@given(st.text(max_size=12))
def test_every_text_is_read_back_to_the_letter(text: str) -> None:
    rule = n.Rule("companies", n.Test(n.Field("city"), "is exactly", (text,)))
    try:
        check(rule, WORDS)
    except RuleError:  # a text that folds to nothing
        return
    assert both_ways(rule, WORDS) == [rule, rule]


@pytest.mark.parametrize(
    "text",
    ["a » et dont la ville est « b", "a” and whose city is “b", "back\\slash\\n", "l\nm", "“a”", "«", " a ", '"'],
)
def test_a_text_says_nothing_beyond_its_quotation_marks(text: str) -> None:
    rule = n.Rule("companies", n.Test(n.Field("address"), "is exactly", (text,)))

    assert both_ways(rule, WORDS) == [rule, rule]


def test_no_two_built_in_words_have_one_label() -> None:
    for language in LANGUAGES:
        with speaking(language):
            kinds = event_kinds.BUILT_IN
            groups: list[Any] = [BUILT_IN[each].values() for each in BUILT_IN]
            groups += [WORDS.properties(each) for each in kinds]
            for words in [*groups, kinds.values()]:
                labels = [tuple(token.word for token in tokens(str(word.label))) for word in words]
                assert len({*labels}) == len(labels), labels


# What people type

SLOPPY = [
    ('entreprises dont la ville est "Lyon"', 'companies where city = "Lyon"'),
    ("ENTREPRISE DONT VILLE EST “lyon”.", 'companies where city = "lyon"'),
    ("Entreprises dont l’effectif est plus de 10", "companies where headcount > 10"),
    ("Entreprises dont effectif est au moins 1 200", "companies where headcount >= 1200"),
    ("Entreprises dont le chiffre d’affaire est de plus de 1.5", "companies where revenue > 1.5"),
    ('Entreprises dont la ville est "Lyon" et l\'effectif est de plus de 10',
     'companies where city = "Lyon" and headcount > 10'),
    ('Entreprises dont la ville est "A", "B" ou "C", et dans le segment "client"',
     'companies where city in ("A", "B", "C") and in segment client'),
    ('Entreprises dont la ville est "A" et dont la région est "B", et sans contact',
     'companies where city = "A" and region = "B" and has no contact'),
    ('Entreprises avec au moins 2 évènement "page vue" dans les 30 dernier jour',
     "companies where did page_view at least 2 times in last 30 days"),
    ('Entreprises dont le nom contient "Acier"', 'companies where name contains "Acier"'),
    ("Entreprises dont taille du parc est plus de 3", "companies where own.taille_du_parc > 3"),
    ('Entreprises dont ville est "x"', 'companies where city = "x"'),
    ('Entreprises dont "ville" est "x"', 'companies where own.ville = "x"'),
    ("Entreprises dont la date de création est après le 31/03/2026", "companies where founded > 2026-03-31"),
    ("Entreprises dont la date de création est avant 2026-03-01", "companies where founded < 2026-03-01"),
    ("Entreprises dont la date de création est avant 1 mars 2026", "companies where founded < 2026-03-01"),
    ("Entreprises avec le tag «industrie»", 'companies where has tag "Industrie"'),
    ("Entreprises dans le segment « Hors-Cible »", "companies where in segment hors-cible"),
    ("Entreprises [dont la ville est « A »] ou (avec un contact [dont l'e-mail contient « @ » et (dont la ville est "
     "« B » ou dont la ville est « C »)])",
     'companies where city = "A" or has contact (email contains "@" and (city = "B" or city = "C"))'),
    ("Entreprises dont le nombre d'événements « Achat » n'est pas 0", "companies where not count(purchase) = 0"),
    ("Entreprises dont le nombre d’événement “achat” est -3", "companies where count(purchase) = -3"),
]  # fmt: skip
SLOPPY_ENGLISH = [
    ('company whose city is "Lyon"', 'companies where city = "Lyon"'),
    ("Companies whose the headcount is more than 1,200", "companies where headcount > 1200"),
    ('Companies with at least 1 "page view" event in last 30 days', "companies where did page_view in last 30 days"),
    ("Companies whose date of foundation is after March 31, 2026", "companies where founded > 2026-03-31"),
    ("Companies whose date of foundation is before 31st march 2026", "companies where founded < 2026-03-31"),
    ("Contacts whose company’s city is «Lyon»", 'contacts where company.city = "Lyon"'),
    ('Companies in segment "Off target"', "companies where in segment hors-cible"),
]


@pytest.mark.parametrize(("sentence", "rule"), SLOPPY)
def test_a_french_sentence_is_read_as_people_type(sentence: str, rule: str) -> None:
    assert render(read(sentence, WORDS)) == rule


@pytest.mark.parametrize(("sentence", "rule"), SLOPPY_ENGLISH)
def test_an_english_sentence_is_read_as_people_type(sentence: str, rule: str) -> None:
    with speaking("en"):
        assert render(read(sentence, WORDS)) == rule


# What cannot be read

BROKEN = [
    ("Entreprises dont la vile est « Lyon »", 1, 21, "Vouliez-vous dire « ville » ?"),
    ("Entreprises dont la ville est Lyon", 1, 31, "un texte s'écrit entre guillemets"),
    ("Entreprises dont la ville est autr que « A »", 1, 31, "Vouliez-vous dire « autre que » ?"),
    ("Entreprises\ndont la ville\n  et « Lyon »", 3, 3, "« et » n'est pas attendu ici"),
    ("Entreprises dont la ville est « Lyon", 1, 31, "pas de guillemet de fin"),
    ("Entreprises dont", 1, 17, "la phrase s'arrête trop tôt ; on attend : "),
    ("", 1, 1, "on attend : Entreprises, Contacts"),
    ("Les gens dont la ville est « Lyon »", 1, 5, "On attend : Entreprises, Contacts"),
    ("Entreprises avec un contact (sans contact", 1, 42, "on attend : et, ou, )"),
    ("Entreprises avec la suite « Achat » en 2 jours au plus", 1, 37, "On attend : puis"),
    ("Entreprises sans événement « Achta »", 1, 28, "Vouliez-vous dire « Achat » ?"),
    ("Entreprises dans la liste « prospect-salon »", 1, 27, "Vouliez-vous dire « prospect-salons » ?"),
    ("Entreprises dans le segment « clients »", 1, 29, "Vouliez-vous dire « client » ?"),
    ("Entreprises dont le SIREN est « 123 »", 1, 31, "a 3 chiffres"),
    ("Entreprises dont l'effectif est de « 12 »", 1, 36, "On attend : un nombre"),
    ("Entreprises dont l'effectif est de 1.234", 1, 36, "écrivez 1234 si le point sépare les milliers"),
    ("Entreprises dont la date de création est après le 31 février 2026", 1, 51, "n'est pas un jour du calendrier"),
    ("Entreprises dont la date de création est après le 31/02/2026", 1, 51, "n'est pas un jour du calendrier"),
    ("Entreprises avec au moins 1,5 contact", 1, 27, "un nombre entier de 0"),
    ("Entreprises dont le chiffre d'affaires est dans les 120 % du haut", 1, 53, "un nombre entier de 0 à 100"),
    ("Entreprises dont le chiffre d'affaires est dans les 0 % du haut", 1, 13, "le pourcentage va de 1 à 100"),
    ("Entreprises dont la ville est « a\\q »", 1, 34, "« \\ » ne va que devant"),
    ("Contacts avec un contact", 1, 10, "un contact n'a pas de contacts"),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "line", "column", "said"), BROKEN)
def test_a_mistake_is_shown_where_it_is(sentence: str, line: int, column: int, said: str) -> None:
    with pytest.raises(RuleError) as refused:
        read(sentence, WORDS)

    error = refused.value
    assert said in str(error.reason)
    assert (error.line, error.column) == (line, column)
    shown, carets = error.shown.split("\n")
    if len(shown) < 100:  # of a longer line, the part around the mistake
        assert carets.index("^") == column - 1


# What could be meant in two ways


def refused(sentence: str, words: Vocabulary = WORDS) -> RuleError:
    with pytest.raises(RuleError) as error:
        read(sentence, words)
    return error.value


def test_and_beside_or_wants_brackets() -> None:
    error = refused("Entreprises dont la ville est « A » et dans le segment « client » ou sans contact")

    assert (error.code, error.line, error.column) == ("rule.mixed", 1, 67)
    assert "entre parenthèses" in str(error.reason)


def test_a_comma_alone_is_neither_and_nor_or() -> None:
    error = refused("Entreprises dont la ville est « A », sans contact")

    assert error.code == "rule.link"
    assert "mettez « et » ou « ou »" in str(error.reason)


def test_not_asks_what_becomes_of_those_whose_value_is_missing() -> None:
    error = refused("Entreprises dont la ville n'est pas « Lyon »")
    assert (error.code, error.column) == ("rule.missing", 13)
    assert "« … manque ou n'est pas … », ou « est autre que »" in str(error.reason)

    several = refused("Entreprises dont le nom ne contient pas « SA »")
    assert "« dont aucun … » ou « dont on connaît un … mais dont aucun … »" in str(several.reason)


def test_a_denial_that_is_begun_is_never_overlooked() -> None:
    error = refused("Entreprises dont la ville n'est « Lyon »")
    assert (error.code, error.column) == ("rule.sentence", 33)
    assert "On attend : pas" in str(error.reason)

    spoken = read("Entreprises dont aucun nom est « Lyon »", WORDS)  # « ne » is often left out
    assert render(spoken) == 'companies where not name = "Lyon"'


def test_a_label_of_two_things_is_refused_with_both() -> None:
    twins = (Kind("visite_a", "Visite", Phase.BEFORE), Kind("visite_b", "visite", Phase.BEFORE))
    words = replace(WORDS, kinds={each.key: each for each in twins})

    error = refused("Entreprises sans événement « Visite »", words)

    assert error.code == "rule.ambiguous"
    assert "companies where did not visite_a" in str(error.reason)
    assert "companies where did not visite_b" in str(error.reason)


def test_a_property_that_nobody_defined_says_so_where_it_has_the_label_of_another() -> None:
    lots = Kind("lot", "Lot", Phase.BEFORE, own=(Property("montant_ht", "total", "number"),))
    words = replace(WORDS, kinds={"lot": lots})
    conditions = ('(montant = "x")', "(value = 3)", '(total = "x")', "(montant_ht = 3)")
    figures = ("montant", "value", "total", "montant_ht")
    texts = [f"did lot {each}" for each in conditions] + [f"count distinct(lot.{each}) > 3" for each in figures]
    for text in texts:
        rule = parse(f"companies where {text}")
        assert both_ways(rule, words) == [rule, rule]


# Whatever is typed

PIECES = sorted({word for _, french, _ in EXPECTED for word in french.split()} | {*"()[]«»,"})


def mistake(sentence: str) -> RuleError | None:
    try:
        read(sentence, WORDS)
    except RuleError as error:
        return error
    return None


@by_chance(300)
@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join)))
def test_nothing_that_is_typed_is_more_than_a_mistake(text: str) -> None:
    for language in LANGUAGES:
        with speaking(language):
            for sentence in (text, f"Entreprises {text}", f"Companies whose {text}"):
                error = mistake(sentence)
                assert error is None or 0 <= error.span.start <= max(len(sentence), 1)


@by_chance(200)
@given(RULES, st.data())
def test_a_sentence_that_loses_a_word_is_another_rule_or_a_mistake(rule: n.Rule, data: Any) -> None:
    said = describe(rule, WORDS).split(" ")
    place = data.draw(st.integers(0, len(said) - 1))
    sentence = " ".join(said[:place] + said[place + 1 :])
    error = mistake(sentence)
    assert error is None or (error.line == 1 and 1 <= error.column <= len(sentence) + 1)


def test_what_is_too_deep_or_too_long_is_refused() -> None:
    assert refused("(" * 200).code == "rule.deep"
    assert refused("a" * 70_000).code == "rule.long"
    deep = "Entreprises " + "(" * 20 + "dont la ville est « A »" + ")" * 20
    assert render(read(deep, WORDS)) == 'companies where city = "A"'


def test_a_hundred_conditions_are_read() -> None:
    rule = parse("companies where " + " and ".join(f'city = "{number}"' for number in range(100)))

    assert both_ways(rule, WORDS) == [rule, rule]
