"""``tamis fields``: what companies can have, the users' own fields included."""

import click

from tamis.cli.shell import Answer, _, answering, table, working
from tamis.messages import say


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
