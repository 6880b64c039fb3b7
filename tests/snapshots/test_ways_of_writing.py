"""However the state was written to, the next snapshot says what the state says, and reads only what changed."""

import sqlite3

import pytest
from django.db import connection, models

from tamis.app import triggers
from tamis.app.models import (
    Change,
    Claim,
    Company,
    CompanyIdentifier,
    CompanyName,
    CompanyTag,
    Contact,
    List,
    Status,
    Stay,
    Tag,
    TagCategory,
)
from tamis.app.services import snapshots

from .conftest import NOON, act, companies, settled, source, taken

on_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="asks something of SQLite itself")
on_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="asks something of PostgreSQL itself")


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.fixture
def base(home):
    """Six companies with a name, a contact and an identifier each, in a first snapshot."""
    made = Company.objects.bulk_create(companies(*"Œuvre Acme Bolt Cîme Dupond Éole".split(), city="Évreux"))
    given = source()
    CompanyName.objects.bulk_create(CompanyName(company=each, kind="legal", text=each.name, key="x", source=given)
                                    for each in made)  # fmt: skip
    CompanyIdentifier.objects.bulk_create(
        CompanyIdentifier(company=each, type="siret", value=f"{each.pk:014}", source=given) for each in made
    )
    for each in made:
        Contact.objects.create(company=each, last_name=f"Lefèvre {each.pk}", created_at=NOON, updated_at=NOON)
    settled()
    return made


def by_save(made):
    made[0].name, made[0].revenue = 'Dit « l\'"été" »,\nsuite;\r\n', "1234567.89"
    made[0].extra = {"note": 'Œuf, "dur"\nici', "age": 12.5, "client": True, "vu": "2026-03-31", "vide": ""}
    made[0].save()


def by_create(made):
    companies("Nouvelle")[0].save()


def by_bulk_create(made):
    Company.objects.bulk_create(companies(*(f"Neuve {n}" for n in range(50)), extra={"rang": 1}))


def by_bulk_update(made):
    for each in made[:3]:
        each.headcount = 7
    Company.objects.bulk_update(made[:3], ["headcount"])


def by_update(made):
    Company.objects.filter(pk__lte=made[2].pk).update(city="Angoulême", founded="1999-12-31")


def by_delete(made):
    made[1].delete()


def by_update_or_create(made):
    Status.objects.update_or_create(key="chaud", defaults={"name": "Chaud", "position": 1})
    Company.objects.filter(pk=made[0].pk).update(status=Status.objects.get(), status_since=NOON)


def by_raw_update(made):
    sql("UPDATE tamis_company SET city = 'CŒUR', revenue = 12.5 WHERE id = %s", made[3].pk)


def by_raw_insert(made):
    sql(
        "INSERT INTO tamis_companyname (company_id, kind, text, key, source_id) "
        "SELECT company_id, 'brand', 'Zoé', 'z', source_id FROM tamis_companyname"
    )


def by_raw_delete_of_all(made):
    sql("DELETE FROM tamis_companyname")


def by_raw_change_of_id(made):
    sql("UPDATE tamis_companyname SET id = id + 1000000")


def by_claims_that_stand_and_fall(made):
    here = List.objects.get(name="prospect-default")
    _stands, falls = (
        Claim.objects.create(company=each, list=here, kind=3, at=NOON, made_by=act()) for each in made[:2]
    )
    taken()
    Claim.objects.filter(pk=falls.pk).update(withdrawn_by=act())


def by_tags_and_stays(made):
    tag = Tag.objects.create(category=TagCategory.objects.create(name="Secteur", key="secteur"), name="Été", key="ete")
    CompanyTag.objects.create(company=made[0], tag=tag, by=1, at=NOON, source=source())
    Stay.objects.create(visitor="v1", until=NOON, contact_email="Léa@acme.fr", event="e1")


def by_text_of_every_sort(made):
    for n, text in enumerate(['"', '""', ",", "\\N", "\\.", "NULL", "%w", "'", "\r\n\t x ", "\u2028", "😀", "-", "0"]):
        Company.objects.filter(pk=made[n % 6].pk).update(name=text, address=text * 20, extra={text: text})
        taken()


WAYS = [
    by_save, by_create, by_bulk_create, by_bulk_update, by_update, by_delete, by_update_or_create, by_raw_update,
    by_raw_insert, by_raw_delete_of_all, by_raw_change_of_id, by_claims_that_stand_and_fall, by_tags_and_stays,
    by_text_of_every_sort,
]  # fmt: skip


@pytest.mark.parametrize("write", WAYS, ids=lambda way: way.__name__)
def test_the_next_snapshot_says_what_was_written(base, write):
    before = snapshots.current()
    write(base)
    after = taken()
    assert after.manifest.token != before.manifest.token
    for name, table in before.manifest.tables.items():  # what is there already is not read again
        assert [part.file for part in after.manifest.tables[name].base] == [part.file for part in table.base]
    taken(merge=True)
    taken(whole=True)


def test_what_was_rolled_back_is_in_no_snapshot(base):
    from django.db import transaction

    before = snapshots.current().manifest.token
    with transaction.atomic():
        by_update(base)
        transaction.set_rollback(True)
    assert taken().manifest.token == before


