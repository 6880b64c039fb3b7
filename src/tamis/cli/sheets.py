"""``tamis sheets``: the Google sheets that lists follow."""

from typing import TYPE_CHECKING

import click

from tamis.cli.lists import show_report
from tamis.cli.options import DRY_RUN, YES
from tamis.cli.shell import Answer, _, answering, confirm, moment, note, table, working
from tamis.messages import say

if TYPE_CHECKING:
    from tamis.app.services.sheets import Fetched

EVERY = click.option("--every", type=int, default=60, show_default=True, help=_("Toutes les tant de minutes."))


@click.group(help=_("Les feuilles Google que des listes suivent : suivre, lire, mettre en pause."))
def sheets() -> None:
    pass


@sheets.command(help=_("Fait suivre à une liste la feuille de cette adresse, après un essai, et la lit aussitôt."))
@click.argument("list_name", metavar="LIST")
@click.argument("address")
@EVERY
@YES
@DRY_RUN
@answering
def follow(list_name: str, address: str, every: int, yes: bool, dry_run: bool) -> Answer:
    with working() as actor:
        from tamis.app.services import lists
        from tamis.app.services import sheets as service

        target = lists.find(list_name)
        rehearsal = service.rehearse(actor, target, address)
        if dry_run:
            return Answer(
                {"list": target.name, "held": rehearsal.hold, "report": rehearsal.report.as_json()},
                lambda: show_report(rehearsal.report),
            )
        if rehearsal.hold:
            confirm(say("{reason} La suivre et l'importer ?", reason=rehearsal.hold), yes)
        service.follow(actor, target, address, every)
        fetched = service.fetch_now(actor, target, consent=rehearsal.fingerprint)
    return _answer([fetched])


@sheets.command(help=_("Une liste ne suit plus sa feuille ; elle garde ce qu'elle contient."))
@click.argument("list_name", metavar="LIST")
@answering
def unfollow(list_name: str) -> Answer:
    with working() as actor:
        from tamis.app.services import lists
        from tamis.app.services import sheets as service

        target = lists.find(list_name)
        service.unfollow(actor, target)
    sentence = say("« {list} » ne suit plus de feuille.", list=target.name)
    return Answer({"list": target.name, "following": False}, lambda: click.echo(sentence))


@sheets.command(help=_("Met en pause la lecture de la feuille d'une liste."))
@click.argument("list_name", metavar="LIST")
@answering
def pause(list_name: str) -> Answer:
    return _paused(list_name, True)


@sheets.command(help=_("Reprend la lecture de la feuille d'une liste."))
@click.argument("list_name", metavar="LIST")
@answering
def resume(list_name: str) -> Answer:
    return _paused(list_name, False)


def _paused(list_name: str, paused: bool) -> Answer:
    with working() as actor:
        from tamis.app.services import lists
        from tamis.app.services import sheets as service

        data = service.as_json(service.change(actor, lists.find(list_name), paused=paused))
    sentence = say("Lecture en pause.") if paused else say("Lecture reprise.")
    return Answer(data, lambda: click.echo(sentence))


@sheets.command("ls", help=_("Les feuilles suivies, et comment elles vont."))
@answering
def ls() -> Answer:
    with working():
        from tamis.app.services import sheets as service

        found = [*service.followed()]
        data = [service.as_json(each) for each in found]
        rows = [
            (
                each.list.name,
                _("en pause") if each.paused else each.get_state_display(),
                each.every,
                moment(each.agreed_at),
                moment(each.fetched_at),
                str(each.outcome or ""),
            )
            for each in found
        ]
    headings = [_("Liste"), _("État"), _("Minutes"), _("À jour au"), _("Dernière lecture"), ""]
    return Answer(data, lambda: table(headings, rows, right=[2]))


@sheets.command(help=_("Lit une feuille maintenant, ou avec --due toutes celles dont c'est l'heure."))
@click.argument("list_name", metavar="[LIST]", required=False)
@click.option("--due", is_flag=True, help=_("Toutes les feuilles dont c'est l'heure : à lancer par cron."))
@click.option("--all-the-same", is_flag=True, help=_("Importe aussi le contenu que Tamis a retenu."))
@answering
def fetch(list_name: str | None, due: bool, all_the_same: bool) -> Answer:
    if bool(list_name) == due:
        raise click.UsageError(_("Nommez une liste, ou demandez --due."))
    with working() as actor:
        from tamis.app.services import lists
        from tamis.app.services import sheets as service

        if due or not list_name:
            return _answer(service.fetch_due(), many=True)
        target = lists.find(list_name)
        consent = service.of_list(target).held_fingerprint if all_the_same else ""
        return _answer([service.fetch_now(actor, target, consent=consent)])


def _answer(found: "list[Fetched]", many: bool = False) -> Answer:
    """What readings came to; the exit code is 1 when one of them failed or was held back."""
    bad = any(each.outcome in ("failed", "held") for each in found)
    data = [each.as_json() for each in found]
    return Answer(data if many else data[0], lambda: _show(found), exit_code=int(bad))


def _show(found: "list[Fetched]") -> None:
    if not found:
        note(say("Aucune feuille n'est à lire."))
    for each in found:
        if each.report:
            show_report(each.report)
        else:
            click.echo(say("« {list} » : {message}", list=each.list_name, message=each.message))
