"""``tamis companies``: imported, exported, typed in, moved, shown, merged and split."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tamis.cli.options import DRY_RUN, FILE, FORMAT, pairs, parted
from tamis.cli.shell import Answer, _, answering, moment, progress, table, working
from tamis.messages import Message, say, say_many

if TYPE_CHECKING:
    from tamis.app.models import Company
    from tamis.app.services.company_imports import Report


WHAT = {"refused": say("refusée"), "dropped": say("case écartée"), "review": say("à vérifier")}


@click.group(help=_("Les entreprises : importer, exporter, saisir, déplacer, fusionner."))
def companies() -> None:
    pass


def _values(texts: tuple[str, ...]) -> dict[str, str]:
    """``FIELD=VALUE``: a value may contain the sign, a field may not."""
    return dict(parted(text, text.partition("=")) for text in texts)


@companies.command(
    "import", help=_("Importe un fichier CSV ou Excel d'entreprises : les connues sont mises à jour, jamais doublées.")
)
@click.argument("file", type=FILE)
@click.option(
    "--map",
    "maps",
    multiple=True,
    metavar="TITRE=CHAMP",
    help=_("Envoie une colonne vers un champ ; TITRE= l'écarte. Répétable."),
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help=_("Le jour dont parle le fichier (AAAA-MM-JJ) ; par défaut aujourd'hui."),
)
@click.option("--create-tags", is_flag=True, help=_("Crée les tags qui manquent ; sinon la ligne est refusée."))
@DRY_RUN
@click.option(
    "--report",
    "report_file",
    type=FILE,
    help=_("Écrit tout ce qui est refusé ou écarté, ligne par ligne, dans ce fichier CSV."),
)
@answering
def import_(
    file: Path, maps: tuple[str, ...], as_of: Any, create_tags: bool, dry_run: bool, report_file: Path | None
) -> Answer:
    with working() as actor:
        from tamis.app.services import company_imports

        said: list[tuple[int, str, Message]] = []
        day: date | None = as_of.date() if as_of else None
        with progress(file.name) as told:
            report = company_imports.import_file(
                actor, file, mapping=pairs(maps), as_of=day, dry_run=dry_run, create_tags=create_tags, progress=told,
                told=lambda line, what, why: said.append((line, what, why)),
            )  # fmt: skip
    if report_file:
        write_problems(report_file, said)
    shown = [{"line": line, "what": what, "why": str(why)} for line, what, why in said[:100]]
    return Answer(report.as_json() | {"problems": shown}, lambda: _show_report(report, said))


def write_problems(file: Path, said: list[tuple[int, str, Message]]) -> None:
    """Write what was told of lines to a CSV file."""
    from tamis.sources.writing import Format, write_table

    rows = ((str(line), str(WHAT[what]), str(why)) for line, what, why in said)
    write_table(file, (_("Ligne"), _("Quoi"), "Motif"), rows, Format.CSV)


def _show_report(report: "Report", said: list[tuple[int, str, Message]]) -> None:
    rows: list[tuple[str, int]] = [
        (_("entreprises créées"), report.created),
        (_("mises à jour"), report.updated),
        (_("inchangées"), report.unchanged),
        (_("lignes refusées"), report.refused),
        (_("lignes à vérifier"), report.review),
        (_("cases écartées"), report.dropped_cells),
        (_("lignes de listes qui les attendaient"), report.answered_lines),
    ]
    show_import(report, rows, said)


def show_import(
    report: Any, rows: list[tuple[str, int]], said: list[tuple[int, str, Message]], options: str = "", most: int = 10
) -> None:
    """Print what an import did; ``options`` make a field for a heading that none takes."""
    click.echo(
        say("{file} : rien n'a été changé (essai).", file=report.file)
        if report.dry_run
        else say("{file} importé.", file=report.file)
    )
    if report.dry_run and report.rehearsed < report.lines:
        click.echo(
            say("Essayées en entier : les {n} premières lignes. Les autres sont lues et vérifiées.", n=report.rehearsed)
        )
    table(["", ""], [(_("lignes lues"), report.lines), *rows], right=[1])
    for line, what, why in said[:most]:
        click.echo(say("  ligne {line}, {what} : {why}", line=line, what=WHAT[what], why=why))
    if len(said) > most:
        click.echo(say("  … et {n} autres (tout avec --report FICHIER)", n=len(said) - most))
    for heading in report.new_headings:
        click.echo(
            say(
                "Colonne « {heading} » non reconnue. Pour la garder : "
                "tamis fields add \"{heading}\" --type {type}, puis importez à nouveau.",
                heading=heading["heading"], type=f"{heading['type']} {options}".rstrip(),
            )
        )  # fmt: skip


@companies.command(help=_("Exporte les entreprises : CSV, Excel, ou CSV tel qu'Excel français l'ouvre."))
@click.argument("file", type=FILE)
@click.option("--segment", help=_("Seulement ce segment."))
@click.option("--list", "list_name", help=_("Seulement cette liste."))
@click.option("--rule", default="", metavar="RULE", help=_("Seulement celles d'une règle : « companies where … »."))
@FORMAT
@answering
def export(file: Path, segment: str | None, list_name: str | None, rule: str, form: str | None) -> Answer:
    with working():
        from tamis.app.services import exports, lists
        from tamis.app.services.company_filters import Filters, filtered
        from tamis.sources.writing import Format, format_of, write_table

        chosen = filtered(Filters(rule=Filters.ruled(rule)))
        if segment:
            chosen = chosen.filter(list__segment=lists.find_segment(segment))
        if list_name:
            chosen = chosen.filter(list=lists.find(list_name))
        rows = exports.company_rows(chosen)
        written = write_table(file, exports.company_headings(), rows, Format(form) if form else format_of(file))
    return Answer(
        {"file": str(file), "companies": written},
        lambda: click.echo(
            say_many("{n} entreprise écrite dans {file}.", "{n} entreprises écrites dans {file}.", n=written, file=file)
        ),
    )


@companies.command(help=_('Saisit une entreprise : « tamis companies add name="Atelier Morel" siren=732829320 ».'))
@click.argument("values", nargs=-1, required=True, metavar="CHAMP=VALEUR...")
@answering
def add(values: tuple[str, ...]) -> Answer:
    with working() as actor:
        from tamis.app.services import companies as service

        company = service.add(actor, _values(values))
        return _company_answer(company)


@companies.command(help=_("Change des champs d'une entreprise ; CHAMP= le vide."))
@click.argument("company_id", metavar="ID")
@click.argument("values", nargs=-1, required=True, metavar="CHAMP=VALEUR...")
@answering
def edit(company_id: str, values: tuple[str, ...]) -> Answer:
    with working() as actor:
        from tamis.app.services import companies as service

        company = service.find(company_id)
        service.edit(actor, company, _values(values))
        return _company_answer(service.find(str(company.pk)))


@companies.command(help=_("Enlève d'une entreprise un nom, un identifiant ou un domaine qui n'est pas le sien."))
@click.argument("company_id", metavar="ID")
@click.argument("text")
@answering
def drop(company_id: str, text: str) -> Answer:
    with working() as actor:
        from tamis.app.services import companies as service

        company = service.find(company_id)
        service.drop(actor, company, text)
        return _company_answer(service.find(str(company.pk)))


@companies.command(
    help=_("Une entreprise : champs avec leur source, réclamations, déplacements. ID : numéro ou SIREN.")
)
@click.argument("company_id", metavar="ID")
@answering
def show(company_id: str) -> Answer:
    with working():
        from tamis.app.services import companies as service

        return _company_answer(service.find(company_id))


def _company_answer(company: "Company") -> Answer:
    from tamis.app.services.company_sheet import sheet

    data = sheet(company)

    def show() -> None:
        state = _(", verrouillée") if data["locked"] else ""
        click.echo(f"{data['name']} (n° {data['id']}) — {data['list']}{state}")
        table(
            [_("Champ"), _("Valeur"), _("Source"), _("En date du")],
            [(each["label"], each["value"], each["source"], each["as_of"]) for each in data["fields"]],
        )
        click.echo(_("Réclamations, la plus forte d'abord :") if data["claims"] else _("Aucune réclamation."))
        for claim in data["claims"]:
            click.echo(f"  {claim['list']} — {claim['reason']} ({moment(claim['at'])})")
        for step in data["moves"]:
            click.echo(f"  {moment(step['at'])} : {step['from']} → {step['to']}, {step['reason']} ({step['by']})")

    return Answer(data, show)


@companies.command(help=_("Déplace des entreprises à la main, et les y épingle. ID : numéros ou SIREN."))
@click.argument("list_name", metavar="LIST")
@click.argument("company_ids", metavar="ID...", nargs=-1, required=True)
@answering
def move(list_name: str, company_ids: tuple[str, ...]) -> Answer:
    with working() as actor:
        from tamis.app.services import companies as service
        from tamis.app.services import lists

        target = lists.find(list_name)
        done = service.move(actor, target, [service.find(word).pk for word in company_ids])
    data = {"list": target.name, "moved": done.moved, "already_there": done.already_there}
    sentence = say_many(
        "{n} entreprise déplacée dans « {list} ».",
        "{n} entreprises déplacées dans « {list} ».",
        n=done.moved,
        list=target.name,
    )
    return Answer(data, lambda: click.echo(sentence))


@companies.command(help=_("Retire l'épingle d'entreprises déplacées à la main : leurs autres réclamations décident."))
@click.argument("company_ids", metavar="ID...", nargs=-1, required=True)
@answering
def release(company_ids: tuple[str, ...]) -> Answer:
    with working() as actor:
        from tamis.app.services import companies as service

        moved = service.release(actor, [service.find(word).pk for word in company_ids])
    return Answer(
        {"moved": moved},
        lambda: click.echo(
            say_many("{n} entreprise a changé de liste.", "{n} entreprises ont changé de liste.", n=moved)
        ),
    )


@companies.command(help=_("Fusionne une entreprise (ABSORBED) dans une autre (KEPT). Se défait avec « split »."))
@click.argument("kept")
@click.argument("absorbed")
@answering
def merge(kept: str, absorbed: str) -> Answer:
    with working() as actor:
        from tamis.app.services import companies as service
        from tamis.app.services import merging

        merged = merging.merge(actor, service.find(kept), service.find(absorbed))
        data = {"merge": merged.pk, "kept": merged.kept_id, "absorbed": merged.absorbed_id}
    sentence = say("Fusion n° {id} faite. Pour la défaire : tamis companies split {id}", id=merged.pk)
    return Answer(data, lambda: click.echo(sentence))


@companies.command(help=_("Défait une fusion : chaque entreprise retrouve ce qu'elle avait."))
@click.argument("merge_id", metavar="MERGE", type=int)
@answering
def split(merge_id: int) -> Answer:
    with working() as actor:
        from tamis.app.services import merging

        merged = merging.find(merge_id)
        back = merging.split(actor, merged)
        data = {"kept": merged.kept_id, "restored": back.pk}
    return Answer(data, lambda: click.echo(say("« {name} » (n° {id}) est de retour.", name=back.name, id=back.pk)))