def test_without_changes_the_last_snapshot_is_as_of_now(base):
    last = snapshots.current()
    again = snapshots.take()
    assert again.manifest.token == last.manifest.token
    assert again.as_of > last.as_of


def test_exported_changes_are_pruned(base):
    by_bulk_create(base)
    assert Change.objects.count() == 50
    settled()
    assert Change.objects.count() == 0


def test_where_nobody_takes_snapshots_the_log_does_not_grow(home):
    by_bulk_create(())
    assert snapshots.tidy() == 0
    assert Change.objects.count() == 0
    assert taken().read("companies").num_rows == 50


@on_postgresql
def test_a_truncated_table_is_empty_in_the_next_snapshot(base):
    sql("TRUNCATE tamis_companyname")
    assert [*Change.objects.values_list("relation", "row_id")] == [("tamis_companyname", None)]
    assert taken().read("company_names").num_rows == 0


@on_postgresql
def test_a_truncate_reaches_what_hangs_on_the_table(base):
    sql("TRUNCATE tamis_company CASCADE")
    after = taken()
    assert (after.read("companies").num_rows, after.read("company_names").num_rows) == (0, 0)


@on_sqlite
def test_insert_or_replace_takes_the_replaced_row_out(base):
    old = CompanyIdentifier.objects.first()
    replace_identifier(connection.cursor(), old)
    after = taken().read("company_identifiers")
    assert old.pk not in after.column("id").to_pylist()
    assert after.num_rows == 6


@on_sqlite
def test_a_replacement_by_another_program_is_noticed_by_its_count(base):
    """Its connection knows no recursive triggers, so no trigger saw the old row go."""
    old = CompanyIdentifier.objects.first()
    other = sqlite3.connect(connection.settings_dict["NAME"], uri=True)
    with other:
        replace_identifier(other, old)
    other.close()
    assert Change.objects.count() == 1
    assert old.pk not in taken().read("company_identifiers").column("id").to_pylist()


def replace_identifier(cursor, old):
    cursor.execute(
        "INSERT OR REPLACE INTO tamis_companyidentifier (id, company_id, type, value, source_id) "
        f"VALUES (987654, {old.company_id}, '{old.type}', '{old.value}', {old.source_id})"
    )


@on_sqlite
def test_what_was_written_while_a_migration_had_dropped_the_triggers_is_not_lost(base):
    from django.core.management import call_command

    alter_city()
    assert {each.table for each in triggers.missing()} == {"tamis_company"}
    sql("UPDATE tamis_company SET city = 'sans témoin'")
    call_command("migrate", verbosity=0)
    assert triggers.missing() == []
    assert "sans témoin" in taken().read("companies").column("city").to_pylist()


@on_sqlite
def test_a_snapshot_itself_sees_that_triggers_are_gone(base):
    alter_city()
    sql("DELETE FROM tamis_companyname WHERE id > 0")
    sql("UPDATE tamis_company SET city = 'sans témoin'")
    assert set(taken().read("companies").column("city").to_pylist()) == {"sans témoin"}
    by_update(base)
    taken()


def alter_city():
    """Change a column there and back, as ``AlterField`` does: SQLite's table is made anew twice, without triggers."""
    old, new = Company._meta.get_field("city"), models.CharField(max_length=121, blank=True)
    new.set_attributes_from_name("city")
    new.model = Company
    for one, other in ((old, new), (new, old)):
        with connection.schema_editor() as editor:
            editor.alter_field(Company, one, other)


@on_postgresql
def test_a_transaction_still_open_is_not_lost_at_the_next_snapshot(base):
    """It has a lower number than others that committed before the snapshot, and commits after it."""
    import psycopg

    other = psycopg.connect(_conninfo())
    other.execute("UPDATE tamis_company SET city = 'tard' WHERE id = %s", [base[0].pk])
    by_raw_update(base)
    assert "tard" not in taken().read("companies").column("city").to_pylist()
    by_create(base)
    taken()
    other.commit()
    other.close()
    assert "tard" in taken().read("companies").column("city").to_pylist()
    by_bulk_update(base)
    settled()
    assert Change.objects.count() == 0


@on_postgresql
def test_a_transaction_of_another_database_is_nobodys_here(base):
    """Numbers of transactions are the whole cluster's: what is open elsewhere keeps nothing in the log."""
    import psycopg

    ours, other = psycopg.connect(_conninfo()), psycopg.connect(_conninfo(dbname="postgres"))
    [(theirs,)] = other.execute("SELECT pg_current_xact_id()::text::bigint")
    by_create(base)
    assert taken().manifest.watermark > theirs
    [(open_here,)] = ours.execute("SELECT pg_current_xact_id()::text::bigint")
    by_create(base)
    assert taken().manifest.watermark == open_here > theirs
    ours.close(), other.close()


def _conninfo(**given):
    from psycopg.conninfo import make_conninfo

    parameters = connection.get_connection_params() | given
    return make_conninfo(**{key: parameters[key] for key in ("dbname", "user", "host", "port") if parameters.get(key)})


@on_postgresql
def test_changes_that_came_with_the_copy_of_another_cluster_make_it_whole(base):
    Change.objects.create(relation="tamis_company", row_id=1, xact=2**60)
    before = snapshots.current().manifest
    after = taken().manifest
    assert not before.files() & after.files()
    assert Change.objects.count() == 0
