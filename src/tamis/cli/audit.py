"""``tamis audit``: what was done, by whom, and the way back."""

from pathlib import Path

import click

from tamis.cli.options import FILE
from tamis.cli.shell import Answer, _, answering, moment, table, working
from tamis.messages import say_many

SINCE = click.option("--since", default="", metavar="2026-03-31", help=_("Depuis ce jour."))
UNTIL = click.option("--until", default="", metavar="2026-03-31", help=_("Jusqu'à ce jour compris."))
KIND = click.option("--kind", default="", help=_("Un genre d'acte, par exemple companies.moved."))
BY = click.option("--by", default="", help=_("Qui l'a fait."))


@click.group(help=_("Le journal : qui a fait quoi, quand et comment."))
def audit() -> None:
    pass


@audit.command("ls", help=_("Les derniers actes."))
@KIND
@BY
@SINCE
@UNTIL
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help=_("Combien d'actes."))
@answering
def ls(kind: str, by: str, since: str, until: str, limit: int) -> Answer:
    with working():
        from tamis.app.services import audit as service

        found = service.acts(service.Filters(kind=kind, by=by, since=since, until=until), everything=True)[:limit]
        data = [service.as_json(act) for act in found]
        rows = [(str(act["id"]), moment(act["at"]), act["by"], str(act["what"])) for act in data]
    return Answer(data, lambda: table(["N°", _("Quand"), _("Qui"), _("Quoi")], rows))


@audit.command(help=_("Écrit le journal dans un fichier CSV ou Excel."))
@click.argument("file", type=FILE)
@KIND
@BY
@SINCE
@UNTIL
@answering
def export(file: Path, kind: str, by: str, since: str, until: str) -> Answer:
    from tamis.sources.writing import format_of, write_table

    form = format_of(file)
    with working():
        from tamis.app.services import audit as service

        found = service.acts(service.Filters(kind=kind, by=by, since=since, until=until), everything=True)
        n = write_table(file, service.headings(), service.rows(found), form)
    return Answer(
        {"file": str(file), "acts": n}, lambda: click.echo(say_many("{n} acte écrit.", "{n} actes écrits.", n=n))
    )


@audit.command(help=_("Annule un déplacement à la main ou une fusion, par le numéro de l'acte."))
@click.argument("number", type=click.IntRange(1))
@answering
def undo(number: int) -> Answer:
    with working() as actor:
        from tamis.app.services import undoing

        done = undoing.undo(actor, undoing.find(number))
    return Answer({"undone": number, "back": done.back, "left": done.left}, lambda: click.echo(done.sentence()))
