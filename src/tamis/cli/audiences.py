"""``tamis audiences``: defined, refreshed, asked who is in and why."""

from pathlib import Path
from typing import Any

import click

from tamis.cli import audience_edges, insights
from tamis.cli.audience_actions import actions
from tamis.cli.audience_options import (
    AS_OF,
    AUDIENCE,
    COMPANY,
    CONTACT,
    EVERY,
    EXCLUDE,
    MODE,
    MOST_LEAVING,
    NOW,
    RULE,
    definition_of,
    read_instant,
    text_of,
)
from tamis.cli.options import DRY_RUN, FILE, FORMAT, YES
from tamis.cli.shell import Answer, _, answering, confirm, table, working
from tamis.messages import say, say_many

SHOWN = 50
"""Rows that are shown to people."""
SECONDS = 20.0
"""How long ``refresh`` delivers what refreshes set off, before it leaves the rest to the worker."""


@click.group(help=_("Les audiences : une règle qui garde ses membres à jour, et dit pourquoi ils y sont."))
def audiences() -> None:
    pass


for _each in (actions, audience_edges.edges, audience_edges.of, insights.overlap, insights.compare, insights.forecast):
    audiences.add_command(_each)


@audiences.command(help=_("Définit une audience ; son premier rafraîchissement la remplit."))
@click.argument("name")
@click.option("--rule", required=True, metavar="RULE", help=RULE)
@click.option(
    "--mode", type=click.Choice(MODE), default="dynamic", show_default=True,
    help=_("static : remplie une fois ; add-only : personne n'en sort ; dynamic : on entre et on sort."),
)  # fmt: skip
@EXCLUDE
@EVERY
@MOST_LEAVING
@DRY_RUN
@answering
def create(
    name: str, rule: str, mode: str, exclude: tuple[str, ...], every: str, most_leaving: int | None, dry_run: bool
) -> Answer:  # fmt: skip
    from tamis.cli.audience_shown import show_previews

    with working() as actor:
        from tamis.app.services import audience_previews, audience_reports
        from tamis.app.services import audiences as service

        definition = definition_of(text_of(rule), mode, exclude)
        settings: dict[str, Any] = {"every": service.read_every(every) if every else None, "most_leaving": most_leaving}
        if dry_run:
            audience_previews.rehearse(actor, definition, name=name, **settings)
            found = audience_previews.preview(definition, most_leaving=most_leaving)
            return Answer(found.as_json(), show_previews([found]))
        made = service.create(actor, name, definition, **settings)
        data = audience_reports.in_full(made)
    done = say("Audience « {name} » créée : « tamis audiences refresh » la remplit.", name=made.name)
    return Answer(data, lambda: click.echo(done))


@audiences.command("ls", help=_("Les audiences : mode, membres, et à quel instant c'est juste."))
@answering
def ls() -> Answer:
    from tamis.cli.audience_shown import listed_row

    with working():
        from tamis.app.services import audience_history, audience_reports
        from tamis.app.services.audiences import every_audience

        found = audience_history.freshness(every_audience())
        data = [audience_reports.in_short(each) for each in found]
        rows = [listed_row(each) for each in found]
    headings = [_("Audience"), _("De"), _("Mode"), _("Membres"), _("État du"), _("État"), _("Prochain")]
    return Answer(data, lambda: table(headings, rows, right=[3]))


@audiences.command(help=_("Tout ce qui définit une audience, sa fraîcheur, et qui s'en sert."))
@AUDIENCE
@answering
def show(name: str) -> Answer:
    from tamis.cli.audience_shown import show_audience

    with working():
        from tamis.app.services import audience_reports
        from tamis.app.services import audiences as service

        audience = service.find(name)
        data = audience_reports.in_full(audience)
        shown = show_audience(data, service.every_said(audience.every))
    return Answer(data, shown)


@audiences.command(
    help=_("Change ce qu'on nomme ; une autre règle, un autre mode ou d'autres exclusions font une version.")
)
@AUDIENCE
@click.option("--name", "new_name", metavar="NAME", help=_("Un autre nom ; les règles qui la nomment suivent."))
@click.option("--rule", metavar="RULE", help=RULE)
@click.option("--mode", type=click.Choice(MODE), help=_("Un autre mode."))
@EXCLUDE
@click.option("--no-exclude", is_flag=True, help=_("Plus d'exclusions."))
@EVERY
@click.option("--no-every", is_flag=True, help=_("Rafraîchie quand on le demande, pas d'elle-même."))
@MOST_LEAVING
@click.option("--no-most-leaving", is_flag=True, help=_("Plus de disjoncteur."))
@DRY_RUN
@answering
def edit(name: str, new_name: str | None, dry_run: bool, **given: Any) -> Answer:
    from tamis.cli.audience_options import changes
    from tamis.cli.audience_shown import show_previews

    with working() as actor:
        from tamis.app.services import audience_previews, audience_reports
        from tamis.app.services import audiences as service

        audience = service.find(name)
        definition, settings = changes(audience, **given)
        if new_name is None and definition is None and not settings:
            raise click.UsageError(
                _("Dites ce qui change : --name, --rule, --mode, --exclude, --every, --most-leaving.")
            )
        if dry_run:
            audience_previews.rehearse(actor, definition, audience, new_name, **settings)
            share = settings.get("most_leaving", audience.most_leaving)
            definition = definition or service.definition_of(audience)
            found = audience_previews.preview(definition, audience, most_leaving=share)
            return Answer(found.as_json(), show_previews([found]))
        edited = service.edit(actor, audience, name=new_name, definition=definition, **settings)
        data = audience_reports.in_full(edited)
    return Answer(data, lambda: click.echo(say("Audience « {name} » changée.", name=data["name"])))


