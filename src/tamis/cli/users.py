"""``tamis users``: accounts."""

from typing import Any

import click

from tamis.cli.shell import Answer, _, answering, moment, table, working
from tamis.messages import Message, say

ROLES = click.Choice(["admin", "editor", "viewer"])
ROLE = click.option(
    "--role", type=ROLES, default="viewer", show_default=True, help=_("Ce que le compte peut faire.")
)  # fmt: skip


@click.group(help=_("Les comptes."))
def users() -> None:
    pass


def _login_answer(login: Any) -> Answer:
    data = {"username": login.username, "password": login.password}
    return Answer(
        data,
        lambda: click.echo(
            say("Compte : {name}, mot de passe : {password}", name=login.username, password=login.password)
        ),
    )


def _done(username: str, what: Message) -> Answer:
    return Answer({"username": username}, lambda: click.echo(what))


def _link_answer(user: Any) -> Answer:
    from django.conf import settings
    from django.urls import reverse

    from tamis.app.services import password_links

    address = (settings.URL or "http://127.0.0.1:8000") + reverse("password-choose", args=password_links.make(user))

    def show() -> None:
        click.echo(say("Lien pour « {name} », valable 24 heures, une fois :", name=user.username))
        click.echo(address)

    return Answer({"username": user.username, "link": address}, show)


@users.command("ls", help=_("Les comptes et leurs rôles."))
@answering
def list_users() -> Answer:
    with working():
        from tamis.app.services import users as service

        data = [service.as_json(user) for user in service.everybody()]
        rows = [
            (each["username"], each["role"], "" if each["active"] else _("désactivé"), moment(each["last_login"]))
            for each in data
        ]
    return Answer(data, lambda: table([_("Compte"), _("Rôle"), "", _("Dernière connexion")], rows))


@users.command("add", help=_("Crée un compte avec un mot de passe : admin, editor ou viewer."))
@click.argument("username")
@ROLE
@answering
def add_user(username: str, role: str) -> Answer:
    with working() as actor:
        from tamis.app.models import Role
        from tamis.app.services import users as service

        return _login_answer(service.add(actor, username, Role(role)))


@users.command(help=_("Crée un compte sans mot de passe, et donne le lien par lequel la personne choisit le sien."))
@click.argument("username")
@ROLE
@click.option("--email", default="", help=_("Son adresse e-mail."))
@answering
def invite(username: str, role: str, email: str) -> Answer:
    with working() as actor:
        from tamis.app.models import Role
        from tamis.app.services import users as service

        return _link_answer(service.invite(actor, username, Role(role), email))


@users.command("reset-link", help=_("Donne un lien à usage unique par lequel la personne choisit un mot de passe."))
@click.argument("username")
@answering
def reset_link(username: str) -> Answer:
    with working() as actor:
        from tamis.app.services import users as service

        user = service.find(username)
        service.link_made(actor, user)
        return _link_answer(user)


@users.command("reset-password", help=_("Donne un nouveau mot de passe à un compte."))
@click.argument("username")
@answering
def reset_password(username: str) -> Answer:
    with working() as actor:
        from tamis.app.services import users as service

        return _login_answer(service.reset_password(actor, username))


@users.command(help=_("Change le rôle d'un compte ; ses sessions se terminent."))
@click.argument("username")
@click.argument("role", type=ROLES)
@answering
def role(username: str, role: str) -> Answer:
    with working() as actor:
        from tamis.app.models import Role
        from tamis.app.services import users as service

        service.change_role(actor, service.find(username), Role(role))
    return _done(username, say("« {name} » : rôle {role}", name=username, role=role))


@users.command(help=_("Change l'adresse e-mail d'un compte."))
@click.argument("username")
@click.argument("email")
@answering
def email(username: str, email: str) -> Answer:
    with working() as actor:
        from tamis.app.services import users as service

        service.change_email(actor, service.find(username), email)
    return _done(username, say("Adresse e-mail de « {name} » changée", name=username))


@users.command(help=_("Ferme un compte ; ses sessions se terminent."))
@click.argument("username")
@answering
def deactivate(username: str) -> Answer:
    return _switched(username, False, say("Compte « {name} » désactivé", name=username))


@users.command(help=_("Ouvre à nouveau un compte fermé."))
@click.argument("username")
@answering
def reactivate(username: str) -> Answer:
    return _switched(username, True, say("Compte « {name} » réactivé", name=username))


def _switched(username: str, active: bool, what: Message) -> Answer:
    with working() as actor:
        from tamis.app.services import users as service

        service.switch(actor, service.find(username), active=active)
    return _done(username, what)


@users.command(help=_("Met fin à l'attente d'un compte après trop de mots de passe faux."))
@click.argument("username")
@answering
def unblock(username: str) -> Answer:
    with working() as actor:
        from tamis.app.services import signing_in
        from tamis.app.services import users as service

        signing_in.unblock(actor, service.find(username))
    return _done(username, say("« {name} » peut essayer à nouveau.", name=username))
