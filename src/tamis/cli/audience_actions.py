"""``tamis audiences actions``: what entering and leaving an audience sets off, and what became of it."""

from typing import Any

import click

from tamis.cli.options import YES
from tamis.cli.shell import Answer, _, answering, confirm, moment, table, working
from tamis.messages import say, say_many

SHOWN = 100
"""Deliveries that are told of, the latest."""
SECONDS = 20.0
"""How long ``replay`` sends what it began anew, before it leaves the rest to the worker."""


@click.group(help=_("Ce qu'entrer dans une audience ou en sortir déclenche."))
def actions() -> None:
    pass


AUDIENCE = click.argument("name", metavar="NAME")


@actions.command(help=_("Les actions d'une audience, dans l'ordre où elles se font."))
@AUDIENCE
@answering
def ls(name: str) -> Answer:
    with working():
        from tamis.app.services import audience_actions, audiences

        found = audience_actions.of(audiences.find(name))
        data = [audience_actions.as_json(each) for each in found]
    rows = [(each["id"], each["sentence"], each["waiting"], each["dead"], each["why"]) for each in data]
    headings = [_("N°"), _("Action"), _("En attente"), _("Abandonnés"), _("Pourquoi")]
    return Answer(data, lambda: table(headings, rows, right=[0, 2, 3]))


@actions.command(help=_("Ajoute une action ; une liste ou un tag valent aussitôt pour ceux qui sont déjà membres."))
@AUDIENCE
@click.option(
    "--on", "edge", type=click.Choice(["enter", "leave"]), default="enter", show_default=True,
    help=_("Quand : en entrant ou en sortant. Une liste et un tag durent de l'un à l'autre."),
)  # fmt: skip
@click.option(
    "--list", "list_", metavar="LISTE", help=_("Réclamer une liste pour l'entreprise, tant qu'elle est membre.")
)
@click.option("--tag", metavar="TAG", help=_("Poser un tag (« Catégorie: Tag »), tant qu'on est membre."))
@click.option("--untag", metavar="TAG", help=_("Retirer un tag, quelle que soit la main qui l'a posé."))
@click.option("--status", metavar="STATUT", help=_("Donner un statut."))
@click.option("--add-to", "add", metavar="AUDIENCE", help=_("Ajouter à une autre audience."))
@click.option("--remove-from", "remove", metavar="AUDIENCE", help=_("Retirer d'une autre audience."))
@click.option("--webhook", metavar="URL", help=_("Le dire à une autre machine, par une requête signée."))
@click.option("--mail", metavar="COMPTE|ADRESSE", help=_("L'écrire à un collègue."))
@answering
def add(name: str, edge: str, list_: str | None, **targets: str | None) -> Answer:
    chosen = {kind: target for kind, target in {"list": list_, **targets}.items() if target}
    if len(chosen) != 1:
        raise click.UsageError(_("Dites une action, et une seule : --list, --tag, --untag, --status, --add-to, "
                                 "--remove-from, --webhook ou --mail."))  # fmt: skip
    [(kind, target)] = chosen.items()
    with working() as actor:
        from tamis.app.models import AudienceAction
        from tamis.app.services import audience_actions, audience_effects, audience_webhooks, audiences

        wanted = audience_actions.Wanted(AudienceAction.Kind(kind), target, AudienceAction.Edge(edge))
        made = audience_effects.add(actor, audiences.find(name), wanted)
        data = audience_actions.as_json(made)
        if kind == "webhook":
            data["secret"] = audience_webhooks.secret(made)

    def show() -> None:
        click.echo(say("Action n° {id} ajoutée : {what}.", id=data["id"], what=data["sentence"]))
        if "secret" in data:
            click.echo(say("Secret de ses signatures : {secret}", secret=data["secret"]))

    return Answer(data, show)


@actions.command(help=_("Supprime une action : sa liste n'est plus réclamée, son tag est retiré."))
@AUDIENCE
@click.argument("action_id", type=int)
@YES
@answering
def rm(name: str, action_id: int, yes: bool) -> Answer:
    with working() as actor:
        from tamis.app.services import audience_actions, audience_effects, audiences

        action = audience_actions.find(audiences.find(name), action_id)
        data = audience_actions.as_json(action)
        confirm(say("Supprimer l'action « {what} » ?", what=data["sentence"]), yes)
        audience_effects.remove(actor, action)
    return Answer(data, lambda: click.echo(say("Action n° {id} supprimée.", id=data["id"])))


@actions.command(help=_("Les envois d'une audience, et ce qui n'est pas fait."))
@AUDIENCE
@click.option("--dead", is_flag=True, help=_("Seulement ce qui a été abandonné."))
@answering
def outbox(name: str, dead: bool) -> Answer:
    with working():
        from tamis.app.services import audience_deliveries, audience_effects, audiences

        audience = audiences.find(name)
        deliveries = [audience_deliveries.as_json(each) for each in audience_deliveries.of(audience, dead=dead)[:SHOWN]]
        undone = audience_effects.undone(audience, dead=dead)
        rows = [(each["id"], each["action"], _edge(each["on"]), each["members"], _state(each["state"]),
                 each["attempts"], moment(each["next_at"] or each["ended_at"]), each["answer"])
                for each in deliveries]  # fmt: skip
        rows += [("", each["action"], _edge(each["on"]), each["members"], _state(each["state"]), "", "", each["why"])
                 for each in undone]  # fmt: skip
    headings = [_("Envoi"), _("Action"), _("Quand"), _("Membres"), _("État"), _("Essais"), _("Le"), _("Réponse")]
    return Answer({"deliveries": deliveries, "effects": undone}, lambda: table(headings, rows, right=[0, 1, 3, 5]))


def _edge(word: str) -> str:
    from tamis.app.models import AudienceAction

    return str(AudienceAction.Edge(word).label)


def _state(word: str) -> str:
    from tamis.app.models import AudienceDelivery

    return str(AudienceDelivery.State(word).label)


@actions.command(help=_("Relance ce qui a été abandonné : un envoi, ou tout."))
@AUDIENCE
@click.argument("delivery", type=int, required=False)
@answering
def replay(name: str, delivery: int | None) -> Answer:
    with working() as actor:
        from tamis.app.services import audience_deliveries, audience_effects, audiences

        audience = audiences.find(name)
        one = audience_deliveries.find(audience, delivery) if delivery is not None else None
        again = audience_deliveries.replay(actor, audience, one)
        audience_effects.go_on(audience)
        sent = audience_effects.deliver(SECONDS, settled=False)
    data: dict[str, Any] = {"replayed": again, "sent": sent.sent, "failed": sent.failed, "dead": sent.ended}
    told = say_many("{n} envoi est parti.", "{n} envois sont partis.", n=sent.sent)
    return Answer(data, lambda: click.echo(f"{audience_deliveries.told_of_replay(again)} {told}"))


@actions.command(help=_("Le secret avec lequel un webhook vérifie ses signatures : docs/reference/webhooks.md."))
@AUDIENCE
@click.argument("action_id", type=int)
@answering
def secret(name: str, action_id: int) -> Answer:
    with working():
        from tamis.app.services import audience_actions, audience_webhooks, audiences

        action = audience_actions.find(audiences.find(name), action_id)
        data = {"id": action.pk, "secret": audience_webhooks.secret_of(action)}
    return Answer(data, lambda: click.echo(data["secret"]))
