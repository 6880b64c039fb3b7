"""Random histories of writes and snapshots: whatever the order, a snapshot is the state."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tamis.app.models import Company, Contact
from tamis.app.services import snapshots
from tamis.lake.snapshots import reading, writing

from .conftest import NOON, agrees, companies, settled

IDS = st.integers(0, 40)
TEXTS = st.sampled_from(["", "Œuvre", "a", 'a,"b"\n', "É"])
STEP = st.one_of(
    st.tuples(st.just("create"), st.integers(1, 12), TEXTS),
    st.tuples(st.just("update"), IDS, TEXTS),
    st.tuples(st.just("update to"), IDS, TEXTS),
    st.tuples(st.just("delete"), IDS, st.none()),
    st.tuples(st.just("delete to"), IDS, st.none()),
    st.tuples(st.just("own field"), IDS, TEXTS),
    st.tuples(st.just("contact"), IDS, TEXTS),
    st.tuples(st.just("snapshot"), st.booleans(), st.none()),
    st.tuples(st.just("snapshot"), st.just(False), st.none()),
)


@pytest.fixture
def small(home, monkeypatch):
    """Ranges of eight ids, written anew after three changes: what happens to millions happens to dozens."""
    for module in (writing, reading):
        monkeypatch.setattr(module, "SPAN", 8)
    monkeypatch.setattr(writing, "LEAST", 3)
    monkeypatch.setattr(writing, "WHOLE_SHARE", 2)


def do(step):
    what, number, text = step
    low = (Company.objects.order_by("pk").values_list("pk", flat=True).first() or 0) + (number or 0)
    match what:
        case "create":
            Company.objects.bulk_create(companies(*[text or "x"] * number))
        case "update":
            Company.objects.filter(pk=low).update(city=text)
        case "update to":
            Company.objects.filter(pk__lte=low).update(city=text)
        case "delete":
            Company.objects.filter(pk=low).delete()
        case "delete to":
            Company.objects.filter(pk__lte=low).delete()
        case "own field":
            Company.objects.filter(pk=low).update(extra={"a": text, "b": number})
        case "contact":
            Contact.objects.create(last_name=text or "x", company=Company.objects.filter(pk=low).first(),
                                   created_at=NOON, updated_at=NOON)  # fmt: skip
        case _:
            agrees(snapshots.take(merge=number))


def history(steps):
    Contact.objects.all().delete()
    Company.objects.all().delete()
    for step in [*steps, ("snapshot", False, None), ("snapshot", True, None)]:
        do(step)
    files = {part for table in snapshots.current().manifest.tables.values() for part in (table.changes, table.gone)}
    assert files == {None}


def histories(examples, steps):
    return lambda test: settings(
        max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )(given(st.lists(STEP, max_size=steps))(test))


@histories(6, 8)
def test_a_few_histories(small, steps):
    history(steps)


@pytest.mark.soak
@histories(60, 15)
def test_many_histories(small, steps):
    history(steps)


@pytest.mark.parametrize("fault", ["lost", "short"])
def test_files_that_went_missing_are_written_anew(home, fault):
    Company.objects.bulk_create(companies("Acme", "Bolt"))
    last = snapshots.take()
    [file] = (last.folder / part.file for part in last.manifest.tables["companies"].base)
    file.unlink() if fault == "lost" else file.write_bytes(file.read_bytes()[:-1])
    agrees(snapshots.take())


def test_a_snapshot_of_another_life_of_the_state_is_not_built_upon(home):
    """The state was brought back from before the snapshot, by whatever means."""
    from tamis.app.models import LastSnapshot

    Company.objects.bulk_create(companies("Acme"))
    before = snapshots.take()
    LastSnapshot.objects.update(token="of then")
    after = snapshots.take()
    agrees(after)
    assert not before.manifest.files() & after.manifest.files()


def test_files_left_behind_stay_for_a_while_and_then_go(home):
    from datetime import timedelta

    from tamis.lake.snapshots.manifest import sweep

    Company.objects.bulk_create(companies("Acme"))
    old = snapshots.take().manifest.files()
    stray = snapshots.folder() / "companies" / "of-a-dead-writer.parquet"
    stray.touch()
    new = snapshots.take(whole=True).manifest.files()
    assert sweep(snapshots.folder()) == 0
    assert sweep(snapshots.folder(), timedelta(0)) == len(old) + 1
    assert {str(file.relative_to(snapshots.folder())) for file in snapshots.folder().glob("*/*")} == new
    agrees(snapshots.current())


def test_what_was_deleted_is_in_no_file_once_tidied(home):
    from datetime import timedelta

    from tamis.lake.snapshots.manifest import sweep

    Contact.objects.create(last_name="Oubliée", created_at=NOON, updated_at=NOON)
    Contact.objects.create(last_name="Gardée", created_at=NOON, updated_at=NOON)
    snapshots.take()
    Contact.objects.filter(last_name="Oubliée").delete()
    snapshots.take()
    snapshots.tidy()
    sweep(snapshots.folder(), timedelta(0))
    import pyarrow.parquet as pq

    names = [pq.read_table(file).column("last_name").to_pylist() for file in snapshots.folder().glob("contacts/*")]
    assert names == [["Gardée"]]


def test_verify_says_which_rows_are_not_those_of_the_state(home):
    import dataclasses

    from tamis.lake.snapshots import manifest as manifests

    first, second, _ = Company.objects.bulk_create(companies("Acme", "Bolt", "Cime"))
    Contact.objects.create(last_name="Léa", created_at=NOON, updated_at=NOON)
    older = snapshots.take().manifest
    gone = first.pk
    first.delete()
    Company.objects.filter(pk=second.pk).update(city="Évreux")
    new = Company.objects.bulk_create(companies("Dune"))
    later = settled().manifest  # what waits is not compared
    manifests.publish(snapshots.folder(), dataclasses.replace(later, tables=older.tables))
    assert snapshots.verify().differences == {
        "companies": {"missing": [new[0].pk], "extra": [gone], "different": [second.pk]}
    }
