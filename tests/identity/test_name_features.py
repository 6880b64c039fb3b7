"""Each feature of the score, on a pair worked by hand."""

import pytest

from tamis.identity.names import features
from tamis.identity.names.alignment import align
from tamis.identity.names.features import FEATURES, Comparison, score
from tamis.identity.names.reading import Kind, read_name


def compare(written: str, known: str) -> Comparison:
    """Two names whose words all tell 4 nats, forms none."""
    one, other = read_name(written), read_name(known)
    return Comparison(
        align(one, other),
        tuple(0.0 if word.kind is Kind.FORM else 4.0 for word in one.words),
        tuple(0.0 if word.kind is Kind.FORM else 4.0 for word in other.words),
    )


def test_written_found_is_the_share_of_the_written_name() -> None:
    assert features.written_found(compare("Dupont Menuiserie", "Dupont")) == pytest.approx(1 / 2)


def test_known_covered_is_the_share_of_the_known_name() -> None:
    assert features.known_covered(compare("Dupont", "Dupont Menuiserie Bois Service")) == pytest.approx(1 / 4)


def test_a_name_cut_at_a_registers_limit_need_not_say_more_than_it_has_room_for() -> None:
    known = "Menuiserie Charpente Couverture Isolation Peinture Plomberie"  # 60 characters, six words
    cut = compare(known[:39], known)  # three words, and most of a fourth, surely enough 0.9: 15.6 of 24 nats
    assert features.known_covered(cut) == pytest.approx(1)  # as 39 of 60 characters are 0.65 of 24 nats
    assert features.same_letters(cut) == 1
    shorter = compare("Menuiserie Charpente Couverture", known)
    assert features.known_covered(shorter) == pytest.approx(1 / 2)


def test_same_beginning_wants_the_first_words_to_answer() -> None:
    assert features.same_beginning(compare("SARL Dupont Bois", "Dupont Menuiserie")) == 1
    assert features.same_beginning(compare("Bois Dupont", "Dupont Menuiserie")) == 0


def test_same_order_counts_steps_in_order() -> None:
    assert features.same_order(compare("a1 b1 c1", "a1 b1 c1")) == 1
    assert features.same_order(compare("c1 a1 b1", "a1 b1 c1")) == pytest.approx(1 / 2)


def test_same_letters_is_one_for_the_same_text() -> None:
    assert features.same_letters(compare("Dupont", "DUPONT")) == 1


@pytest.mark.parametrize(
    ("written", "known", "contradicts"),
    [
        ("CCI Lyon", "CCI Lille", 1),
        ("CCI Lyon", "CCI Rhône", 0),
        ("CCI Lyon", "CCI Villeurbanne", 1),
        ("Medef Rhône-Alpes", "Medef Auvergne-Rhône-Alpes", 0),
        ("CCI Lyon", "CCI", 0),
    ],
)
def test_other_place_wants_two_places_neither_in_the_other(written: str, known: str, contradicts: int) -> None:
    assert features.other_place(compare(written, known)) == contradicts


def test_other_number_wants_two_numbers() -> None:
    assert features.other_number(compare("MFP Livre I", "MFP Livre II")) == 1
    assert features.other_number(compare("MFP Livre I", "MFP Livre 1")) == 0
    assert features.other_number(compare("MFP Livre", "MFP Livre 1")) == 0


def test_other_form_is_half_within_a_family() -> None:
    assert features.other_form(compare("SAS Dupont", "SARL Dupont")) == 1 / 2
    assert features.other_form(compare("SCI Dupont", "SARL Dupont")) == 1
    assert features.other_form(compare("Dupont", "SARL Dupont")) == 0


def test_other_word_wants_a_telling_word_on_each_side() -> None:
    names = compare("Dupont Bois", "Durand Bois")
    telling = Comparison(names.alignment, (9.0, 4.0), (9.0, 4.0))
    assert features.other_word(telling) == 1
    assert features.other_word(Comparison(names.alignment, (9.0, 4.0), (1.0, 4.0))) == 0


def test_what_agrees_adds_up_to_one() -> None:
    assert sum(feature.weight for feature in FEATURES if feature.weight > 0) == pytest.approx(1)
    assert score(compare("Dupont Bois", "Dupont Bois")) == pytest.approx(1)


def test_every_feature_has_its_claim() -> None:
    assert all(feature.measure.__doc__ and feature.measure.__doc__.endswith(".") for feature in FEATURES)