@audiences.command(help=_("Supprime une audience et son histoire."))
@AUDIENCE
@YES
@answering
def delete(name: str, yes: bool) -> Answer:
    with working() as actor:
        from tamis.app.services import audiences as service
        from tamis.app.services.audience_members import size_of

        audience = service.find(name)
        if size := size_of(audience):
            question = say_many("Supprimer « {name} », son membre et son histoire ?",
                                "Supprimer « {name} », ses {n} membres et son histoire ?",
                                n=size, name=audience.name)  # fmt: skip
            confirm(question, yes)
        service.delete(actor, audience)
    data = {"name": audience.name, "deleted": True, "members": size}
    return Answer(data, lambda: click.echo(say("Audience « {name} » supprimée.", name=audience.name)))


@audiences.command(help=_("Met des audiences à jour, et d'abord celles dont elles dépendent."))
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--all", "all_", is_flag=True, help=_("Toutes."))
@NOW
@click.option("--full", is_flag=True, help=_("Regarde tout le monde, même qui n'a pas pu changer."))
@DRY_RUN
@answering
def refresh(names: tuple[str, ...], all_: bool, now: str | None, full: bool, dry_run: bool) -> Answer:
    from tamis.cli.audience_shown import show_outcomes, show_previews

    if not names and not all_:
        raise click.UsageError(_("Nommez une audience au moins, ou --all pour toutes."))
    with working() as actor:
        from tamis.app.services import audience_effects, audience_history, audience_previews, refreshing
        from tamis.app.services import audiences as service

        wanted = [*service.every_audience()] if all_ else [service.find(name) for name in names]
        instant = read_instant(now)
        if dry_run:
            previews = audience_previews.preview_refresh(wanted, instant)
            return Answer([each.as_json() for each in previews], show_previews(previews))
        outcomes = refreshing.refresh(actor, wanted, instant, full=full)
        audience_effects.deliver(SECONDS, settled=False)
        data, shown = [audience_history.outcome_json(each) for each in outcomes], show_outcomes(outcomes)
    failed = not all(each.ok for each in outcomes)
    return Answer(data, shown, exit_code=int(failed))


@audiences.command("confirm", help=_("Laisse sortir ceux qu'un rafraîchissement retenu attend de laisser sortir."))
@AUDIENCE
@answering
def confirm_held(name: str) -> Answer:
    from tamis.cli.audience_shown import show_outcomes

    with working() as actor:
        from tamis.app.services import audience_history, refreshing
        from tamis.app.services import audiences as service

        outcome = refreshing.confirm(actor, service.find(name))
        data, shown = audience_history.outcome_json(outcome), show_outcomes([outcome])
    return Answer(data, shown, exit_code=int(not outcome.ok))


@audiences.command(help=_("Les membres, d'après le dernier rafraîchissement ou à un instant passé."))
@AUDIENCE
@AS_OF
@click.option("--csv", "file", type=FILE, help=_("Les écrit tous dans ce fichier, .csv ou .xlsx."))
@FORMAT
@click.option("--limit", type=click.IntRange(1), help=_("Combien au plus ; par défaut 50 à l'écran, tous en JSON."))
@answering
def members(name: str, as_of: str | None, file: Path | None, form: str | None, limit: int | None) -> Answer:
    from tamis.cli.audience_shown import show_members, told_items

    with working():
        from tamis.app.services import audience_members
        from tamis.app.services import audiences as service
        from tamis.sources.writing import Format, format_of, write_table

        found = audience_members.members(service.find(name), read_instant(as_of))
        data = found.as_json()
        if file:
            data |= {"file": str(file), "written": write_table(
                file, found.headings, found.cells(), Format(form) if form else format_of(file)
            )}  # fmt: skip
            done = say_many("{n} membre écrit dans {file}.", "{n} membres écrits dans {file}.",
                            n=data["written"], file=file)  # fmt: skip
            return Answer(data, lambda: click.echo(done))
        shown = show_members(found, [*found.rows(limit or SHOWN)])
    return Answer(data, shown, items=told_items(found.rows(limit)))


WHO = click.argument("who", metavar="ID|E-MAIL|SIREN...", nargs=-1, required=True)


