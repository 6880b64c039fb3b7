"""``tamis lake``: where events lie, how they get there, and whether all of them are there once."""

import click

from tamis.cli.shell import Answer, _, answering, moment, table, working
from tamis.messages import say, say_many


@click.group(help=_("Le lac des événements : état, versement, compactage, vérification."))
def lake() -> None:
    pass


@lake.command(help=_("Ce qui attend, ce qui est versé, et comment les fichiers sont rangés."))
@answering
def status() -> Answer:
    with working():
        from tamis.app.services import lake as service

        found = service.status()
        rows = [
            (_("Événements versés"), found.events),
            (_("Événements en attente"), found.waiting),
            (_("Le plus ancien attend depuis"), moment(found.oldest_waiting)),
            (_("Versements"), found.batches),
            (_("Dernier versement"), moment(found.last_flush)),
            (_("Identifiants retenus"), found.known_ids),
            (_("Fichiers"), found.files),
            (_("dont petits"), found.small_files),
            (_("Taille (Mo)"), str(found.megabytes)),
        ]
    return Answer(found.as_json(), lambda: table(["", ""], rows, right=[1]))


@lake.command(help=_("Verse dans le lac ce qui attend ; « tamis serve » et « tamis work » le font chaque minute."))
@answering
def flush() -> Answer:
    with working():
        from tamis.app.services import identities
        from tamis.app.services import lake as service

        report = service.flush()
        identities.refresh()
    sentence = say_many("{n} événement versé.", "{n} événements versés.", n=report.events)
    return Answer({"events": report.events, "batches": report.batches}, lambda: click.echo(sentence))


@lake.command(help=_("Réunit les petits fichiers, mois par mois, et supprime ceux délaissés depuis longtemps."))
@click.option(
    "--many", type=click.IntRange(2, 10_000), default=200, show_default=True,
    help=_("À partir de combien de petits fichiers un mois est compacté."),
)  # fmt: skip
@answering
def compact(many: int) -> Answer:
    with working():
        from tamis.app.services import lake as service

        report = service.compact(many)
    data = {
        "months": [*report.months], "files_before": report.files_before, "files_after": report.files_after,
        "deleted": report.vacuumed,
    }  # fmt: skip
    sentence = say(
        "{before} fichiers avant, {after} après ; {deleted} délaissés supprimés.", before=report.files_before,
        after=report.files_after, deleted=report.vacuumed,
    )  # fmt: skip
    return Answer(data, lambda: click.echo(sentence))


@lake.command(help=_("Vérifie que chaque événement reçu est là une fois (code de retour 1 sinon)."))
@answering
def verify() -> Answer:
    with working():
        from tamis.app.services import lake as service

        found = service.verify()
    rows = [
        (_("Fichiers illisibles"), len(found.unreadable), ", ".join(found.unreadable[:3])),
        (_("Versements absents du lac"), len(found.missing_batches), _few(found.missing_batches)),
        (_("Versements incomplets ou doublés"), len(found.short_batches),
         _few([each["batch"] for each in found.short_batches])),
        (_("Versements inconnus de la boîte d'arrivée"), len(found.unknown_batches), _few(found.unknown_batches)),
        (_("Événements en double"), len(found.doubles), _few(found.doubles)),
    ]  # fmt: skip

    def show() -> None:
        table(["", "", ""], rows, right=[1])
        click.echo(
            say("{events} événements versés, {waiting} en attente : tout y est, une fois.",
                events=found.events, waiting=found.waiting)
            if found.ok
            else say("Le lac ne dit pas ce qui a été reçu : rétablissez une sauvegarde avec « tamis restore ».")
        )  # fmt: skip

    return Answer(found.as_json(), show, exit_code=int(not found.ok))


def _few(values: "list[int] | list[str]") -> str:
    return ", ".join(map(str, values[:5]))
