"""``tamis lake``: where events and snapshots lie, how they get there, and whether all of it is there once."""

from typing import TYPE_CHECKING

import click

from tamis.cli.shell import Answer, _, answering, moment, number, table, working
from tamis.messages import say, say_many

if TYPE_CHECKING:
    from tamis.lake.snapshots.reading import Compared

PATIENCE = 600.0  # seconds to wait for somebody else who takes a snapshot


@click.group(help=_("Le lac des événements : état, versement, compactage, vérification."))
def lake() -> None:
    pass


@lake.command(help=_("Ce qui attend, ce qui est versé, et comment les fichiers sont rangés."))
@answering
def status() -> Answer:
    with working():
        from tamis.app.services import lake as service
        from tamis.app.services import snapshots

        found, snapshot = service.status(), snapshots.status()
        rows: list[tuple[str, object]] = [
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
        if snapshot:
            rows += [
                (_("Instantané de l'état, tel qu'il était le"), moment(snapshot["as_of"])),
                (_("Changements depuis"), snapshot["waiting"]),
                (_("Lignes de l'instantané"), sum(snapshot["tables"].values())),
                (_("Taille de l'instantané (Mo)"), str(snapshot["megabytes"])),
            ]
    return Answer(found.as_json() | {"snapshot": snapshot}, lambda: table(["", ""], rows, right=[1]))


@lake.command(help=_("Prend un instantané de l'état pour les moteurs : ce qui a changé depuis le dernier, ou tout."))
@click.option("--whole", is_flag=True, help=_("Relit tout, même ce qui n'a pas changé."))
@answering
def snapshot(whole: bool) -> Answer:
    with working():
        from tamis.app.services import snapshots

        taken = snapshots.take(whole=whole, patience=PATIENCE)
        data = snapshots.status()
    rows = sum(each.rows for each in taken.manifest.tables.values())
    sentence = say(
        "Instantané de l'état tel qu'il était le {moment} : {rows} lignes.",
        moment=moment(taken.as_of),
        rows=number(rows),
    )
    return Answer(data, lambda: click.echo(sentence))


@lake.command(help=_("Verse dans le lac ce qui attend ; « tamis serve » et « tamis worker » le font chaque minute."))
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
@click.option("--all", "whole", is_flag=True, help=_("Récrit dans l'ordre chaque mois qui ne l'est pas en entier."))
@answering
def compact(many: int, whole: bool) -> Answer:
    with working():
        from tamis.app.services import lake as service
        from tamis.app.services import snapshots

        report = service.compact(many, whole=whole)
        tidied = snapshots.tidy()
    data = {
        "months": [*report.months], "files_before": report.files_before, "files_after": report.files_after,
        "deleted": report.vacuumed + tidied,
    }  # fmt: skip
    sentence = say(
        "{before} fichiers avant, {after} après ; {deleted} délaissés supprimés.", before=report.files_before,
        after=report.files_after, deleted=report.vacuumed + tidied,
    )  # fmt: skip
    return Answer(data, lambda: click.echo(sentence))


@lake.command(help=_("Vérifie que chaque événement reçu est là une fois (code de retour 1 sinon)."))
@answering
def verify() -> Answer:
    with working():
        from tamis.app.services import lake as service
        from tamis.app.services import snapshots

        found, compared = service.verify(), snapshots.verify()
    ok = found.ok and (compared is None or compared.ok)
    rows = [
        (_("Fichiers illisibles"), len(found.unreadable), ", ".join(found.unreadable[:3])),
        (_("Versements absents du lac"), len(found.missing_batches), _few(found.missing_batches)),
        (_("Versements incomplets ou doublés"), len(found.short_batches),
         _few([each["batch"] for each in found.short_batches])),
        (_("Versements inconnus de la boîte d'arrivée"), len(found.unknown_batches), _few(found.unknown_batches)),
        (_("Événements en double"), len(found.doubles), _few(found.doubles)),
        *(_differences(compared) if compared else ()),
    ]  # fmt: skip

    def show() -> None:
        table(["", "", ""], rows, right=[1])
        click.echo(
            say("{events} événements versés, {waiting} en attente : tout y est, une fois.",
                events=found.events, waiting=found.waiting)
            if found.ok
            else say("Le lac ne dit pas ce qui a été reçu : rétablissez une sauvegarde avec « tamis restore ».")
        )  # fmt: skip
        if compared:
            click.echo(
                say("{rows} lignes de l'instantané sont celles de l'état.", rows=number(compared.rows))
                if compared.ok
                else say("L'instantané n'est pas l'état : refaites-le avec « tamis lake snapshot --whole ».")
            )

    data = found.as_json() | {"ok": ok, "snapshot": compared.as_json() if compared else None}
    return Answer(data, show, exit_code=int(not ok))


def _differences(compared: "Compared") -> list[tuple[str, int, str]]:
    """A line for each table of the snapshot that is not as the state."""
    differences = [
        (_("Instantané : {table}").format(table=name), sum(map(len, kinds.values())),
         "; ".join(f"{kind} {_few(ids)}" for kind, ids in kinds.items()))
        for name, kinds in compared.differences.items()
    ]  # fmt: skip
    return [*differences, *((_("Instantané : {table}").format(table=name), 1, "?") for name in compared.unreadable)]


def _few(values: "list[int] | list[str]") -> str:
    return ", ".join(map(str, values[:5]))
