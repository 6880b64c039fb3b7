"""``tamis fields``: what companies can have, the users' own fields included."""

from typing import Any

import click

from tamis.cli.options import YES
from tamis.cli.shell import Answer, _, answering, confirm, table, working
from tamis.messages import Message, say, say_many


@click.group(help=_("Les champs des entreprises, ceux de Tamis et les vôtres."))
def fields() -> None:
    pass


@fields.command("ls", help=_("Les champs, avec les titres de colonne reconnus."))
@answering
def ls() -> Answer:
    from tamis.sources.company_fields import FIELDS

    with working():
        from tamis.app.models import CustomField

        own = [
            {"key": each.key, "heading": each.label, "type": each.type, "own": True, "choices": each.choices}
            for each in CustomField.objects.order_by("label")
        ]
    data = [{"key": each.key, "heading": each.heading, "own": False, "also": each.others} for each in FIELDS] + own
    rows = [(each["key"], each["heading"], each.get("type", ""), ", ".join(each.get("also", ()))) for each in data]
    return Answer(data, lambda: table([_("Champ"), _("Titre"), _("Type"), _("Aussi reconnu")], rows))


@fields.command(help=_("Ajoute un champ aux entreprises."))
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
@answering
def add(label: str, type_: str, choices: tuple[str, ...], key: str) -> Answer:
    with working() as actor:
        from tamis.app.models import CustomField
        from tamis.app.services import custom_fields

        made = custom_fields.add(actor, label, CustomField.Type(type_), key=key, choices=choices)
    data = custom_fields.as_json(made)
    return Answer(data, lambda: click.echo(say("Champ « {label} » ajouté ({key}).", label=made.label, key=made.key)))


def _field_answer(field: Any, done: Message) -> Answer:
    data = {"key": field.key, "label": field.label, "type": field.type, "choices": field.choices}
    return Answer(data, lambda: click.echo(done))


@fields.command(help=_("Renomme un champ à vous ; sa clé ne change pas."))
@click.argument("key")
@click.argument("label")
@answering
def rename(key: str, label: str) -> Answer:
    with working() as actor:
        from tamis.app.services import custom_fields

        field = custom_fields.rename(actor, custom_fields.find(key), label)
    return _field_answer(field, say("Champ « {key} » renommé « {label} ».", key=key, label=field.label))


@fields.command("add-choices", help=_("Ajoute des choix à un champ à choix."))
@click.argument("key")
@click.argument("choices", nargs=-1, required=True)
@answering
def add_choices(key: str, choices: tuple[str, ...]) -> Answer:
    with working() as actor:
        from tamis.app.services import custom_fields

        field = custom_fields.add_choices(actor, custom_fields.find(key), choices)
    return _field_answer(
        field, say("Choix de « {label} » : {choices}", label=field.label, choices=", ".join(field.choices))
    )


@fields.command(help=_("Supprime un champ à vous, et sa valeur dans toutes les entreprises."))
@click.argument("key")
@YES
@answering
def delete(key: str, yes: bool) -> Answer:
    with working() as actor:
        from tamis.app.services import custom_fields

        field = custom_fields.find(key)
        held = custom_fields.holders(field)
        question = say_many(
            "Supprimer « {label} » et la valeur de {n} entreprise ?",
            "Supprimer « {label} » et la valeur de {n} entreprises ?",
            n=held, label=field.label,
        )  # fmt: skip
        confirm(question, yes)
        held = custom_fields.delete(actor, field)
    done = say_many(
        "Champ supprimé, avec la valeur de {n} entreprise.",
        "Champ supprimé, avec la valeur de {n} entreprises.",
        n=held,
    )
    return Answer({"key": key, "companies": held}, lambda: click.echo(done))
