"""How two words can be the same word."""

import pytest

from tamis.identity.names.likeness import How, text_likeness


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        ("mutuelle", "mutuelle", How.SAME),
        ("nationale", "nationaux", How.ENDING),
        ("mut", "mutualite", How.ABBREVIATION),
        ("grpt", "groupement", How.ABBREVIATION),
        ("fed", "feder", How.ABBREVIATION),
        ("ii", "2", How.SAME),
        ("82", "tarn et garonne", How.MEANING),
        ("ville", "commune", How.MEANING),
        ("hospit", "hospitaliers", How.ABBREVIATION),
        ("radioprot", "radioprotection", How.CUT),
        ("menuisreie", "menuiserie", How.TYPO),
        ("eiffgae", "eiffage", How.TYPO),
        ("electricite", "electrique", How.FAMILY),
        ("bcklr", "buckler", How.CONTRACTION),
        ("laposte", "poste", How.GLUED),
        ("j", "jean", How.INITIAL),
        ("lyon", "rhone", How.WITHIN),
        ("38", "grenoble", How.WITHIN),
    ],
)
def test_words_that_are_the_same(one: str, other: str, how: How) -> None:
    found = text_likeness(one, other)
    assert found is not None
    assert found[0] is how
    assert text_likeness(other, one) == found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("dupont", "durand"),
        ("ouest", "est"),
        ("norma", "normandie"),
        ("ma", "martin"),
        ("sas", "sas4"),
        ("elec35", "elec36"),
    ],
)
def test_words_that_are_not(one: str, other: str) -> None:
    assert text_likeness(one, other) is None


@pytest.mark.parametrize(("one", "other"), [("1013", "1014"), ("lyon", "laon"), ("69", "isere")])
def test_different_numbers_and_places_are_never_alike(one: str, other: str) -> None:
    found = text_likeness(one, other)
    assert found is not None
    assert found[1] == 0


def test_the_more_letters_stay_the_surer_a_cut_word_is() -> None:
    shorter, longer = text_likeness("rad", "radioprotection"), text_likeness("radiop", "radioprotection")
    assert shorter is not None
    assert longer is not None
    assert shorter[1] < longer[1]
