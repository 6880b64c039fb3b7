"""Real names: the figures that the documentation gives, kept from getting worse. Skipped without the data."""

from pathlib import Path

import pytest

from tamis.identity.evaluate import evaluate
from tamis.identity.names.index import NameIndex
from tamis.sources.names import read_directory, read_pairs

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.exists(), reason=f"no data to try on: {DATA} does not exist")


@pytest.fixture(scope="module")
def index() -> NameIndex:
    return NameIndex(read_directory(DATA / "directory_fr.csv"))


def test_badly_written_names_are_found_and_none_is_matched_wrongly(index: NameIndex) -> None:
    found = evaluate(index, read_pairs(DATA / "name_pairs.csv"))
    assert found.top1 >= 50
    assert found.auto >= 20
    assert found.auto_correct == found.auto


def test_every_company_is_found_by_its_own_name(index: NameIndex) -> None:
    companies = list(read_directory(DATA / "directory_fr.csv"))[::20]
    found = evaluate(index, [(name, key) for key, name in companies])
    assert found.auto_correct == found.auto
    assert found.auto > 0.95 * len(companies)
