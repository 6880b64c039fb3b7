"""``tamis statuses``: the users' own statuses, in their order, and who has them."""

from typing import Any

import click

from tamis.cli.options import YES
from tamis.cli.shell import Answer, _, answering, confirm, table, working
from tamis.messages import say, say_many

USES = {"companies": _("entreprises"), "contacts": _("contacts"), "both": _("les deux")}


@click.group(help=_("Vos statuts, dans votre ordre : froid, chaud, client…"))
def statuses() -> None:
    pass


USE = click.option(
    "--for", "use", type=click.Choice([*USES]), help=_("À quoi il sert : aux entreprises, aux contacts, aux deux.")
)


@statuses.command(help=_("Les statuts dans leur ordre, et combien les ont."))
@answering
def ls() -> Answer:
    with working():
        from tamis.app.services import statuses as service

        data = [service.as_json(each) for each in service.statuses_of()]
    rows = [(n, each["name"], _use(each), each["companies"], each["contacts"]) for n, each in enumerate(data, 1)]
    headings = [_("Place"), _("Statut"), _("Sert à"), _("Entreprises"), _("Contacts")]
    return Answer(data, lambda: table(headings, rows, right=[0, 3, 4]))


def _use(status: dict[str, Any]) -> str:
    if status["for_companies"] and status["for_contacts"]:
        return USES["both"]
    return USES["companies" if status["for_companies"] else "contacts"]


@statuses.command(help=_("Ajoute un statut, à la fin."))
@click.argument("name")
@USE
@answering
def add(name: str, use: str | None) -> Answer:
    with working() as actor:
        from tamis.app.services import statuses as service

        made = service.add(actor, name, companies=use != "contacts", contacts=use != "companies")
        data = service.as_json(made)
    return Answer(data, lambda: click.echo(say("Statut « {name} » ajouté.", name=made.name)))


@statuses.command(help=_("Renomme un statut, ou change à quoi il sert."))
@click.argument("name")
@click.option("--name", "new_name", help=_("Son nouveau nom."))
@USE
@answering
def edit(name: str, new_name: str | None, use: str | None) -> Answer:
    with working() as actor:
        from tamis.app.services import statuses as service

        companies, contacts = (None, None) if use is None else (use != "contacts", use != "companies")
        changed = service.change(actor, service.find(name), name=new_name, companies=companies, contacts=contacts)
        data = service.as_json(changed)
    return Answer(data, lambda: click.echo(say("Statut « {name} » enregistré.", name=changed.name)))


@statuses.command(help=_("Met un statut à une place de l'ordre, à partir de 1."))
@click.argument("name")
@click.argument("place", type=click.IntRange(min=1))
@answering
def move(name: str, place: int) -> Answer:
    with working() as actor:
        from tamis.app.services import statuses as service

        service.move(actor, service.find(name), place)
        data = [each.name for each in service.statuses_of()]
    return Answer(data, lambda: click.echo(" → ".join(data)))


@statuses.command(help=_("Supprime un statut ; ceux qui l'ont n'en ont plus."))
@click.argument("name")
@YES
@answering
def delete(name: str, yes: bool) -> Answer:
    with working() as actor:
        from tamis.app.services import statuses as service

        status = service.find(name)
        told = service.as_json(status)
        question = say(
            "Supprimer « {name} » ? {companies} entreprises et {contacts} contacts l'ont.",
            name=status.name, companies=told["companies"], contacts=told["contacts"],
        )  # fmt: skip
        confirm(question, yes)
        service.delete(actor, status)
    return Answer(told, lambda: click.echo(say("Statut « {name} » supprimé.", name=told["name"])))


@statuses.command(help=_("Donne un statut à la main ; « - » l'enlève. ID : comme pour « companies » et « contacts »."))
@click.argument("name")
@click.option("--company", "company_ids", multiple=True, metavar="ID", help=_("Une entreprise. Répétable."))
@click.option("--contact", "contact_ids", multiple=True, metavar="ID", help=_("Un contact. Répétable."))
@answering
def put(name: str, company_ids: tuple[str, ...], contact_ids: tuple[str, ...]) -> Answer:
    with working() as actor:
        from tamis.app.services import labels
        from tamis.app.services import statuses as service

        status = None if name == "-" else service.find(name)
        changed = sum(
            labels.put_status(actor, subject, ids, status) for subject, ids in chosen(company_ids, contact_ids) if ids
        )
    done = say_many("{n} statut changé.", "{n} statuts changés.", n=changed)
    return Answer({"status": status.name if status else None, "changed": changed}, lambda: click.echo(done))


def chosen(company_ids: tuple[str, ...], contact_ids: tuple[str, ...]) -> list[tuple[Any, list[int]]]:
    """The companies and contacts that options name. Raises a usage error when they name none."""
    from tamis.app.services import companies, contacts
    from tamis.app.services.subjects import COMPANY, CONTACT

    if not (company_ids or contact_ids):
        raise click.UsageError(_("Donnez --company ou --contact, au moins une fois."))
    return [
        (COMPANY, [companies.find(word).pk for word in company_ids]),
        (CONTACT, [contacts.find(word).pk for word in contact_ids]),
    ]
