"""``tamis tokens``: what programs sign in to the API with."""

from typing import Any

import click

from tamis.cli.shell import Answer, _, answering, moment, table, working
from tamis.messages import say


@click.group(help=_("Les jetons de l'API : créer, voir, révoquer."))
def tokens() -> None:
    pass


@tokens.command(help=_("Crée un jeton pour le compte USERNAME ; son secret n'est affiché qu'une fois."))
@click.argument("username")
@click.argument("name")
@click.option(
    "--right",
    type=click.Choice(["read", "sort", "administer"]),
    default="read",
    show_default=True,
    help=_("Le plus que le jeton permette, jamais plus que le rôle du compte."),
)
@click.option("--days", default=90, show_default=True, type=int, help=_("Durée de vie en jours, 365 au plus."))
@answering
def create(username: str, name: str, right: str, days: int) -> Answer:
    with working() as actor:
        from tamis.app.models import Right
        from tamis.app.services import tokens as service
        from tamis.app.services import users

        made = service.create(actor, users.find(username), name, Right(right), days)
        data = service.as_json(made.token) | {"secret": made.secret}

    def show() -> None:
        click.echo(made.secret)
        click.echo(
            say("Il ne sera plus affiché. Il vaut jusqu'au {until}.", until=moment(made.token.expires_at)), err=True
        )

    return Answer(data, show)


@tokens.command("ls", help=_("Les jetons, le dernier créé en premier."))
@click.option("--user", "username", help=_("Seulement ceux de ce compte."))
@answering
def ls(username: str | None) -> Answer:
    with working():
        from tamis.app.models import Token
        from tamis.app.services import tokens as service
        from tamis.app.services import users

        found = Token.objects.select_related("owner").order_by("-pk")
        if username:
            found = service.seen_by(users.find(username), everybody=False)
        data: list[dict[str, Any]] = [service.as_json(token) for token in found]
        rows = [
            (
                str(each["id"]),
                each["name"],
                each["owner"],
                f"{each['prefix']}…",
                each["right"],
                STATES[each["state"]],
                moment(each["expires_at"]),
                moment(each["last_used_at"]),
            )
            for each in data
        ]
    headings = [_("N°"), _("Nom"), _("Compte"), _("Secret"), _("Droit"), _("État"), _("Jusqu'au"), _("Dernier usage")]
    return Answer(data, lambda: table(headings, rows))


STATES = {"active": say("actif"), "expired": say("périmé"), "revoked": say("révoqué")}


@tokens.command(help=_("Révoque un jeton : il n'ouvre plus rien, aussitôt."))
@click.argument("token_id", metavar="N°", type=int)
@answering
def revoke(token_id: int) -> Answer:
    with working() as actor:
        from tamis.app.models import Token
        from tamis.app.services import tokens as service

        found = service.find(Token.objects.select_related("owner"), token_id)
        data = service.as_json(service.revoke(actor, found))
    return Answer(data, lambda: click.echo(say("Jeton « {name} » révoqué.", name=data["name"])))
