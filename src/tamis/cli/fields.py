"""``tamis fields``: what companies and contacts can have, the users' own fields included."""

from typing import Any

import click

from tamis.cli.options import YES
from tamis.cli.shell import Answer, _, answering, confirm, table, working
from tamis.messages import Message, say, say_many


@click.group(help=_("Les champs des entreprises et des contacts, ceux de Tamis et les vôtres."))
def fields() -> None:
    pass


FOR = click.option(
    "--for", "subject", type=click.Choice(["company", "contact"]), default="company", show_default=True,
    help=_("De quoi : des entreprises ou des contacts."),
)  # fmt: skip


@fields.command("ls", help=_("Les champs, avec les titres de colonne reconnus."))
@FOR
@answering
def ls(subject: str) -> Answer:
    from tamis.sources import company_fields, contact_fields

    with working():
        from tamis.app.services.custom_fields import fields_of

        own = [
            {"key": each.key, "heading": each.label, "type": each.type, "own": True, "choices": each.choices}
            for each in fields_of(subject)
        ]
    known = company_fields.FIELDS if subject == "company" else contact_fields.FIELDS
    data = [{"key": each.key, "heading": each.heading, "own": False, "also": each.others} for each in known] + own
    rows = [(each["key"], each["heading"], each.get("type", ""), ", ".join(each.get("also", ()))) for each in data]
    return Answer(data, lambda: table([_("Champ"), _("Titre"), _("Type"), _("Aussi reconnu")], rows))


@fields.command(help=_("Ajoute un champ aux entreprises ou aux contacts."))
@click.argument("label")
@click.option(
    "--type",
    "type_",
    type=click.Choice(["text", "number", "date", "yes-no", "choice"]),
    default="text",
    show_default=True,
    help=_("Ce que le champ contient."),
)
@click.option("--choice", "choices", multiple=True, help=_("Un choix d'un champ de type choice. Répétable."))
@click.option("--key", default="", help=_("La clé du champ dans les règles et l'API ; par défaut tirée du titre."))
@FOR
@answering
def add(label: str, type_: str, choices: tuple[str, ...], key: str, subject: str) -> Answer:
    with working() as actor:
        from tamis.app.models import CustomField
        from tamis.app.services import custom_fields

        made = custom_fields.add(
            actor, label, CustomField.Type(type_), key=key, choices=choices, subject=subject
        )  # fmt: skip
    data = custom_fields.as_json(made)
    return Answer(data, lambda: click.echo(say("Champ « {label} » ajouté ({key}).", label=made.label, key=made.key)))


def _field_answer(field: Any, done: Message) -> Answer:
    data = {"key": field.key, "label": field.label, "type": field.type, "choices": field.choices}
    return Answer(data, lambda: click.echo(done))


@fields.command(help=_("Renomme un champ à vous ; sa clé ne change pas."))
@click.argument("key")
@click.argument("label")
@FOR
@answering
def rename(key: str, label: str, subject: str) -> Answer:
    with working() as actor:
        from tamis.app.services import custom_fields

        field = custom_fields.rename(actor, custom_fields.find(key, subject), label)
    return _field_answer(field, say("Champ « {key} » renommé « {label} ».", key=key, label=field.label))


@fields.command("add-choices", help=_("Ajoute des choix à un champ à choix."))
@click.argument("key")
@click.argument("choices", nargs=-1, required=True)
@FOR
@answering
def add_choices(key: str, choices: tuple[str, ...], subject: str) -> Answer:
    with working() as actor:
        from tamis.app.services import custom_fields

        field = custom_fields.add_choices(actor, custom_fields.find(key, subject), choices)
    return _field_answer(
        field, say("Choix de « {label} » : {choices}", label=field.label, choices=", ".join(field.choices))
    )


@fields.command(help=_("Supprime un champ à vous, et sa valeur partout où il en a une."))
@click.argument("key")
@FOR
@YES
@answering
def delete(key: str, yes: bool, subject: str) -> Answer:
    with working() as actor:
        from tamis.app.services import custom_fields

        field = custom_fields.find(key, subject)
        held = custom_fields.holders(field)
        question = say_many(
            "Supprimer « {label} » et la valeur qu'il a {n} fois ?",
            "Supprimer « {label} » et les valeurs qu'il a {n} fois ?",
            n=held, label=field.label,
        )  # fmt: skip
        confirm(question, yes)
        held = custom_fields.delete(actor, field)
    done = say_many(
        "Champ supprimé, avec {n} valeur.",
        "Champ supprimé, avec {n} valeurs.",
        n=held,
    )
    return Answer({"key": key, "companies": held}, lambda: click.echo(done))
