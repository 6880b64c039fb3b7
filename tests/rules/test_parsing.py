"""What cannot be read or asked is told with its place and the nearest word; nothing that is typed becomes SQL."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rules.random_worlds import random_world
from rules.strategies import rules

from tamis.rules import nodes as n
from tamis.rules.checking import check
from tamis.rules.errors import RuleError
from tamis.rules.noticing import undefined
from tamis.rules.parsing import parse
from tamis.rules.rendering import render
from tamis.rules.sql.compiling import compile_rule

pytestmark = pytest.mark.sqlite_only  # no database is asked: once is enough

WORLD, NOW = random_world(1)
WORDS = WORLD.vocabulary()


def mistake(text: str) -> RuleError:
    with pytest.raises(RuleError) as caught:
        check(parse(text), WORDS, text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ('companies where citi = "x"', "city"),
        ('contacts where first_nam = "x"', "first_name"),
        ('companies where own.machin = "x"', "machine"),
        ('contacts where company.citi = "x"', "city"),
        ("contacts where company (headcont > 3)", "headcount"),
        ("companies where headcount is known and did page_vew", "page_view"),
        ("companies where count(purchse) > 1", "purchase"),
        ("companies where did form then purchas within 3 days", "purchase"),
        ('companies where in list "prospect salon"', "Prospect Salons"),
        ('companies where has tag "Industri"', "Industrie"),
        ('companies where has tag "Industrie" in "Secteurs"', "Secteur"),
        ('companies where status = "chau"', "Chaud"),
        ("companies where in segment clint", "client"),
        ('companies where in audience "Cible"', "Cibles"),
        ('companies where city contain "x"', "contains"),
        ('companies where city starts wit "x"', "starts with"),
        ('compagnies where city = "x"', "companies"),
        # what people, files and other languages say
        ("companies where effectif > 10", "headcount"),
        ('companies where scian = "2382"', "naics"),
        ("companies where chiffre_affaires > 10", "revenue"),
        ('contacts where prenom = "x"', "first_name"),
        ('companies where segment = "client"', "in segment"),
        ('contacts where tag = "x"', "has tag"),
        ("contacts where did achat", "purchase"),
        ('contacts where did page_view (Path = "/tarifs")', "path"),
        ("contacts where sum(purchase.Value) > 3", "value"),
        ("contacts where average(purchase.value) > 3", "avg"),
        ("contacts where days since purchase > 3", "days since last"),
        ("contacts where did purchase in last 2 years", "months"),
        ("contacts where did purchase in the last 2 months", "in last"),
        ('companies where city == "x"', "="),
        ('companies where city <> "x"', "!="),
        ('companies where city is not "x"', "!="),
        ("companies where city is null", "is missing"),
        ("companies where city is not null", "is known"),
        ('companies where city = "x" && headcount > 3', "and"),
        ('companies where city like "x"', "contains"),
    ],
)
def test_the_nearest_word_is_proposed(text: str, meant: str) -> None:
    assert f"« {meant} »" in str(mistake(text).reason)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("companies where revenue > 1 000 000", "un nombre s'écrit"), ("companies where revenue > 1e6", "un nombre"),
        ("companies where revenue > 10M", "un nombre s'écrit"), ("companies where revenue > 12,5", "un nombre s'écrit"),
        ("companies where founded > 31/12/2015", "un jour s'écrit 2026-03-31"),
        ("companies where founded > 2015-1-3", "un jour s'écrit 2026-03-31"),
        ('companies where city = "abc', "pas de guillemet de fin"),
        ("companies where city = “x”", "guillemets droits"),
        ('companies where city contains any of "x"', "On attend : ("),
        ('companies where city = "x" ; headcount > 3', "On attend : la fin, and, or"),
        ('companies where city\0 = "x"', "« U+0000 »"),
    ],
)  # fmt: skip
def test_what_is_written_otherwise_elsewhere_is_shown_as_it_is_written_here(text: str, said: str) -> None:
    assert said in str(mistake(text).reason)


def test_a_rule_that_would_be_too_long_to_be_read_again_is_refused() -> None:
    text = "companies where headcount in (" + ",".join(["1"] * 9_900) + ")"

    assert len(text) < 20_000 < len(render(parse(text)))
    assert mistake(text).code == "rule.long"


def test_the_byte_order_mark_of_a_file_is_no_mistake() -> None:
    assert parse('\ufeffcompanies where city = "x"') == parse('companies where city = "x"')


@pytest.mark.parametrize(
    ("text", "noted"),
    [
        ('contacts where did page_view (path = "x")', []),
        ('contacts where did page_view (chemin = "x")', ["« chemin » n'est pas définie", "« path »"]),
        ("contacts where sum(purchase.valu) > 3", ["« valu » n'est pas définie", "« value »"]),
        ('contacts where did form then page_view (zzz = "x") within 3 days', ["« zzz » n'est pas définie"]),
    ],
)
def test_a_property_that_nobody_defined_is_told(text: str, noted: list[str]) -> None:
    notes = [str(each) for each in undefined(parse(text), WORDS)]

    assert len(notes) == bool(noted)
    assert all(each in notes[0] for each in noted)


def test_a_field_of_the_company_is_shown_with_its_step() -> None:
    assert "company.headcount" in str(mistake("contacts where headcount > 3").reason)


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("", "rule.syntax", 1, 1),
        ("companies", "rule.syntax", 1, 10),
        ('companies where city = "x" and', "rule.syntax", 1, 31),
        ('companies where (city = "x"', "rule.syntax", 1, 28),
        ('companies where city = "abc', "rule.syntax", 1, 24),
        ("companies where city = 'x'", "rule.syntax", 1, 24),
        ('companies where city == "x"', "rule.syntax", 1, 22),
        ("companies where did did", "rule.kind", 1, 21),
        ("companies where did form then x then id within 3 days", "rule.kind", 1, 31),
        ("companies where did page_view (ts > 2026-01-01)", "rule.property", 1, 32),
        ("companies where city is", "rule.syntax", 1, 22),
        ("companies where city in ()", "rule.syntax", 1, 26),
        ('companies where city = "a\\q"', "rule.text", 1, 24),
        ("companies where headcount > revenue", "rule.syntax", 1, 29),
        ("companies where did page_view at least two times", "rule.syntax", 1, 40),
        ("companies where did form then purchase", "rule.syntax", 1, 39),
        ("companies where did form then purchase within 3 months", "rule.unit", 1, 49),
        ("companies where founded = 2026-02-30", "rule.day", 1, 27),
        ("companies where revenue > 123456789012345", "rule.number", 1, 27),
        ("companies where revenue > 1.23456", "rule.number", 1, 27),
        ("companies where headcount in top 101%", "rule.number", 1, 34),
        ("companies where nowhere = 1", "rule.field", 1, 17),
        ("companies where\n  city is known\n  and did nothing_known", "rule.kind", 3, 11),
        ('companies where city is known\r\n and\tnaff = "x"', "rule.field", 2, 6),
        ('companies where name = "Œuvre é" and citi = "x"', "rule.field", 1, 38),
        ("companies where city > 3", "rule.operator", 1, 17),
        ("companies where did page_view (value in top 10%)", "rule.operator", 1, 32),
        ("companies where did page_view (did form)", "rule.property", 1, 32),
        ("companies where sum(purchase) > 3", "rule.property", 1, 17),
        ("companies where count(purchase.value) > 1", "rule.property", 1, 17),
        ("companies where sum(purchase.channel) > 1", "rule.type", 1, 17),
        ("contacts where company (has contact)", "rule.step", 1, 25),
        ("contacts where has contact", "rule.step", 1, 16),
        ('companies where company.city = "x"', "rule.step", 1, 17),
        ('companies where has contact (company.city = "x")', "rule.step", 1, 30),
        ('companies where in audience "En cours"', "rule.audience", 1, 17),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, code: str, line: int, column: int) -> None:
    error = mistake(text)

    assert (error.code, error.line, error.column) == (code, line, column)


@pytest.mark.parametrize(
    "text",
    [
        'companies where city = ""', 'companies where city contains "\\u200b"', "companies where city = 3",
        'companies where headcount > "3"', 'companies where founded = "2026-01-01"', 'companies where naf = "xx"',
        'companies where own.contrat = "oui"', 'companies where size_class = "XXL"',
        'companies where count(page_view) = "x"', "companies where status = yes",
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_refused(text: str) -> None:
    assert mistake(text).code in ("rule.value", "rule.status")


def test_a_caret_stands_under_the_place() -> None:
    shown = str(mistake('companies where city is known\n  and citi = "x"').message).splitlines()

    assert shown[-2:] == ['  and citi = "x"', "      ^^^^"]


def test_the_place_is_shown_in_a_long_line_too() -> None:
    many = " and ".join(['city = "x"'] * 200)
    text, caret = str(mistake(f'companies where {many} and citi = "x"').message).splitlines()[-2:]

    assert len(text) <= 120
    assert text[caret.index("^") : caret.rindex("^") + 1] == "citi"


def readable(text: str) -> n.Rule | None:
    """The rule that a text says; ``None`` where it says none. Anything but a mistake that is told is an error."""
    try:
        rule = parse(text)
        check(rule, WORDS, text)
    except RuleError as error:
        line, column = error.line, error.column
    else:
        return rule
    assert 1 <= line <= text.count("\n") + 1
    assert column >= 1
    return None


fuzzing = settings(
    max_examples=300, derandomize=True, deadline=None, database=None, suppress_health_check=[*HealthCheck]
)


@fuzzing
@given(st.text(max_size=200))
def test_any_text_is_a_rule_or_a_mistake(text: str) -> None:
    readable(text)


_PIECES = (
    "companies", "contacts", "where", "and", "or", "not", "(", ")", "city", "did", "page_view", "then", "within", "3",
    "days", "in last", "in", "last", "between", "2026-01-01", '"x"', '"', "`", "=", "!=", "is", "known", "missing",
    "count", ".", ",", "*", "%", "top", "company", "has", "contact", "no", "yes", "at least", "times", "own", "-", "\\",
    "\n", "\0", "é", "\u2028", "\ud800", "0.5", "9" * 30, "segment client", "most frequent", "days since last",
)  # fmt: skip


@fuzzing
@given(st.lists(st.sampled_from(_PIECES), max_size=30))
def test_any_words_are_a_rule_or_a_mistake(pieces: list[str]) -> None:
    readable(" ".join(pieces))
    readable("companies where " + " ".join(pieces))


@fuzzing
@given(rules(), st.data())
def test_a_rule_with_a_slip_is_a_rule_or_a_mistake(rule: n.Rule, data: st.DataObject) -> None:
    text = render(rule)
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 8)))
        text = text[:start] + data.draw(st.sampled_from((*_PIECES, "", "", "x"))) + text[end:]
    slipped = readable(text)
    if slipped is not None:
        assert parse(render(slipped)) == slipped


@pytest.mark.parametrize(
    "text",
    [
        "companies where " + "(" * 50_000,
        "companies where " + "not " * 50_000 + "city is known",
        "companies where " + "(" * 3_000 + "city is known" + ")" * 3_000,
        "companies where " + "not (" * 3_000 + "city is known" + ")" * 3_000,
        "companies where " + " and ".join(["city is known"] * 3_000),
        "companies where " + " or ".join(["not (city is known or naf is missing)"] * 1_000),
        "companies where city in (" + ", ".join(['"x"'] * 3_000) + ")",
        'companies where city = "' + "\\\\" * 50_000 + '"',
        "companies where city = " + "9" * 100_000,
        "companies where " + "a" * 100_000 + " = 1",
        "contacts where " + "company (" * 3_000,
        "companies where did form " + "then form " * 3_000 + "within 3 days",
    ],
    ids=lambda text: f"{text[16:40]}..{len(text)}",
)
def test_the_deepest_and_the_longest_are_a_rule_or_a_mistake(text: str) -> None:
    rule = readable(text)
    if rule is not None:
        assert parse(render(rule)) == rule
        compile_rule(rule, WORDS, NOW)


MARK = "zqxjv"
hostile = st.text(st.sampled_from("ab'\";-`\\ %_{}$:?é\n\u2019"), max_size=12).map(lambda text: MARK + text + MARK)
_STANDING = (
    "companies where city = {0}", "companies where name in ({0}, {1})", "companies where address contains {0}",
    "companies where address contains any of ({0}, {1})", "companies where city starts with {0}",
    "companies where city ends with {0}", "companies where city is exactly {0}", "companies where not (city = {0})",
    "companies where own.machine = {0}", "companies where website contains {0}",
    "companies where did page_view (path = {0} and not (title contains {1}))",
    "companies where did page_view (inconnue = {0}) at least 2 times in last 3 days",
    "companies where count(page_view) (path in ({0}, {1})) > 0.5 * count(form) (form = {0})",
    "companies where most frequent(page_view.path) = {0}", "contacts where company (city = {0})",
    "companies where did form (form = {0}) then page_view (path = {1}) within 3 days",
    "companies where has contact (city = {0} or own.machine starts with {1})", "contacts where company.city = {0}",
    "companies where count distinct(page_view.inconnue) (path = {0}) in top 10%",
)  # fmt: skip


def quoted(text: str) -> str:
    return render(n.Test(n.Field("city"), "=", (text,))).removeprefix("city = ")


@fuzzing
@given(st.sampled_from(_STANDING), hostile, hostile)
def test_no_text_becomes_sql(standing: str, one: str, other: str) -> None:
    rule = parse(standing.format(quoted(one), quoted(other)))
    check(rule, WORDS)

    query = compile_rule(rule, WORDS, NOW)

    assert MARK not in query.sql.casefold()
    assert not [sql for sql in getattr(query, "needs", {}).values() if MARK in sql.casefold()]
    assert MARK in str(query.values)


@fuzzing
@given(st.text(st.characters(blacklist_characters="`\r\n", blacklist_categories=("Cs", "Cc", "Zl", "Zp")), max_size=9))
def test_no_name_becomes_sql(name: str) -> None:
    field = n.Field(MARK + name + MARK)
    for test in (n.Test(field, "=", ("x",)), n.Test(field, "is missing")):
        query = compile_rule(n.Rule("companies", n.Did("page_view", test)), WORDS, NOW)

        assert MARK not in query.sql
        assert MARK in str(query.values)


def test_kept_tables_of_the_grammar_may_be_missing_or_broken(tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    code = "from tamis.rules.parsing import parse; print(parse('companies where headcount > 10').subject)"

    def said() -> str:
        given = {"env": env | {"PYTHONPYCACHEPREFIX": str(tmp_path)}, "capture_output": True, "text": True}
        ran = subprocess.run([sys.executable, "-c", code], check=True, **given)
        return f"{ran.stdout}{ran.stderr}"

    assert said() == "companies\n"
    [kept] = tmp_path.rglob("*.tables")
    whole = kept.read_bytes()
    assert said() == "companies\n"
    kept.write_bytes(whole[: len(whole) // 2])
    assert said() == "companies\n"
    assert len(kept.read_bytes()) > 0.9 * len(whole)  # made anew
