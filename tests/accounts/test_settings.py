"""The settings of the workspace and the users' own fields."""

from typing import Any

import pytest

from tamis.app.models import Act, Company, CustomField, Workspace
from tamis.app.services import companies, custom_fields, merging
from tamis.errors import Refused

ACME, BOLT = "732829320", "552100554"


def test_what_was_changed_is_kept_and_the_rest_left_alone(ada: Any, browser_of: Any) -> None:
    client = browser_of(ada)
    client.post("/settings/", {"plan": "starter", "language": "fr", "time_zone": "America/Montreal"})
    now = Workspace.objects.get()
    assert (now.plan, now.language, now.time_zone) == ("starter", "fr", "America/Montreal")
    notes = [str(act.note) for act in Act.objects.filter(kind="settings.changed").order_by("pk")]
    assert notes == ["Réglage « plan » : starter", "Réglage « time_zone » : America/Montreal"]
    assert "sur 1\u202f000 permises" in client.get("/settings/").content.decode()


def test_one_bad_value_changes_nothing(ada: Any, browser_of: Any) -> None:
    answer = browser_of(ada).post("/settings/", {"plan": "starter", "time_zone": "Europe/Pariss"})
    assert answer.status_code == 409
    assert "Europe/Paris" in answer.content.decode()
    assert Workspace.objects.get().plan == "unlimited"


def test_every_date_follows_the_time_zone(ada: Any, browser_of: Any) -> None:
    from datetime import UTC, datetime

    Act.objects.update(at=datetime(2026, 3, 31, 23, 30, tzinfo=UTC))
    client = browser_of(ada)
    Act.objects.update(at=datetime(2026, 3, 31, 23, 30, tzinfo=UTC))
    assert "01/04/2026\xa001:30" in client.get("/audit/").content.decode()
    client.post("/settings/", {"time_zone": "America/Montreal"})
    assert "31/03/2026\xa019:30" in client.get("/audit/").content.decode()


@pytest.fixture
def potential(alice: Any) -> CustomField:
    return custom_fields.add(alice, "Potentiel", CustomField.Type.CHOICE, choices=["fort", "faible"])


def test_a_field_is_added_on_the_page(ada: Any, browser_of: Any) -> None:
    given = {"label": "Potentiel", "type": "choice", "choices": "fort\nfaible\n\n"}
    browser_of(ada).post("/settings/fields/", given)
    made = CustomField.objects.get()
    assert (made.key, made.type, made.choices) == ("potentiel", "choice", ["fort", "faible"])


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"label": "SIREN", "type": "text"}, "s'appelle déjà"),
        ({"label": "Niveau", "type": "choice"}, "Donnez les choix"),
        ({"label": "Niveau", "type": "text", "choices": "a"}, "Donnez les choix"),
        ({"label": "", "type": "text"}, "80 caractères"),
        ({"label": "x" * 81, "type": "text"}, "80 caractères"),
        ({"label": "Niveau", "type": "xxx"}, "ce que le champ contient"),
    ],
)
def test_a_field_that_will_not_do_says_why(ada: Any, browser_of: Any, given: dict[str, str], why: str) -> None:
    answer = browser_of(ada).post("/settings/fields/", given)
    assert answer.status_code == 409
    assert why in answer.content.decode().replace("&#x27;", "'")
    assert not CustomField.objects.exists()


def test_a_field_is_renamed_and_keeps_its_key(potential: CustomField, ada: Any, browser_of: Any) -> None:
    browser_of(ada).post("/settings/fields/potentiel/rename/", {"label": "Potentiel 2026"})
    potential.refresh_from_db()
    assert (potential.key, potential.label) == ("potentiel", "Potentiel 2026")


def test_a_label_is_of_one_field(potential: CustomField, alice: Any) -> None:
    other = custom_fields.add(alice, "Niveau", CustomField.Type.TEXT)
    for taken in ("potentiel", "SIREN", "Raison sociale"):
        with pytest.raises(Refused, match="s'appelle déjà"):
            custom_fields.rename(alice, other, taken)
    assert custom_fields.rename(alice, other, "NIVEAU").label == "NIVEAU"


def test_choices_are_added_to_those_there(potential: CustomField, alice: Any) -> None:
    made = custom_fields.add_choices(alice, potential, ["Faible", "moyen", " nul ", "moyen"])
    assert made.choices == ["fort", "faible", "moyen", "nul"]
    with pytest.raises(Refused, match="Donnez au moins un choix"):
        custom_fields.add_choices(alice, potential, ["FORT"])
    text = custom_fields.add(alice, "Niveau", CustomField.Type.TEXT)
    with pytest.raises(Refused, match="pas un champ à choix"):
        custom_fields.add_choices(alice, text, ["a"])


def test_a_deleted_field_takes_its_values_along_and_says_how_many(
    potential: CustomField, company: Any, ada: Any, browser_of: Any, alice: Any
) -> None:
    custom_fields.add(alice, "Niveau", CustomField.Type.TEXT)
    acme = company("Acme", siren=ACME, potentiel="fort", niveau="3")
    bolt = company("Bolt", siren=BOLT, potentiel="faible")
    client = browser_of(ada)
    assert "2 valeurs sont supprimées" in client.get("/settings/fields/potentiel/delete/").content.decode()
    page = client.post("/settings/fields/potentiel/delete/", follow=True).content.decode()
    assert "avec 2 valeurs" in page
    acme, bolt = Company.objects.get(pk=acme.pk), Company.objects.get(pk=bolt.pk)
    assert (acme.extra, bolt.extra) == ({"niveau": "3"}, {})
    assert "extra.potentiel" not in acme.provenance
    assert "extra.niveau" in acme.provenance


def test_a_field_made_anew_under_the_same_key_is_empty(potential: CustomField, company: Any, alice: Any) -> None:
    acme = company("Acme", siren=ACME, potentiel="fort")
    custom_fields.delete(alice, potential)
    custom_fields.add(alice, "Potentiel", CustomField.Type.NUMBER)
    companies.edit(alice, acme, {"potentiel": "12"})
    assert Company.objects.get(pk=acme.pk).extra == {"potentiel": 12}


def test_a_merge_is_still_undone_after_its_field_is_gone(potential: CustomField, company: Any, alice: Any) -> None:
    acme, bolt = company("Acme", siren=ACME), company("Bolt", siren=BOLT, potentiel="fort")
    merged = merging.merge(alice, acme, bolt)
    custom_fields.delete(alice, potential)
    merging.split(alice, merged)
    assert [Company.objects.get(pk=each.pk).extra for each in (acme, bolt)] == [{}, {}]


def test_the_command_line_does_the_same(shell: Any) -> None:
    shell("fields", "add", "Potentiel", "--type", "choice", "--choice", "fort")
    shell("fields", "add-choices", "potentiel", "faible")
    shell("fields", "rename", "potentiel", "Potentiel 2026")
    shell("companies", "add", "name=Acme", "potentiel=faible")
    assert "--yes" in shell("fields", "delete", "potentiel", ok=False).err
    assert shell.json("fields", "delete", "potentiel", "--yes") == {"key": "potentiel", "companies": 1}
    assert shell("fields", "delete", "potentiel", "--yes", ok=False).code == 1
