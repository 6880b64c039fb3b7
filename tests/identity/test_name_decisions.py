"""What is decided alone, what is asked, and how it is explained."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.identity.names.index import NameIndex
from tamis.identity.names.matcher import Decision, match_many, match_name
from tamis.messages import speaking

CAST = [
    ("1", "MUTUELLE GENERALE EDUCATION NATIONALE"),
    ("2", "CENTRE NATIONAL D'ETUDES SPATIALES"),
    ("3", "EURO PISCINE SERVICES"),
    ("4", "COLAS MAYOTTE"),
    ("5", "MUTUALITE FONCTION PUBLIQUE LIVRE I"),
    ("6", "SCI LEMARCHAND"),
    ("7", "CHAMBRE DE COMMERCE ET D'INDUSTRIE DE LYON"),
    ("8", "SOFIBEL"),
    ("9", "ENTREPRISE GUEDANT"),
    ("10", "NEOPOL"),
]


@pytest.fixture(scope="module")
def index() -> NameIndex:
    return NameIndex(CAST)


def decided(index: NameIndex, name: str) -> tuple[str, str | None]:
    answer = match_name(index, name)
    return answer.decision.value, answer.best.key if answer.best and answer.decision is not Decision.NONE else None


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Mutuelle générale de l'éducation nationale", "1"),
        ("MUT GEN EDUC NAT", "1"),
        ("Euro-Piscines Service SARL", "3"),
        ("Sofibel", "8"),
    ],
)
def test_sure_names_are_matched_alone(index: NameIndex, name: str, key: str) -> None:
    assert decided(index, name) == ("auto", key)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("CNES", "2"),  # an acronym is as short as it is
        ("Mutualité fonction publique livre II", "5"),  # another number
        ("SARL Lemarchand", "6"),  # another legal family
        ("Sofibal", "8"),  # one letter of a word that stands alone
        ("Guedant", "9"),  # with or without "entreprise" may be two firms
        ("Neopolia", "10"),  # a longer word is not a cut one
    ],
)
def test_doubtful_names_are_asked(index: NameIndex, name: str, key: str) -> None:
    assert decided(index, name) == ("review", key)


@pytest.mark.parametrize("name", ["Zorglub", "", "?", "Dupont Menuiserie", "Colas Guyane"])
def test_nobody_is_nobody(index: NameIndex, name: str) -> None:
    assert decided(index, name)[0] != "auto"


def test_two_companies_of_one_name_are_asked() -> None:
    twins = NameIndex([*CAST, ("81", "SOFIBEL SAS")])
    assert decided(twins, "Sofibel")[0] == "review"


def test_a_company_that_a_person_ruled_out_is_not_offered_again(index: NameIndex) -> None:
    answer = match_name(index, "Sofibel", without={"8"})
    assert "8" not in [match.key for match in answer.candidates]


def test_the_evidence_says_what_a_marketer_would(index: NameIndex) -> None:
    best = match_name(index, "CNES").best
    assert best is not None
    assert str(best.evidence[0]) == "« CNES » est le sigle de « centre national etudes spatiales »"
    best = match_name(index, "MUT GEN EDUC NAT").best
    assert best is not None
    assert "mut = mutuelle" in str(best.evidence[0])
    best = match_name(index, "Colas Guyane").best
    assert best is None or any("lieux différents" in str(doubt) for doubt in best.doubts)


def test_the_answer_as_json_has_every_part(index: NameIndex) -> None:
    with speaking("fr"):
        answer = match_name(index, "Sofibel").as_json()
    assert answer["siren"] == "8"
    assert answer["evidence"] == ["même nom"]
    assert set(answer) >= {"name", "decision", "siren", "score", "method", "evidence", "candidates"}


def test_a_name_cut_at_a_registers_limit_is_found_and_asked() -> None:
    full = "SYNDICAT MIXTE ASSAINISSEMENT VALLEE BIEVRE ET ENVIRONS"
    index = NameIndex([*CAST, ("11", full), ("12", "SYNDICAT MIXTE ASSAINISSEMENT BIEVRE")])
    assert decided(index, full[:40]) == ("review", "11")


def test_when_nobody_comes_near_a_word_that_others_have_may_be_mistyped() -> None:
    others = ((f"2{at}", f"PORCA GRAVELINES ZUYDCOOTE {at}") for at in range(3))
    assert decided(NameIndex([*CAST, ("11", "PROCA"), *others]), "Porca") == ("review", "11")


def test_nobody_has_no_siren(index: NameIndex) -> None:
    assert match_name(index, "Zorglub").as_json()["siren"] is None


@given(st.text(max_size=60))
def test_any_text_has_an_answer(name: str) -> None:
    for match in match_name(_CAST_INDEX, name).candidates:
        assert 0 <= match.score <= 1
        assert match.as_json()["evidence"] is not None


@pytest.mark.parametrize("name", ["1" * 5000, "mot " * 5000, "a" * 100_000, "A.B." * 1000, "🙂 éà", "É" * 300])
def test_absurd_names_are_answered_at_once(index: NameIndex, name: str) -> None:
    assert match_name(index, name).decision is not Decision.AUTO


_CAST_INDEX = NameIndex(CAST)


def key_of(answer: object) -> str:
    best = getattr(answer, "best", None)
    return best.key if best else ""


def test_several_processes_answer_as_one(index: NameIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [name for _, name in CAST]
    alone = list(match_many(index, names, key_of))
    monkeypatch.setattr("tamis.identity.names.matcher.MANY", 1)
    assert list(match_many(index, names, key_of, processes=2)) == alone
