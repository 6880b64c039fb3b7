"""``tamis worker`` and ``tamis jobs``: the worker, and what it has to do."""

import signal
import threading
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from tamis.cli.parents import orphaned
from tamis.cli.shell import Answer, _, answering, moment, note, table, working
from tamis.messages import say, say_many

if TYPE_CHECKING:
    from tamis.app.models import Job


@click.command(help=_("Fait les travaux en file, un à la fois, jusqu'à ce qu'on l'arrête. Plusieurs peuvent tourner."))
@click.option("--once", is_flag=True, help=_("Fait ce qui attend, puis s'arrête."))
@click.option("--parent", type=int, hidden=True)
@answering
def worker(once: bool, parent: int | None) -> Answer:
    asked = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        asked.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)

    def stopping() -> bool:
        return asked.is_set() or (parent is not None and orphaned(parent))

    with working():
        from tamis.app.services import work as service
        from tamis.app.services import workspace

        workspace.require_current()
        if once:
            service.run_due()
            count = service.run_queued(stopping)
            sentence = say_many("{n} travail fait.", "{n} travaux faits.", n=count)
            return Answer({"jobs": count}, lambda: click.echo(sentence))
        note(say("En attente de travaux (Ctrl+C pour arrêter)."))
        service.run(stopping, asked.wait)
    return Answer({"stopped": True}, lambda: None)


@click.group(help=_("Les travaux en arrière-plan : ce qui attend, ce qui tourne, ce qui est fini."))
def jobs() -> None:
    pass


@jobs.command("ls", help=_("Les derniers travaux, le plus récent d'abord."))
@click.option("--active", is_flag=True, help=_("Seulement ceux qui attendent ou tournent."))
@click.option("--limit", default=30, show_default=True, type=click.IntRange(1, 1000), help=_("Combien au plus."))
@answering
def list_jobs(active: bool, limit: int) -> Answer:
    with working():
        from tamis.app.services import jobs as service

        found = (service.active() if active else service.history())[:limit]
        data = [_data(job) for job in found]
        rows = [
            (
                str(job.pk),
                service.heading(job),
                job.about,
                job.get_state_display(),
                _share(job),
                job.by,
                moment(job.created_at),
            )
            for job in found
        ]
    headings = [_("N°"), _("Travail"), _("Fichier"), _("État"), _("Avancement"), _("Par"), _("Demandé")]
    return Answer(data, lambda: table(headings, rows))


def _share(job: "Job") -> str:
    return f"{job.done} / {job.total}" if job.total else str(job.done or "")


def _data(job: "Job") -> dict[str, Any]:
    from tamis.app.services.jobs import as_json

    return as_json(job)


@jobs.command("show", help=_("Un travail : où il en est, ce qu'il a donné, ou pourquoi il a échoué."))
@click.argument("job_id", metavar="ID", type=int)
@answering
def show_job(job_id: int) -> Answer:
    with working():
        from tamis.app.services import jobs as service

        job = service.find(job_id)
        return _answer(job)


def _answer(job: "Job") -> Answer:
    from tamis.app.services.jobs import heading

    data = _data(job)
    told = job.error or job.phase

    def show() -> None:
        click.echo(f"{job.pk} : {heading(job)} {job.about} — {job.get_state_display()} {_share(job)}".rstrip())
        if told:
            click.echo(str(told))
        figures = [(name, value) for name, value in job.result.items() if type(value) is int]
        if figures:
            table(["", ""], figures, right=[1])
        for name in job.files:
            click.echo(str(job.folder / "out" / name))

    return Answer(data, show)


@jobs.command(help=_("Annule un travail qui attend ou qui tourne."))
@click.argument("job_id", metavar="ID", type=int)
@answering
def cancel(job_id: int) -> Answer:
    with working() as actor:
        from tamis.app.services import jobs as service

        job = service.cancel(actor, service.find(job_id))
        sentence = (
            say("Le travail n° {id} s'arrête.", id=job_id)
            if job.active
            else say("Le travail n° {id} est annulé.", id=job_id)
        )
    return Answer(_data(job), lambda: click.echo(sentence))
