"""Folding: one way to compare text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.identity.folding import _fold_once, fold, name_key


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Société Générale", "societe generale"),
        ("  L’Œuvre\u00a0du\u202fCŒUR ", "l'oeuvre du coeur"),
        ("STRAẞE straße", "strasse strasse"),
        ("ﬁn", "fin"),
        ("İstanbul", "istanbul"),
        ("Ａｃｍｅ", "acme"),
        ("Jean‑Paul — Fils", "jean-paul - fils"),
        ("zéro\u200bwidth", "zerowidth"),
        ("e\u0301te\u0301", "ete"),
        ("", ""),
    ],
)
def test_what_a_french_reader_takes_for_the_same_is_the_same(written, folded):
    assert fold(written) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_letters_are_folded_one_by_one_as_the_whole_text_would_be(text):
    whole = text
    while (once := _fold_once(whole)) != whole:
        whole = once
    assert fold(text) == whole


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_case_never_counts(text):
    assert fold(text) == fold(fold(text).upper())


@pytest.mark.parametrize(
    ("one", "other"),
    [("L'Oréal", "L OREAL"), ("S.N.C.F.", "s n c f"), ("TBWA\\CORPORATE", "Tbwa Corporate"), ("A&B", "a b")],
)
def test_names_differ_by_letters_and_digits_only(one, other):
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize("text", ["", "---", "…", " \u200b ", "&"])
def test_a_name_without_letter_or_digit_has_no_key(text):
    assert name_key(text) == ""
