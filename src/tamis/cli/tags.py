"""``tamis tags``: the users' own tags in their categories, and what they are on."""

from typing import Any

import click

from tamis.cli.options import YES
from tamis.cli.shell import Answer, _, answering, confirm, table, working
from tamis.cli.statuses import chosen
from tamis.messages import say, say_many


@click.group(help=_("Vos tags, rangés en catégories : Secteur, Salon, Offre…"))
def tags() -> None:
    pass


@tags.command(help=_("Les tags par catégorie, et combien les portent."))
@answering
def ls() -> Answer:
    with working():
        from tamis.app.services import tags as service

        held = service.counts()
        data = [service.as_json(each, held) for each in service.every_tag()]
    rows = [(each["category"], each["name"], each["companies"], each["contacts"]) for each in data]
    headings = [_("Catégorie"), _("Tag"), _("Entreprises"), _("Contacts")]
    return Answer(data, lambda: table(headings, rows, right=[2, 3]))


@tags.command(help=_("Ajoute des tags à une catégorie, créée s'il le faut."))
@click.argument("category")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@answering
def add(category: str, names: tuple[str, ...]) -> Answer:
    with working() as actor:
        from tamis.app.services import tags as service

        made = [service.add(actor, category, name) for name in names]
        data = [service.as_json(each, {}) for each in made]
    done = say_many(
        "{n} tag ajouté à « {category} ».", "{n} tags ajoutés à « {category} ».", n=len(data), category=category
    )
    return Answer(data, lambda: click.echo(done))


@tags.command(help=_("Renomme un tag. TAG : son nom, ou « Catégorie: nom »."))
@click.argument("tag")
@click.argument("name")
@answering
def rename(tag: str, name: str) -> Answer:
    with working() as actor:
        from tamis.app.services import tags as service

        changed = service.rename(actor, service.find(tag), name)
        data = service.as_json(changed, service.counts())
    return Answer(data, lambda: click.echo(say("Tag « {name} » enregistré.", name=changed.name)))


@tags.command("rename-category", help=_("Renomme une catégorie de tags."))
@click.argument("category")
@click.argument("name")
@answering
def rename_category(category: str, name: str) -> Answer:
    with working() as actor:
        from tamis.app.services import tags as service

        changed = service.rename_category(actor, service.find_category(category), name)
        data = {"id": changed.pk, "name": changed.name}
    return Answer(data, lambda: click.echo(say("Catégorie « {name} » enregistrée.", name=changed.name)))


@tags.command(help=_("Supprime un tag, qui disparaît de tout ce qui le porte."))
@click.argument("tag")
@YES
@answering
def delete(tag: str, yes: bool) -> Answer:
    with working() as actor:
        from tamis.app.services import tags as service

        found = service.find(tag)
        told = service.as_json(found, service.counts())
        question = say(
            "Supprimer « {name} » ? {companies} entreprises et {contacts} contacts le portent.",
            name=found.name, companies=told["companies"], contacts=told["contacts"],
        )  # fmt: skip
        confirm(question, yes)
        service.delete(actor, found)
    return Answer(told, lambda: click.echo(say("Tag « {name} » supprimé.", name=told["name"])))


COMPANIES = click.option("--company", "company_ids", multiple=True, metavar="ID", help=_("Une entreprise. Répétable."))
CONTACTS = click.option("--contact", "contact_ids", multiple=True, metavar="ID", help=_("Un contact. Répétable."))


@tags.command(help=_("Pose un tag à la main sur des entreprises et des contacts."))
@click.argument("tag")
@COMPANIES
@CONTACTS
@answering
def put(tag: str, company_ids: tuple[str, ...], contact_ids: tuple[str, ...]) -> Answer:
    told = _labelled(tag, company_ids, contact_ids, off=False)
    done = say_many("Tag posé {n} fois.", "Tag posé {n} fois.", n=told["changed"])
    return Answer(told, lambda: click.echo(done))


@tags.command(help=_("Retire un tag d'entreprises et de contacts, quelle que soit la main qui l'a posé."))
@click.argument("tag")
@COMPANIES
@CONTACTS
@answering
def remove(tag: str, company_ids: tuple[str, ...], contact_ids: tuple[str, ...]) -> Answer:
    told = _labelled(tag, company_ids, contact_ids, off=True)
    done = say_many("Tag retiré {n} fois.", "Tag retiré {n} fois.", n=told["changed"])
    return Answer(told, lambda: click.echo(done))


def _labelled(tag: str, company_ids: tuple[str, ...], contact_ids: tuple[str, ...], *, off: bool) -> dict[str, Any]:
    """Put a tag on those chosen, or take it off them; what is told of it."""
    with working() as actor:
        from tamis.app.services import labels
        from tamis.app.services import tags as service

        found, change = service.find(tag), labels.take_tag_off if off else labels.put_tag
        who = chosen(company_ids, contact_ids)
        changed = sum(change(actor, subject, ids, found) for subject, ids in who if ids)
    return {"tag": found.name, "category": found.category.name, "changed": changed}
