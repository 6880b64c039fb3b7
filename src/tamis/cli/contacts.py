"""``tamis contacts``: imported, exported, listed, shown, typed in, changed, tied to companies."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tamis.cli.options import DRY_RUN, FILE, FORMAT, pairs, parted
from tamis.cli.shell import Answer, _, answering, moment, progress, table, working
from tamis.messages import Message, say, say_many

if TYPE_CHECKING:
    from tamis.app.models import Contact
    from tamis.app.services.contact_imports import Report


@click.group(help=_("Les contacts : importer, exporter, chercher, saisir, rattacher à une entreprise."))
def contacts() -> None:
    pass


CREATE_TAGS = click.option(
    "--create-tags", is_flag=True, help=_("Crée les tags qui manquent ; sinon la ligne est refusée.")
)
WHERE = click.option(
    "--where", "conditions", multiple=True, metavar="CONDITION",
    help=_("Une condition comme dans l'adresse de la table : city=Lyon, tag=Industrie, created.at-least=2026-01-01. "
           "Répétable."),
)  # fmt: skip
RULE = click.option("--rule", default="", metavar="RULE", help=_("Et une règle : « contacts where did purchase »."))
SEARCH = click.option("-q", "--search", "text", default="", help=_("Un nom, une adresse ou un numéro."))


@contacts.command(
    "import", help=_("Importe un fichier CSV ou Excel de contacts : les connus sont mis à jour, jamais doublés.")
)
@click.argument("file", type=FILE)
@click.option(
    "--key", default="", metavar="COLONNE", help=_("La colonne à laquelle on reconnaît un contact sans e-mail.")
)
@click.option(
    "--map", "maps", multiple=True, metavar="TITRE=CHAMP",
    help=_("Envoie une colonne vers un champ ; TITRE= l'écarte. Répétable."),
)  # fmt: skip
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]),
    help=_("Le jour dont parle le fichier (AAAA-MM-JJ) ; par défaut aujourd'hui."),
)  # fmt: skip
@CREATE_TAGS
@DRY_RUN
@click.option(
    "--report", "report_file", type=FILE,
    help=_("Écrit tout ce qui est refusé ou écarté, ligne par ligne, dans ce fichier CSV."),
)  # fmt: skip
@answering
def import_(
    file: Path, key: str, maps: tuple[str, ...], as_of: Any, create_tags: bool, dry_run: bool, report_file: Path | None
) -> Answer:
    from tamis.cli.companies import write_problems

    with working() as actor:
        from tamis.app.services import contact_imports

        said: list[tuple[int, str, Message]] = []
        day: date | None = as_of.date() if as_of else None
        with progress(file.name) as told:
            report = contact_imports.import_file(
                actor, file, key=key, mapping=pairs(maps), as_of=day, dry_run=dry_run, create_tags=create_tags,
                progress=told, told=lambda line, what, why: said.append((line, what, why)),
            )  # fmt: skip
    if report_file:
        write_problems(report_file, said)
    shown = [{"line": line, "what": what, "why": str(why)} for line, what, why in said[:100]]
    return Answer(report.as_json() | {"problems": shown}, lambda: _show_report(report, said))


def _show_report(report: "Report", said: list[tuple[int, str, Message]]) -> None:
    from tamis.cli.companies import show_import

    show_import(
        report,
        [
            (_("contacts créés"), report.created),
            (_("mis à jour"), report.updated),
            (_("inchangés"), report.unchanged),
            (_("rattachés à une entreprise"), report.linked),
            (_("entreprise en doute"), report.review),
            (_("lignes refusées"), report.refused),
            (_("cases écartées"), report.dropped_cells),
        ],
        said,
        "--for contact",
    )


@contacts.command("ls", help=_("Les contacts qui remplissent toutes les conditions, dans l'ordre des noms."))
@SEARCH
@WHERE
@RULE
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help=_("Combien au plus."))
@answering
def ls(text: str, conditions: tuple[str, ...], rule: str, limit: int) -> Answer:
    with working():
        from tamis.app.services.contact_sheet import row_as_json

        found = _found(text, conditions, rule).select_related("company", "status").order_by("name_key", "pk")[:limit]
        data = [row_as_json(contact) for contact in found]
    headings = [_("Numéro"), _("Contact"), _("E-mail"), _("Entreprise"), _("Poste"), _("Statut")]
    keys = ("id", "name", "email", "company", "job_title", "status")
    return Answer(data, lambda: table(headings, [[each[key] for key in keys] for each in data], right=[0]))


def _found(text: str, conditions: tuple[str, ...], rule: str) -> Any:
    """The contacts that a search, conditions and a rule let through."""
    from tamis.app.services import contact_attributes
    from tamis.app.services.company_conditions import read_conditions
    from tamis.app.services.company_filters import filtered
    from tamis.app.services.contact_table import ContactFilters

    read = read_conditions((each.partition("=")[::2] for each in conditions), contact_attributes)
    return filtered(ContactFilters(text.strip(), read, rule=ContactFilters.ruled(rule)))


@contacts.command(help=_("Exporte les contacts : CSV, Excel, ou CSV tel qu'Excel français l'ouvre."))
@click.argument("file", type=FILE)
@SEARCH
@WHERE
@RULE
@FORMAT
@answering
def export(file: Path, text: str, conditions: tuple[str, ...], rule: str, form: str | None) -> Answer:
    with working():
        from tamis.app.services import exports
        from tamis.sources.writing import Format, format_of, write_table

        rows = exports.contact_rows(_found(text, conditions, rule))
        written = write_table(file, exports.contact_headings(), rows, Format(form) if form else format_of(file))
    done = say_many("{n} contact écrit dans {file}.", "{n} contacts écrits dans {file}.", n=written, file=file)
    return Answer({"file": str(file), "contacts": written}, lambda: click.echo(done))


@contacts.command(help=_("Saisit un contact : « tamis contacts add email=a.durand@acme.fr last_name=Durand »."))
@click.argument("values", nargs=-1, required=True, metavar="CHAMP=VALEUR...")
@answering
def add(values: tuple[str, ...]) -> Answer:
    with working() as actor:
        from tamis.app.services import contacts as service

        return _contact_answer(service.add(actor, _values(values)))


@contacts.command(help=_("Change des champs d'un contact ; CHAMP= le vide. ID : numéro, adresse ou clé."))
@click.argument("contact_id", metavar="ID")
@click.argument("values", nargs=-1, required=True, metavar="CHAMP=VALEUR...")
@answering
def edit(contact_id: str, values: tuple[str, ...]) -> Answer:
    with working() as actor:
        from tamis.app.services import contacts as service

        contact = service.find(contact_id)
        service.edit(actor, contact, _values(values))
        return _contact_answer(service.find_by_id(contact.pk))


@contacts.command(help=_("Rattache un contact à une entreprise (numéro ou SIREN) ; sans elle, ses données décident."))
@click.argument("contact_id", metavar="ID")
@click.argument("company_id", metavar="COMPANY", required=False)
@answering
def tie(contact_id: str, company_id: str | None) -> Answer:
    with working() as actor:
        from tamis.app.services import companies
        from tamis.app.services import contacts as service

        contact = service.find(contact_id)
        service.tie_to(actor, contact, companies.find(company_id) if company_id else None)
        return _contact_answer(service.find_by_id(contact.pk))


@contacts.command(
    help=_("Un contact : champs avec leur source, entreprise, statut, tags. ID : numéro, adresse ou clé.")
)
@click.argument("contact_id", metavar="ID")
@answering
def show(contact_id: str) -> Answer:
    with working():
        from tamis.app.services import contacts as service

        return _contact_answer(service.find(contact_id))


@contacts.command(
    help=_("Efface une personne de partout : base, événements, fichiers gardés. WHO : adresse, numéro ou clé.")
)
@click.argument("who", metavar="WHO")
@DRY_RUN
@click.option("--yes", is_flag=True, help=_("Sans demander confirmation."))
@answering
def erase(who: str, dry_run: bool, yes: bool) -> Answer:
    with working() as actor:
        from tamis.app.services import erasing

        if dry_run:
            found = erasing.foresee(who)
            return Answer(found | {"dry_run": True}, lambda: _show_places(found))
        erasing.wanted(who)
        if not yes:
            click.confirm(_("Effacer cette personne de partout, sans retour possible ?"), abort=True, err=True)
        data = erasing.as_json(erasing.finish(erasing.ask(actor, who)))
    return Answer(data, lambda: _show_erasure(data), exit_code=int(bool(data["left"])))


_PLACES = {
    "state": _("Contact"), "inbox": _("Événements en attente"), "events": _("Événements du lac"),
    "visitors": _("Visiteurs identifiés"), "memberships": _("Audiences, et leurs effets"),
    "mentions": _("Citations dans la base"), "files": _("Fichiers gardés"), "snapshots": _("Instantanés"),
    "remains": _("Bases réécrites"),
}  # fmt: skip


def _show_places(steps: dict[str, Any]) -> None:
    from tamis.app.services.erasing import count_of

    table([_("Où"), _("Effacés")], [(name, count_of(steps[key])) for key, name in _PLACES.items() if key in steps],
          right=[1])  # fmt: skip


def _show_erasure(data: dict[str, Any]) -> None:
    _show_places(data["steps"])
    if data["left"]:
        click.echo(say("Pas encore fini : le reste se fait dès que possible, dans la minute qui suit."))
    if data["old_files_until"] and not data["cleared_at"]:
        click.echo(say("Les anciens fichiers du lac disparaissent le {at}.", at=moment(data["old_files_until"])))
    click.echo(say("Ce qui reste, et pourquoi :"))
    for each in data["stays"]:
        click.echo(f"- {each}")


def _values(texts: tuple[str, ...]) -> dict[str, str]:
    return dict(parted(text, text.partition("=")) for text in texts)


def _contact_answer(contact: "Contact") -> Answer:
    from tamis.app.services.contact_sheet import sheet

    data = sheet(contact)

    def show() -> None:
        company = data["company"]
        where = f" — {company['name']} ({company['how']})" if company else ""
        click.echo(f"{data['name']} (n° {data['id']}){where}")
        if status := data["status"]:
            click.echo(say("Statut : {name}, depuis le {at}", name=status["name"], at=moment(status["since"])))
        for tag in data["tags"]:
            click.echo(say("Tag : {category}: {name} ({by})", category=tag["category"], name=tag["name"], by=tag["by"]))
        table(
            [_("Champ"), _("Valeur"), _("Source"), _("En date du")],
            [(each["label"], each["value"], each["source"], each["as_of"]) for each in data["fields"]],
        )

    return Answer(data, show)
