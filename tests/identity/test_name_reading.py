"""Names as words: what is joined, told apart or left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.identity.folding import name_key
from tamis.identity.names.reading import Kind, folded, read_name, split_words, stem


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Mutuelle générale de l'Éducation nationale", ["mutuelle", "generale", "education", "nationale"]),
        ("B.A.M.A.A", ["bamaa"]),
        ("MARTOIA T P", ["martoia", "tp"]),
        ("B & O Pharm", ["bo", "pharm"]),
        ("S.A. T.P. Martin", ["sa", "tp", "martin"]),
        ("S.A.R.L. Dupont & Fils", ["sarl", "dupont", "fils"]),
        ("Société à responsabilité limitée Dupont", ["sarl", "dupont"]),
        ("CCI Maine Loire", ["cci", "maine et loire"]),
        ("Medef PACA", ["medef", "paca"]),
        ("FDSEA82", ["fdsea", "82"]),
        ("AB Menuiserie", ["ab", "menuiserie"]),
        ("Volvo AB", ["volvo", "(ab)"]),
        ("Le", ["le"]),
        ("!?", []),
    ],
)
def test_a_name_becomes_words(name: str, words: list[str]) -> None:
    assert split_words(name) == words


def test_words_know_what_they_are() -> None:
    kinds = {word.text: word.kind for word in read_name("SARL Menuiserie 2000 Lyon").words}
    assert kinds == {"sarl": Kind.FORM, "menuiserie": Kind.WORD, "2000": Kind.NUMBER, "lyon": Kind.PLACE}


def test_short_forms_of_a_place_are_that_place() -> None:
    assert read_name("PACA").words[0].stem == read_name("Provence-Alpes-Côte d'Azur").words[0].stem
    assert read_name("hautsdefrance").words[0].stem == "hauts de france"


@pytest.mark.parametrize(
    ("one", "other"), [("nationales", "national"), ("mutuelles", "mutuelle"), ("travaux", "traval")]
)
def test_endings_do_not_count(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_short_words_keep_their_last_letter() -> None:
    assert stem("pais") == "pais"


def test_a_name_that_ends_in_a_link_was_cut_off() -> None:
    assert read_name("Fédération des industries de").cut_off
    assert not read_name("Fédération des industries").cut_off


@given(st.text(max_size=40))
def test_the_fast_folding_is_the_folding(name: str) -> None:
    assert " ".join(folded(name).split()) == name_key(name)
