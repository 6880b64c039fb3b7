"""``tamis lists``: the lists, their imports and versions, their locks."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tamis.cli.options import DRY_RUN, FILE, FORMAT, YES, pairs
from tamis.cli.shell import Answer, _, answering, confirm, moment, note, number, progress, table, working
from tamis.messages import say, say_many

if TYPE_CHECKING:
    from tamis.app.services.list_comparing import Comparison
    from tamis.app.services.list_reports import Report, Told
    from tamis.sources.lists import RefusedLine


@click.group(help=_("Les listes : créer, importer, exporter, rétablir, verrouiller."))
def lists() -> None:
    pass


@lists.command(help=_("Crée une liste dans un segment : « tamis lists create prospect salons » fait prospect-salons."))
@click.argument("segment")
@click.argument("name")
@answering
def create(segment: str, name: str) -> Answer:
    with working() as actor:
        from tamis.app.services import lists as service

        made = service.create(actor, service.find_segment(segment), name)
    data = {"name": made.name, "segment": made.segment}
    return Answer(data, lambda: click.echo(say("Liste « {name} » créée.", name=made.name)))


@lists.command("ls", help=_("Les listes avec leurs chiffres."))
@answering
def ls() -> Answer:
    with working():
        from tamis.app.services.lists import summaries

        found = summaries()
        data = [each.as_json() for each in found]
        rows = [
            (
                each.list.name,
                each.companies,
                each.lines,
                each.waiting,
                each.review,
                each.refused,
                _("verrouillée") if each.list.locked else "",
                moment(each.last_import),
            )
            for each in found
        ]
    headings = [_("Liste"), _("Entreprises"), _("Lignes"), _("En attente"), _("À vérifier")]
    headings += [_("Refusées"), "", _("Dernier import")]
    return Answer(data, lambda: table(headings, rows, right=[1, 2, 3, 4, 5]))


@lists.command(help=_("Renomme une liste dans son segment."))
@click.argument("list_name", metavar="LIST")
@click.argument("name")
@answering
def rename(list_name: str, name: str) -> Answer:
    with working() as actor:
        from tamis.app.services import lists as service

        renamed = service.rename(actor, service.find(list_name), name)
    return Answer({"name": renamed.name}, lambda: click.echo(say("La liste s'appelle « {name} ».", name=renamed.name)))


@lists.command(help=_("Supprime une liste, après avoir dit où vont ses entreprises."))
@click.argument("list_name", metavar="LIST")
@YES
@DRY_RUN
@answering
def delete(list_name: str, yes: bool, dry_run: bool) -> Answer:
    with working() as actor:
        from tamis.app.services import lists as service

        target = service.find(list_name)
        planned = service.rehearse_deletion(actor, target)
        note(_deletion_sentence(target.name, planned.destinations))
        if not dry_run:
            if planned.companies:
                question = say_many(
                    "Supprimer « {name} » et envoyer ailleurs {n} entreprise ?",
                    "Supprimer « {name} » et envoyer ailleurs {n} entreprises ?",
                    n=planned.companies, name=target.name,
                )  # fmt: skip
                confirm(question, yes)
            planned = service.delete(actor, target)
    data = {
        "name": target.name,
        "deleted": not dry_run,
        "companies": planned.companies,
        "destinations": planned.destinations,
    }
    sentence = say("Rien n'a été changé.") if dry_run else say("Liste « {name} » supprimée.", name=target.name)
    return Answer(data, lambda: click.echo(sentence))


def _deletion_sentence(name: str, destinations: dict[str, int]) -> object:
    if not destinations:
        return say("« {name} » ne contient aucune entreprise.", name=name)
    went = ", ".join(f"{number(n)} → {destination}" for destination, n in destinations.items())
    return say("Entreprises de « {name} » : {went}.", name=name, went=went)


@lists.command("import", help=_("Importe un fichier CSV ou Excel dans une liste ; il remplace ce qu'elle contient."))
@click.argument("list_name", metavar="LIST")
@click.argument("file", type=FILE)
@click.option(
    "--map",
    "maps",
    multiple=True,
    metavar="TITRE=COLONNE",
    help=_("Dit laquelle des quatre colonnes une colonne du fichier est ; TITRE= l'écarte. Répétable."),
)
@click.option("--append", is_flag=True, help=_("Ajoute à ce que la liste contient, au lieu de le remplacer."))
@DRY_RUN
@click.option("--strict", is_flag=True, help=_("N'applique rien si une ligne est refusée (code de retour 1)."))
@click.option("--refused", type=FILE, help=_("Écrit les lignes refusées et leur motif dans ce fichier CSV."))
@answering
def import_(
    list_name: str, file: Path, maps: tuple[str, ...], append: bool, dry_run: bool, strict: bool, refused: Path | None
) -> Answer:
    mapping = pairs(maps)
    with working() as actor:
        from tamis.app.services import list_imports
        from tamis.app.services import lists as service

        target = service.find(list_name)
        with progress(target.name) as told:
            report = list_imports.import_file(
                actor, target, file, append=append, dry_run=dry_run, strict=strict, columns=mapping or None,
                progress=told, refused_to=partial(_write_refused, refused) if refused else None,
            )  # fmt: skip
    failed = strict and report.refused > 0
    return Answer(report.as_json(), lambda: show_report(report, refused), exit_code=int(failed))


def _write_refused(file: Path, lines: "Iterator[RefusedLine]") -> None:
    from tamis.sources.lists import REFUSED_COLUMNS, refused_cells
    from tamis.sources.writing import Format, write_table

    write_table(file, REFUSED_COLUMNS, (refused_cells(line) for line in lines), Format.CSV)


def show_report(report: "Report", refused_file: Path | None = None) -> None:
    if report.applied:
        click.echo(
            say(
                "« {list} », version {version} : {file} importé.",
                list=report.list_name,
                version=report.version,
                file=report.file,
            )
        )
    else:
        click.echo(say("« {list} » : rien n'a été changé.", list=report.list_name))
    rows: list[tuple[str, int]] = [
        (_("lignes lues"), report.lines),
        (_("acceptées"), report.accepted),
        (_("  dont réparées"), report.repaired),
        (_("  dont entreprise connue"), report.matched),
        (_("  dont en attente de leur entreprise"), report.waiting),
        (_("  dont à vérifier"), report.review),
        (_("refusées"), report.refused),
        (_("entreprises entrées dans la liste"), report.moved),
        (_("entreprises renvoyées ailleurs"), report.released),
        (_("entreprises retenues par un verrou"), report.kept_locked),
        (_("entreprises retenues par une réclamation plus forte"), report.outranked),
    ]
    table(["", ""], rows, right=[1])
    for message in report.notes:
        click.echo(message)
    _show_lines(_("Lignes réparées :"), report.repairs, report.repaired)
    _show_lines(_("Lignes refusées :"), report.refusals, report.refused)
    if report.refused and refused_file:
        click.echo(say("À corriger dans {file}, puis à réimporter avec --append.", file=refused_file))
    elif report.refused:
        click.echo(_("Avec --refused FICHIER, elles s'écrivent dans un fichier à corriger."))


def _show_lines(title: str, told: "list[Told]", how_many: int, most: int = 10) -> None:
    if told:
        click.echo(title)
    for each in told[:most]:
        reasons = " ; ".join(map(str, each.messages))
        click.echo(say("  ligne {line} : {reasons}", line=each.line, reasons=reasons))
    if how_many > most:
        click.echo(say("  … et {n} autres", n=how_many - most))


@lists.command(help=_("Exporte le contenu d'une liste, à réimporter tel quel (CSV, Excel)."))
@click.argument("list_name", metavar="LIST")
@click.argument("file", type=FILE)
@click.option("--version", "number_", type=int, help=_("Le contenu d'après cette version."))
@FORMAT
@answering
def export(list_name: str, file: Path, number_: int | None, form: str | None) -> Answer:
    with working():
        from tamis.app.services import exports, list_versions
        from tamis.app.services import lists as service
        from tamis.sources.lists import COLUMNS
        from tamis.sources.writing import Format, format_of, write_table

        target = service.find(list_name)
        if number_ is not None:
            list_versions.find_version(target, number_)
        written = write_table(
            file, COLUMNS, exports.list_rows(target, number_), Format(form) if form else format_of(file)
        )
    return Answer(
        {"list": target.name, "file": str(file), "lines": written},
        lambda: click.echo(
            say_many("{n} ligne écrite dans {file}.", "{n} lignes écrites dans {file}.", n=written, file=file)
        ),
    )


@lists.command(help=_("Les versions d'une liste, la dernière en premier."))
@click.argument("list_name", metavar="LIST")
@answering
def history(list_name: str) -> Answer:
    with working():
        from tamis.app.services import list_versions
        from tamis.app.services import lists as service

        versions = [*list_versions.history(service.find(list_name))]
        data = [list_versions.as_json(each) for each in versions]
        rows = [
            (str(e["version"]), e["kind"], e["file"], e["accepted"], e["refused"], moment(e["at"]), e["by"])
            for e in data
        ]
    headings = [_("Version"), "", _("Fichier"), _("Acceptées"), _("Refusées"), _("Quand"), _("Par")]
    return Answer(data, lambda: table(headings, rows, right=[0, 3, 4]))


@lists.command(help=_("Compare deux versions d'une liste : lignes ajoutées, retirées, changées, inchangées."))
@click.argument("list_name", metavar="LIST")
@click.argument("older", type=int, metavar="A")
@click.argument("newer", type=int, metavar="B")
@answering
def compare(list_name: str, older: int, newer: int) -> Answer:
    with working():
        from tamis.app.services import list_comparing
        from tamis.app.services import lists as service

        target = service.find(list_name)
        found = list_comparing.compare(target, older, newer)
    counts = {kind.value: found.count(kind) for kind in list_comparing.Difference}
    data = {
        "list": target.name, "from": older, "to": newer, **counts, "unchanged": found.unchanged,
        "changes": [
            {"what": each.what, "before": each.before, "after": each.after, "company": each.company}
            for each in found.changes
        ],
    }  # fmt: skip
    return Answer(data, lambda: _show_comparison(found))


def _show_comparison(found: "Comparison", most: int = 50) -> None:
    from tamis.app.services.list_comparing import WORDS

    click.echo(
        say(
            "Lignes ajoutées : {added} ; retirées : {removed} ; changées : {changed} ; inchangées : {unchanged}.",
            added=number(found.count("added")), removed=number(found.count("removed")),
            changed=number(found.count("changed")), unchanged=number(found.unchanged),
        )
    )  # fmt: skip
    rows = [
        (str(WORDS[each.what]), *(each.after or each.before or ()), ", ".join(each.columns))
        for each in found.changes[:most]
    ]
    if rows:
        table([_("Changement"), "Nom", "SIREN", "Domaine email", "Website", _("Ce qui diffère")], rows)
    if len(found.changes) > most:
        click.echo(say("  … et {n} autres", n=len(found.changes) - most))


@lists.command(help=_("Rétablit ce que la liste contenait après une version passée."))
@click.argument("list_name", metavar="LIST")
@click.argument("version", type=int)
@DRY_RUN
@answering
def restore(list_name: str, version: int, dry_run: bool) -> Answer:
    with working() as actor:
        from tamis.app.services import list_imports
        from tamis.app.services import lists as service

        target = service.find(list_name)
        with progress(target.name) as told:
            report = list_imports.restore(actor, target, version, dry_run=dry_run, progress=told)
    return Answer(report.as_json(), lambda: show_report(report))


SEGMENT = click.option("--segment", help=_("Toutes les listes de ce segment, sauf prospect-default."))


def _chosen(names: tuple[str, ...], segment: str | None) -> Any:
    from tamis.app.services import lists as service

    if not names and not segment:
        raise click.UsageError(_("Nommez au moins une liste, ou un segment avec --segment."))
    return [service.find(name) for name in names] + (
        service.of_segment(service.find_segment(segment)) if segment else []
    )


@lists.command(help=_("Verrouille des listes : seule une personne en fait sortir une entreprise."))
@click.argument("list_names", metavar="LIST...", nargs=-1)
@SEGMENT
@answering
def lock(list_names: tuple[str, ...], segment: str | None) -> Answer:
    with working() as actor:
        from tamis.app.services import lists as service

        chosen = _chosen(list_names, segment)
        service.lock(actor, chosen)
    names = [each.name for each in chosen]
    return Answer({"locked": names}, lambda: click.echo(say("Verrouillé : {names}.", names=", ".join(names))))


@lists.command(help=_("Déverrouille des listes et reclasse aussitôt ce qu'elles retenaient."))
@click.argument("list_names", metavar="LIST...", nargs=-1)
@SEGMENT
@DRY_RUN
@answering
def unlock(list_names: tuple[str, ...], segment: str | None, dry_run: bool) -> Answer:
    with working() as actor:
        from tamis.app.services import lists as service
        from tamis.app.services.sorting import would_leave

        chosen = _chosen(list_names, segment)
        left = {each.name: would_leave(each) for each in chosen if each.locked}
        for name, n in left.items():
            note(
                say_many(
                    "« {name} » retient {n} entreprise qui irait ailleurs.",
                    "« {name} » retient {n} entreprises qui iraient ailleurs.",
                    n=n,
                    name=name,
                )
            )
        if not dry_run:
            left = service.unlock(actor, chosen)
    data = {"unlocked": [] if dry_run else [each.name for each in chosen], "moved": sum(left.values()), "left": left}
    sentence = (
        say("Rien n'a été changé.") if dry_run else say("Déverrouillé : {names}.", names=", ".join(data["unlocked"]))  # type: ignore[arg-type]
    )
    return Answer(data, lambda: click.echo(sentence))


@lists.command(help=_("Écrit un modèle de fichier de liste, avec des lignes d'exemple."))
@click.argument("file", type=FILE)
@answering
def template(file: Path) -> Answer:
    from tamis.sources.lists import COLUMNS, TEMPLATE_ROWS
    from tamis.sources.writing import format_of, write_table

    write_table(file, COLUMNS, TEMPLATE_ROWS, format_of(file))
    return Answer(
        {"file": str(file), "columns": COLUMNS}, lambda: click.echo(say("Modèle écrit dans {file}.", file=file))
    )
