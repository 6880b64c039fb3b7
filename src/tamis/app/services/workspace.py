"""The workspace: created, upgraded, set up."""

import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from zoneinfo import available_timezones

from babel import Locale
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from tamis.app.models import Act, Plan, Role, Workspace
from tamis.app.services import lake, users
from tamis.app.services.acting import Actor, acting, record
from tamis.app.services.lists import start_lists
from tamis.errors import NotFound, NotReady, Refused, did_you_mean
from tamis.messages import LANGUAGES, say


def ensure_home() -> None:
    """Make the workspace's folder and its secret key, readable by their owner only."""
    try:
        settings.HOME.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise NotReady(
            say("Impossible de créer le dossier {home} ({said}).", home=str(settings.HOME), said=error.strerror)
        ) from error
    file = settings.HOME / "secret.key"
    if not os.environ.get("TAMIS_SECRET_KEY") and not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(50))
        settings.SECRET_KEY = file.read_text()


def initialise(actor: Actor, admin: str = "admin", plan: Plan = Plan.UNLIMITED) -> users.Login | None:
    """Create the workspace, or bring an older one up to date; the first admin's login when it was created."""
    ensure_home()
    call_command("migrate", verbosity=0, interactive=False)
    lake.upgrade()
    with transaction.atomic():
        if Workspace.objects.exists():
            return None
        Workspace.objects.create(plan=plan)
        start_lists()
        login = users.make(admin, Role.ADMIN)
        record(actor, Act.Kind.WORKSPACE_CREATED, say("Espace de travail créé"))
    return login


def require() -> Workspace:
    """The workspace. Raises :class:`~tamis.errors.NotReady` when there is none, or one older than the program."""
    if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
        raise NotReady(
            say("Pas d'espace de travail dans {home} : créez-le avec « tamis init ».", home=str(settings.HOME))
        )
    tables = connection.introspection.table_names()
    workspace = Workspace.objects.first() if Workspace._meta.db_table in tables else None
    if workspace is None:
        raise NotReady(say("L'espace de travail n'est pas créé : lancez « tamis init »."))
    return workspace


def pending_migrations() -> bool:
    """Whether the database is older than the program."""
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def require_current() -> None:
    """Raise :class:`~tamis.errors.NotReady` when the database is older than the program."""
    if pending_migrations():
        raise NotReady(say("L'espace de travail est plus ancien que le programme : lancez « tamis init »."))


SETTINGS = {"plan": Plan.values, "language": [*LANGUAGES], "time_zone": None, "currency": None}
"""What can be set, and the values allowed (``None``: see :func:`change`)."""


def _currencies() -> list[str]:
    """The codes of ISO 4217."""
    return sorted(Locale("fr").currencies)


_OPEN: Mapping[str, Callable[[], list[str]]] = {
    "time_zone": lambda: sorted(available_timezones()),
    "currency": _currencies,
}
"""The settings with too many values to list them all."""


def change(actor: Actor, wanted: Mapping[str, str]) -> Workspace:
    """Change settings, all or none.

    Raises :class:`~tamis.errors.NotFound` for an unknown one, ``Refused`` for a bad value.
    """
    for setting, value in wanted.items():
        _refuse_bad(setting, value)
    with transaction.atomic():
        for setting, value in wanted.items():
            note = say("Réglage « {name} » : {value}", name=setting, value=value)
            with acting(actor, Act.Kind.SETTINGS_CHANGED, note):
                Workspace.objects.update(**{setting: value})
    return Workspace.objects.get()


def _refuse_other_currency(value: str) -> None:
    """Amounts that are there already are in the currency they came in: it no longer changes."""
    if value != Workspace.objects.get().currency and lake.has_events():
        raise Refused(
            say("Des événements ont déjà des montants : la devise de l'espace ne change plus."), "setting.currency"
        )


def _refuse_bad(setting: str, value: str) -> None:
    if setting not in SETTINGS:
        raise NotFound(
            say("Aucun réglage ne s'appelle « {name} ».{hint}", name=setting, hint=did_you_mean(setting, SETTINGS))
        )
    allowed = SETTINGS[setting] or _OPEN[setting]()
    if value not in allowed:
        hint = did_you_mean(value, allowed) if SETTINGS[setting] is None else ", ".join(allowed)
        raise Refused(
            say("« {value} » ne convient pas à « {name} » : {hint}", value=value, name=setting, hint=hint), "setting"
        )
    if setting == "currency":
        _refuse_other_currency(value)
