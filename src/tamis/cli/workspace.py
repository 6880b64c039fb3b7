"""``tamis init``, ``serve``, ``overview``, ``settings``."""

import gc
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

import click

from tamis.cli.parents import ENDS_WITHIN, end_with, heed_signals
from tamis.cli.shell import Answer, _, answering, database_answering, django_ready, note, number, table, working
from tamis.messages import say


@click.command(help=_("Crée l'espace de travail, ou met à niveau celui d'une version précédente."))
@click.option("--admin", default="admin", show_default=True, help=_("Nom du premier compte."))
@click.option(
    "--plan",
    type=click.Choice(["starter", "business", "premium", "platinium", "unlimited"]),
    default="unlimited",
    show_default=True,
    help=_("Abonnement : combien de lignes les listes peuvent contenir."),
)
@answering
def init(admin: str, plan: str) -> Answer:
    actor = django_ready()
    from django.conf import settings

    from tamis.app.models import Plan
    from tamis.app.services import workspace

    with database_answering():
        login = workspace.initialise(actor, admin, Plan(plan))
    data = {
        "home": str(settings.HOME),
        "created": login is not None,
        "username": login.username if login else None,
        "password": login.password if login else None,
    }

    def show() -> None:
        if login is None:
            click.echo(say("L'espace de travail {home} est à jour.", home=data["home"]))
            return
        click.echo(say("Espace de travail créé dans {home}.", home=data["home"]))
        click.echo(say("Compte : {name}, mot de passe : {password}", name=login.username, password=login.password))
        click.echo(say("Le mot de passe ne sera plus affiché ; « tamis users reset-password » en donne un autre."))
        click.echo(say("Pensez à verrouiller les listes qui ne doivent bouger qu'à la main :"))
        click.echo("  tamis lists lock interne-default client-default concurrent-default prospect-importé")

    return Answer(data, show)


@click.command(help=_("Sert la console à l'adresse http://HOST:PORT."))
@click.option("--host", default="127.0.0.1", show_default=True, help=_("Adresse d'écoute."))
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help=_("Port d'écoute."))
@click.option(
    "--threads", default=4, show_default=True, type=click.IntRange(1, 64),
    help=_("Requêtes servies à la fois par un processus."),
)  # fmt: skip
@click.option(
    "--processes", default=2, show_default=True, type=click.IntRange(1, 64),
    help=_("Processus qui servent, autant que de processeurs au plus ; chacun prend sa mémoire."),
)  # fmt: skip
@click.option(
    "--work/--no-work", default=True, show_default=True, help=_("Faire aussi les travaux en file (« tamis worker »).")
)
def serve(host: str, port: int, threads: int, processes: int, work: bool) -> None:
    with working():
        from django.db import connections

        from tamis.app.services import workspace

        workspace.require_current()
        # Every page and operation, once: the processes that serve are forks, which so start quickly and share them.
        import tamis.app.urls  # noqa: F401

        gc.freeze()  # looking for what may be freed would copy it
        connections.close_all()  # none of the forks may go on with ours
    from granian import Granian
    from granian.constants import Interfaces

    note(say("Console : http://{host}:{port} (Ctrl+C pour arrêter)", host=host, port=port))
    heed_signals()
    with worker_beside() if work else nullcontext():
        Granian(
            "tamis.app.wsgi:application", address=host, port=port, interface=Interfaces.WSGI, blocking_threads=threads,
            workers=processes, log_enabled=False, websockets=False, workers_kill_timeout=int(ENDS_WITHIN),
        ).serve(target_loader=partial(_application, os.getpid()), wrap_loader=False)  # fmt: skip


def _application(parent: int) -> Any:
    """What the server's processes run, each for as long as the one that started it."""
    from tamis.app.wsgi import application

    end_with(parent)
    return application


RESTARTED_AFTER = 2.0
"""Seconds after which a worker that died is started again."""
STOPS_WITHIN = 20.0
"""Seconds that a worker has to put its job back before it is killed; the next one takes it up all the same."""


@contextmanager
def worker_beside() -> Iterator[None]:
    """A worker in a process of its own for the length of the block; one that dies is started again."""
    command = [sys.executable, "-m", "tamis", "worker", "--parent", str(os.getpid())]
    ending = threading.Event()

    def started() -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=sys.stderr)

    # The first one before the server forks: a fork while it starts would keep its pipe open, and us waiting for ever.
    running = [started()]

    def keep_one() -> None:
        while running[0].wait() is not None and not ending.wait(RESTARTED_AFTER):
            running[:] = [started()]

    keeper = threading.Thread(target=keep_one, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        ending.set()
        for worker in running:
            worker.terminate()
            keeper.join(STOPS_WITHIN)
            worker.kill()


@click.command("overview", help=_("La base en un coup d'œil : entreprises par segment, lignes, attentes."))
@answering
def show_overview() -> Answer:
    with working():
        from tamis.app.services.overview import overview

        found = overview()
    data = found.as_json()

    def show() -> None:
        rows: list[tuple[Any, ...]] = [
            (each.segment.value, each.companies, _("hors chiffres") if each.left_out else "") for each in found.segments
        ]
        table([_("Segment"), _("Entreprises"), ""], rows, right=[1])
        limit = number(found.line_limit) if found.line_limit is not None else _("sans limite")
        click.echo(
            say(
                "{companies} entreprises ; {lines} lignes dans les listes ({limit}), dont {waiting} en attente "
                "et {review} à vérifier.",
                companies=number(found.total), lines=number(found.lines), limit=limit,
                waiting=number(found.waiting), review=number(found.review),
            )
        )  # fmt: skip

    return Answer(data, show)


@click.group(help=_("Les réglages de l'espace de travail."))
def settings() -> None:
    pass


def _settings_answer(workspace: Any) -> Answer:
    data = {name: getattr(workspace, name) for name in ("plan", "language", "time_zone", "currency")}
    return Answer(data, lambda: table([_("Réglage"), _("Valeur")], [*data.items()]))


@settings.command("show", help=_("Affiche les réglages."))
@answering
def show_settings() -> Answer:
    with working():
        from tamis.app.models import Workspace

        return _settings_answer(Workspace.objects.get())


@settings.command("set", help=_("Change un réglage : plan, language, time_zone ou currency."))
@click.argument("setting")
@click.argument("value")
@answering
def set_setting(setting: str, value: str) -> Answer:
    with working() as actor:
        from tamis.app.services import workspace

        return _settings_answer(workspace.change(actor, {setting: value}))
