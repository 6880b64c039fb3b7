"""``tamis events``: what companies and contacts did, brought from files and looked at."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tamis.cli.options import DRY_RUN, FILE, pairs
from tamis.cli.shell import Answer, _, answering, moment, number, progress, table, working
from tamis.messages import say, say_many

if TYPE_CHECKING:
    from tamis.app.services.events import FileReport


@click.group(help=_("Les événements : visites, formulaires, achats, affaires ; les recevoir, les regarder."))
def events() -> None:
    pass


@events.command(help=_("Reçoit les événements d'un fichier : un objet JSON par ligne, ou un tableau CSV ou Excel."))
@click.argument("file", type=FILE)
@click.option(
    "--map",
    "maps",
    multiple=True,
    metavar="TITRE=PROPRIÉTÉ",
    help=_("Dit ce qu'une colonne du fichier contient ; TITRE= l'écarte. Répétable."),
)
@click.option("--kind", default="", help=_("Le genre des lignes qui n'en disent pas, par exemple purchase."))
@DRY_RUN
@answering
def append(file: Path, maps: tuple[str, ...], kind: str, dry_run: bool) -> Answer:
    columns = pairs(maps)
    with working() as actor:
        from tamis.app.services import events as service

        with progress(file.name) as told:
            report = service.append_file(actor, file, columns=columns, kind=kind, dry_run=dry_run, progress=told)
    failed = report.lines > 0 and report.refused == report.lines
    return Answer(report.as_json(), lambda: _show(report), exit_code=int(failed))


def _show(report: "FileReport", most: int = 20) -> None:
    if report.dry_run:
        click.echo(say("{file} : rien n'a été changé (essai).", file=report.file))
    click.echo(
        say(
            "{file} : {accepted} reçus, {repeated} déjà connus, {refused} refusés.", file=report.file,
            accepted=number(report.accepted), repeated=number(report.repeated), refused=number(report.refused),
        )
    )  # fmt: skip
    if report.columns:
        click.echo(", ".join(f"{heading} → {field}" for heading, field in report.columns.items()))
    if report.without_zone:
        click.echo(
            say_many(
                "{n} heure sans fuseau, lue à l'heure de l'espace de travail.",
                "{n} heures sans fuseau, lues à l'heure de l'espace de travail.",
                n=report.without_zone,
            )
        )
    if report.faults:
        rows = [(str(each.index), each.field, str(each.reason)) for each in report.faults[:most]]
        table([_("Ligne"), _("Champ"), _("Motif")], rows, right=[0])
    if report.refused > most:
        click.echo(say("  … et {n} autres", n=report.refused - most))


@events.command("ls", help=_("Les derniers événements, ceux reçus à l'instant compris."))
@click.option("--visitor", default="", help=_("Ceux de ce visiteur."))
@click.option("--contact", default="", metavar="E-MAIL", help=_("Ceux de ce contact et des visiteurs qu'il était."))
@click.option(
    "--company", default="", help=_("Ceux de cette entreprise (numéro ou SIREN), de ses contacts et visiteurs.")
)
@click.option("--kind", "kinds", multiple=True, help=_("Seulement de ce genre. Répétable."))
@click.option("--limit", default=30, show_default=True, type=click.IntRange(1, 1000), help=_("Combien au plus."))
@answering
def list_events(visitor: str, contact: str, company: str, kinds: tuple[str, ...], limit: int) -> Answer:
    if sum(map(bool, (visitor, contact, company))) > 1:
        raise click.UsageError(_("Choisissez : --visitor, --contact ou --company."))
    with working():
        from tamis.app.services import companies
        from tamis.app.services import events as service

        party = companies.find(company) if company else None
        found = service.latest(visitor=visitor, contact=contact, company=party, kinds=kinds, most=limit)
        rows = [(moment(each["ts"]), each["kind"], _who(each), _rest(each)) for each in found]
    return Answer(found, lambda: table([_("Quand"), _("Genre"), _("Qui"), _("Quoi")], rows))


_WHO = ("contact_email", "contact_id", "company_siren", "company_domain", "company_id", "visitor")


def _who(event: dict[str, Any]) -> str:
    return ", ".join(str(event[name]) for name in _WHO if name in event)


def _rest(event: dict[str, Any]) -> str:
    hidden = {*_WHO, "id", "ts", "kind", "received", "more"}
    shown = {name: value for name, value in event.items() if name not in hidden} | event.get("more", {})
    return ", ".join(f"{name} = {value}" for name, value in shown.items())


@events.group(help=_("Les genres d'événements : ceux de Tamis et les vôtres."))
def kinds() -> None:
    pass


@kinds.command("ls", help=_("Tous les genres, avec leurs propriétés."))
@answering
def list_kinds() -> Answer:
    with working():
        from tamis.app.services import event_kinds as service

        found = service.kinds().values()
        data = [service.as_json(kind) for kind in found]
        rows = [(each.key, each.label, each.phase.label, ", ".join(shown["properties"]))
                for each, shown in zip(found, data, strict=True)]  # fmt: skip
    return Answer(data, lambda: table([_("Clé"), _("Genre"), _("Phase"), _("Propriétés")], rows))


@kinds.command("add", help=_('Ajoute un genre : « tamis events kinds add webinar_question "Question en webinaire" ».'))
@click.argument("key")
@click.argument("label")
@click.option(
    "--phase", type=click.Choice(["before", "during", "after", "profile"]), default="before", show_default=True,
    help=_("Quand il arrive, autour d'un achat."),
)  # fmt: skip
@click.option(
    "--property", "properties", multiple=True, metavar="CLÉ=TYPE",
    help=_("Une propriété à lui : text, number, amount, date ou yes-no. Répétable."),
)  # fmt: skip
@answering
def add_kind(key: str, label: str, phase: str, properties: tuple[str, ...]) -> Answer:
    with working() as actor:
        from tamis.app.services import event_kinds as service
        from tamis.sources.event_kinds import Phase

        made = service.add(actor, key, label, Phase(phase), pairs(properties))
    return Answer(service.as_json(made), lambda: click.echo(say("Genre « {key} » ajouté.", key=made.key)))


@events.command(help=_("Relit toutes les identifications : quel visiteur était qui, et quand."))
@answering
def identify() -> Answer:
    with working():
        from tamis.app.services import identities

        count = identities.rebuild()
    sentence = say_many("{n} période d'identité.", "{n} périodes d'identité.", n=count)
    return Answer({"stays": count}, lambda: click.echo(sentence))
