"""``tamis backup`` and ``tamis restore``: a whole workspace, taken along and brought back."""

from pathlib import Path

import click

from tamis.cli.options import FILE
from tamis.cli.shell import Answer, _, answering, database_answering, django_ready, note, working
from tamis.messages import say, say_many


@click.command(help=_("Sauvegarde l'espace de travail dans un dossier nouveau : état, boîte d'arrivée, lac."))
@click.argument("folder", metavar="DIR", type=FILE)
@answering
def backup(folder: Path) -> Answer:
    with working():
        from tamis.app.services import backups

        if _on_postgresql():
            note(say("L'état est dans PostgreSQL : faites-en d'abord un pg_dump ; seul le lac est pris ici."))
        made = backups.back_up(folder)
    return Answer(made, lambda: click.echo(say("Sauvegarde écrite dans {folder}.", folder=folder)))


@click.command(help=_("Rétablit une sauvegarde dans un TAMIS_HOME vide."))
@click.argument("folder", metavar="DIR", type=FILE)
@click.option(
    "--accept-ahead", is_flag=True, help=_("Garde les événements du lac que l'état sauvegardé ne connaît pas.")
)
@answering
def restore(folder: Path, accept_ahead: bool) -> Answer:
    django_ready()
    with database_answering():
        from tamis.app.services import backups

        done = backups.restore(folder, accept_ahead=accept_ahead)
    sentence = say_many(
        "Sauvegarde rétablie ; {n} événement attend d'être versé. « tamis lake verify » la vérifie.",
        "Sauvegarde rétablie ; {n} événements attendent d'être versés. « tamis lake verify » la vérifie.",
        n=done["waiting"],
    )
    return Answer(done, lambda: click.echo(sentence))


def _on_postgresql() -> bool:
    from django.db import connection

    return connection.vendor == "postgresql"
