"""The index finds, grows and forgets."""

from tamis.identity.names.index import NameIndex
from tamis.identity.names.reading import read_name

CAST = [
    ("1", "MUTUELLE GENERALE EDUCATION NATIONALE"),
    ("2", "CENTRE NATIONAL D'ETUDES SPATIALES"),
    ("3", "EURO PISCINE SERVICES"),
    ("4", "LA POSTE"),
    ("5", "EIFFAGE ENERGIE LOIRE"),
    ("6", "CCI ROUEN METROPOLE"),
]


def first(index: NameIndex, name: str) -> str | None:
    found = index.candidates(read_name(name))
    return found[0].key if found else None


def test_a_name_is_found_through_what_was_done_to_it() -> None:
    index = NameIndex(CAST)
    for written, key in (
        ("MUT GEN EDUC NAT", "1"),
        ("CNES", "2"),
        ("Europiscine", "3"),
        ("laposte", "4"),
        ("Eiffgae", "5"),
        ("Chambre de commerce et d'industrie Rouen", "6"),
    ):
        assert first(index, written) == key, written


def test_swapped_letters_are_found_in_words_of_any_length() -> None:
    index = NameIndex([*CAST, ("7", "DARE"), ("8", "HAVEN")])
    for written, key in (("Drae", "7"), ("Hvaen", "8"), ("Hanev", None), ("Eifafge", "5")):
        assert first(index, written) == key, written


def test_a_word_that_names_have_is_taken_as_written_unless_it_is_doubted() -> None:
    index = NameIndex([("1", "PROCA"), *((f"2{at}", f"PORCA IMMOBILIER {at}") for at in range(3))])
    porca = read_name("Porca")
    assert "1" not in [one.key for one in index.candidates(porca)]
    assert "1" in [one.key for one in index.candidates(porca, doubted=True)]


def test_added_names_are_found_and_removed_ones_are_not() -> None:
    index = NameIndex(CAST)
    index.add([("7", "KEOLIS RENNES")])
    assert first(index, "Keolis Rennes") == "7"
    index.remove(["7", "2"])
    assert first(index, "Keolis Rennes") is None
    assert first(index, "CNES") is None
    assert len(index) == 5


def test_many_small_additions_come_to_one_index() -> None:
    whole, grown = NameIndex(CAST), NameIndex()
    for company in CAST:
        grown.add([company])
    for name in ("MUT GEN EDUC NAT", "Eiffage Energie", "CCI Rouen"):
        ours, theirs = (index.candidates(read_name(name)) for index in (whole, grown))
        assert [one.key for one in ours] == [one.key for one in theirs]


def test_a_place_is_found_by_the_number_of_its_department() -> None:
    index = NameIndex([*CAST, ("7", "CHAMBRE DE COMMERCE ET D'INDUSTRIE DE GRENOBLE"), ("8", "CCI LILLE")])
    assert first(index, "CCI 38") == "7"


def test_a_common_word_is_common_even_in_a_small_directory() -> None:
    index = NameIndex(CAST)
    menuiserie, eiffage = read_name("menuiserie eiffage").words
    assert index.weight(menuiserie) < index.weight(eiffage) / 1.5


def test_a_company_may_have_several_names() -> None:
    index = NameIndex([("1", "COMMISSARIAT A L'ENERGIE ATOMIQUE"), ("1", "CEA")])
    assert {candidate.key for candidate in index.candidates(read_name("CEA"))} == {"1"}


def test_an_empty_directory_and_an_empty_name_find_nobody() -> None:
    assert NameIndex().candidates(read_name("Dupont")) == []
    assert NameIndex(CAST).candidates(read_name("?!")) == []
    assert first(NameIndex([*CAST, ("8", "!")]), "La Poste") == "4"