@audiences.command(help=_("Ajoute des membres à la main : ils y restent, quoi que dise la règle."))
@AUDIENCE
@WHO
@answering
def add(name: str, who: tuple[str, ...]) -> Answer:
    return _pinned(name, who, inside=True)


@audiences.command(help=_("Retire des membres à la main : ils restent dehors, quoi que dise la règle."))
@AUDIENCE
@WHO
@answering
def remove(name: str, who: tuple[str, ...]) -> Answer:
    return _pinned(name, who, inside=False)


@audiences.command(help=_("Laisse à nouveau la règle décider de ceux qu'une main avait ajoutés ou retirés."))
@AUDIENCE
@WHO
@answering
def release(name: str, who: tuple[str, ...]) -> Answer:
    return _pinned(name, who, inside=None)


def _pinned(name: str, words: tuple[str, ...], inside: bool | None) -> Answer:
    from tamis.cli.audience_shown import show_outcomes

    with working() as actor:
        from tamis.app.services import audience_history, audience_members, refreshing
        from tamis.app.services import audiences as service

        audience = service.find(name)
        found = audience_members.find_who(audience, words)
        pinned = (
            service.release(actor, audience, found) if inside is None
            else service.pin(actor, audience, found, inside=inside)
        )  # fmt: skip
        outcome = refreshing.refresh_some(actor, audience, found)
        data = {"pinned" if inside is not None else "released": pinned, **audience_history.outcome_json(outcome)}
        shown = show_outcomes([outcome])
    return Answer(data, shown, exit_code=int(not outcome.ok))


@audiences.command(
    help=_("Copie les membres d'une audience, d'aujourd'hui ou d'un instant passé, dans une audience statique.")
)
@AUDIENCE
@click.argument("new", metavar="NEW")
@AS_OF
@answering
def freeze(name: str, new: str, as_of: str | None) -> Answer:
    with working() as actor:
        from tamis.app.services import audience_history, refreshing
        from tamis.app.services import audiences as service

        run = refreshing.freeze(actor, service.find(name), new, read_instant(as_of))
        data = audience_history.run_json(run)
    done = say_many(
        "« {name} » : {n} membre copié.", "« {name} » : {n} membres copiés.", n=run.size, name=data["audience"]
    )
    return Answer(data, lambda: click.echo(done))


@audiences.command(help=_("Dit pourquoi une entreprise ou un contact est dans une audience, ou n'y est pas."))
@AUDIENCE
@COMPANY
@CONTACT
@answering
def explain(name: str, company: str, contact: str) -> Answer:
    from tamis.cli.audience_shown import why_lines
    from tamis.cli.rules import draw, tree

    if bool(company) == bool(contact):
        raise click.UsageError(_("Choisissez : --company ou --contact."))
    with working():
        from tamis.app.services import audience_explaining
        from tamis.app.services import audiences as service

        found = audience_explaining.explain(service.find(name), company=company, contact=contact)
        data, lines = found.as_json(), why_lines(found)
        drawn = tree(found.explained) if found.explained else None

    def shown() -> None:
        click.echo("\n".join(lines))
        if drawn:
            draw(drawn)

    return Answer(data, shown)


@audiences.command(help=_("Les rafraîchissements d'une audience, le dernier en premier."))
@AUDIENCE
@click.option("--limit", type=click.IntRange(1), help=_("Combien au plus ; par défaut 50 à l'écran, tous en JSON."))
@answering
def history(name: str, limit: int | None) -> Answer:
    from tamis.cli.audience_shown import show_history

    with working():
        from tamis.app.services import audience_history
        from tamis.app.services import audiences as service

        found = audience_history.runs(service.find(name))
        data = [audience_history.run_json(each) for each in (found[:limit] if limit else found.iterator())]
        shown = show_history([*found[: limit or SHOWN]])
    return Answer(data, shown)


@audiences.command(help=_("Qui est entré, qui est sorti, qui est resté d'un instant à un autre."))
@AUDIENCE
@click.option("--from", "start", metavar="INSTANT", required=True, help=_("Le premier instant."))
@click.option("--to", "end", metavar="INSTANT", required=True, help=_("Le second."))
@answering
def diff(name: str, start: str, end: str) -> Answer:
    from tamis.cli.audience_shown import show_difference, told_items

    with working():
        from tamis.app.services import audience_members
        from tamis.app.services import audiences as service
        from tamis.app.services.rules import instant

        found = audience_members.difference(service.find(name), instant(start), instant(end))
        data = found.as_json()
        shown = show_difference(found, found.changed(SHOWN))
    return Answer(data, shown, items=told_items(found.rows()))


@audiences.command(
    help=_("Met ces audiences en tête, dans cet ordre : les règles qui réclament des listes se rangent ainsi.")
)
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@answering
def order(names: tuple[str, ...]) -> Answer:
    with working() as actor:
        from tamis.app.services import audiences as service

        service.put_in_order(actor, [service.find(name) for name in names])
        data = [{"name": each.name, "position": each.position} for each in service.every_audience()]
    return Answer(data, lambda: table(["", ""], [(str(each["position"]), each["name"]) for each in data]))
