"""Which words answer which: hand-worked pairs."""

import pytest

from tamis.identity.names.alignment import align
from tamis.identity.names.likeness import How
from tamis.identity.names.reading import read_name


def links(written: str, known: str) -> set[tuple[str, str, How]]:
    found = align(read_name(written), read_name(known))
    ours, theirs = found.written.words, found.known.words
    return {
        (" ".join(ours[at].text for at in link.written), " ".join(theirs[at].text for at in link.known), link.how)
        for link in found.links
    }


@pytest.mark.parametrize(
    ("written", "known", "link"),
    [
        ("CNES", "Centre national d'études spatiales", ("cnes", "centre national etudes spatiales", How.ACRONYM)),
        ("Centre national d'études spatiales", "CNES", ("centre national etudes spatiales", "cnes", How.ACRONYM)),
        ("CCI Rouen", "Chambre de commerce et d'industrie Rouen", ("cci", "chambre commerce industrie", How.ACRONYM)),
        ("SYNAFEL", "SYND NAT FAB ENSEIGNE LUMINEUSE", ("synafel", "synd nat fab enseigne lumineuse", How.ACRONYM)),
        ("AFIC", "ASSO FRANCE INVESTISSEURS CAPITAL", ("afic", "asso france investisseurs capital", How.ACRONYM)),
        ("Europiscine", "Euro Piscine", ("europiscine", "euro piscine", How.JOINED)),
        ("Sud Ouest Habitat", "Sudouest Habitat", ("sud ouest", "sudouest", How.JOINED)),
        ("labanquepostale", "La Banque Postale", ("labanquepostale", "banque postale", How.JOINED)),
        ("MUT GEN", "Mutuelle générale", ("gen", "generale", How.ABBREVIATION)),
        ("GENERAL MUT", "Mutuelle générale", ("mut", "mutuelle", How.ABBREVIATION)),
        ("Bois Gbh", "Bois GmbH", ("gbh", "gmbh", How.TYPO)),
    ],
)  # fmt: skip
def test_words_answer_each_other(written: str, known: str, link: tuple[str, str, How]) -> None:
    assert link in links(written, known)


def test_an_acronym_beside_its_own_words_adds_nothing() -> None:
    found = align(read_name("Fédération nationale des TP"), read_name("FEDERATION NATIONALE DES TP - FNTP"))
    assert found.free_written == found.free_known == []


def test_an_acronym_alone_stands_for_the_words_beside_it_in_the_register() -> None:
    assert align(read_name("MNT"), read_name("MUTUELLE NATIONALE TERRITORIALE MNT")).free_known == []


def test_two_readings_of_one_acronym_are_compared() -> None:
    found = align(
        read_name("ARPP Assoc Relation Pouvoirs Publics"), read_name("ARPP Autorité Régulation Publicité Pro")
    )
    assert found.free_known


def test_an_acronym_does_not_jump_over_words() -> None:
    assert align(read_name("MAS France"), read_name("Mutuelle de France Alpes du Sud")).free_written


def test_each_word_answers_once() -> None:
    found = align(read_name("mutuelle mutuelle"), read_name("mutuelle"))
    assert (len(found.links), found.free_written) == (1, [1])
