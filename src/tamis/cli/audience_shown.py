"""Audiences as people read them in a terminal: each function makes ready what is printed afterwards."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from tamis.cli.shell import _, moment, number, table, working
from tamis.messages import Message, say, say_many

if TYPE_CHECKING:
    from tamis.app.models import AudienceRun
    from tamis.app.services.audience_edges import Crossed
    from tamis.app.services.audience_explaining import Why
    from tamis.app.services.audience_history import Freshness
    from tamis.app.services.audience_members import Difference, Members
    from tamis.app.services.audience_previews import Preview
    from tamis.app.services.refreshing import Refreshed

Shown = Callable[[], None]


def told_items(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Rows for programs, read while they are written."""
    with working():
        yield from rows


def listed_row(fresh: "Freshness") -> tuple[object, ...]:
    """An audience in a row of ``ls``."""
    audience = fresh.audience
    return (
        audience.name, str(audience.get_subject_display()), fresh.version.mode, fresh.size, moment(fresh.as_of),
        _standing(fresh.standing.value, past=fresh.past), moment(audience.next_at),
    )  # fmt: skip


def _standing(word: str, *, past: bool) -> str:
    return {
        "never": _("jamais remplie"), "fresh": _("d'un instant passé") if past else _("à jour"),
        "changed": _("définition changée"), "late": _("en retard"), "held": _("retenue"), "failed": _("en échec"),
    }[word]  # fmt: skip


def show_audience(data: dict[str, Any], every: str) -> Shown:
    """All that is known of an audience, and how often it is refreshed."""
    fresh = data["freshness"]
    rows: list[tuple[str, object]] = [
        (_("Nom"), data["name"]), (_("Règle"), data["rule"]), ("", data["sentence"]),
        (_("Mode"), f"{data['mode']} ({_('version')} {data['version']})"),
        (_("Exclusions"), ", ".join(data["exclusions"])),
        (_("Membres"), data["size"]),
        (_("À la main"), str(say("{inside} dedans, {outside} dehors", inside=data["pinned_in"],
                                 outside=data["pinned_out"]))),
        (_("État du"), moment(fresh["as_of"])),
        (_("État"), _standing(fresh["state"], past=fresh["past"])), (_("Depuis le"), moment(fresh["since"])),
        ("", fresh["why"]),
        (_("Toutes les"), every), (_("Prochain"), moment(fresh["next"])),
        (_("Disjoncteur"), str(say("au-delà de {share} %", share=data["most_leaving"]))
         if data["most_leaving"] is not None else ""),
        (_("Regardés"), _way(data["way"]) + (f" : {data['why']}" if data["why"] else "")),
        (_("Actions"), "\n".join(str(each["sentence"]) for each in data["actions"])),
        (_("Sert à"), ", ".join(data["used_by"])),
    ]  # fmt: skip
    told = [row for row in rows if row[1] not in ("", None)]
    return lambda: table(["", ""], told)


def _way(way: str | None) -> str:
    from tamis.app.models import AudienceRun

    return str(AudienceRun.Way(way).label) if way else ""


def show_outcomes(outcomes: "Sequence[Refreshed]") -> Shown:
    """What came of each audience, and what went wrong."""
    from tamis.app.services.audience_history import outcome_json

    told = [outcome_json(each) for each in outcomes]
    rows = [
        (each["audience"], state_said(each["state"]), each["entered"], each["left"], each["size"],
         moment(each["now"]), _way(each["way"]))
        for each in told
    ]  # fmt: skip
    faults = [f"{each['audience']} : {each['error']['message']}" for each in told if each["error"]]

    def shown() -> None:
        table([_("Audience"), _("État"), _("Entrés"), _("Sortis"), _("Membres"), _("À l'instant"), _("Regardés")], rows,
              right=[2, 3, 4])  # fmt: skip
        for fault in faults:
            click.secho(fault, err=True, fg="red")

    return shown


def state_said(state: str) -> str:
    """Where a refresh stands, in words."""
    from tamis.app.models import AudienceRun

    return _("occupée") if state == "busy" else str(AudienceRun.State(state).label)


def show_history(runs: "Sequence[AudienceRun]") -> Shown:
    """Refreshes, a row each."""
    from tamis.app.services.audience_history import milliseconds, run_json

    rows = [
        (str(each.pk), moment(each.now), state_said(each.state), each.entered, each.left, each.size_after,
         round(milliseconds(each)), str(each.version.number), _way(each.way), each.by,
         _fault(run_json(each)) or str(each.why or ""))
        for each in runs
    ]  # fmt: skip
    headings = [_("N°"), _("À l'instant"), _("État"), _("Entrés"), _("Sortis"), _("Membres"), "ms", _("Version"),
                _("Regardés"), _("Par"), ""]  # fmt: skip
    return lambda: table(headings, rows, right=[0, 3, 4, 5, 6, 7])


def _fault(told: dict[str, Any]) -> str:
    """Why a refresh was not done, in one line."""
    return str(told["error"]["message"]).partition("\n")[0] if told["error"] else ""


def show_members(found: "Members", rows: Sequence[dict[str, Any]]) -> Shown:
    """How many there are as of when, and the first of them."""
    data = found.as_json()
    lines = [str(_counted(data["count"], data))]
    cells = [(str(row["id"]), row["name"], row.get("siren") or row.get("email") or "", moment(row["entered"]))
             for row in rows]  # fmt: skip
    return lambda: _with_table(lines, [_("Numéro"), _("Nom"), found.headings[2], _("Entré")], cells, data["count"])


def _counted(n: int, data: dict[str, Any]) -> Message:
    if data["as_of"] is None:
        return say("Aucun rafraîchissement n'avait rempli cette audience à cet instant.")
    said = {"moment": moment(data["as_of"]), "version": data["version"]}
    return say_many("{n} membre (état du {moment}, règle en version {version})",
                    "{n} membres (état du {moment}, règle en version {version})", n=n, **said)  # fmt: skip


def _with_table(lines: list[str], headings: list[str], rows: Sequence[Sequence[object]], count: int) -> None:
    for line in lines:
        click.echo(line)
    if rows:
        table(headings, rows, right=[0])
    if count > len(rows):
        click.echo(say_many("… et {n} autre", "… et {n} autres", n=count - len(rows)))


def show_difference(found: "Difference", rows: Sequence[dict[str, Any]]) -> Shown:
    """How many entered, left and stayed, and the first of those who entered or left."""
    data = found.as_json()
    lines = [str(say("Entrés : {entered} ; sortis : {left} ; restés : {stayed}.", **{
        what: number(data[what]) for what in ("entered", "left", "stayed")
    }))]  # fmt: skip
    for name, label in (("from", _("de")), ("to", _("à"))):
        lines.append(f"{label} : {_counted_placed(data[name])}")
    words = {"entered": _("entré"), "left": _("sorti")}
    cells = [(str(row["id"]), row["name"], row.get("siren") or row.get("email") or "", words[row["what"]])
             for row in rows]  # fmt: skip
    count = sum(data[what] for what in words)
    return lambda: _with_table(lines, [_("Numéro"), _("Nom"), "", ""], cells, count)


def show_edges(found: "Crossed", rows: Sequence[dict[str, Any]]) -> Shown:
    """How many entered, or left, and the first of them."""
    counted = (say_many("{n} entrée", "{n} entrées", n=found.count) if found.edge == "enter"
               else say_many("{n} sortie", "{n} sorties", n=found.count))  # fmt: skip
    cells = [(str(row["id"]), row["name"], row.get("siren") or row.get("email") or "", moment(row["instant"]),
              str(row["run"].version.number)) for row in rows]  # fmt: skip
    headings = [_("Numéro"), _("Nom"), "", _("À l'instant"), _("Version")]
    return lambda: _with_table([str(counted)], headings, cells, found.count)


def _counted_placed(placed: dict[str, Any]) -> str:
    if placed["as_of"] is None:
        return _("avant le premier rafraîchissement")
    said = say(
        "état du {moment}, règle en version {version}", moment=moment(placed["as_of"]), version=placed["version"]
    )
    return str(said)


def show_previews(previews: "Sequence[Preview]") -> Shown:
    """What refreshes would do."""
    told = [line for each in previews for line in _preview_lines(each)]
    told.append(_("Rien n'a été changé."))
    return lambda: click.echo("\n".join(told))


def _preview_lines(preview: "Preview") -> Iterator[str]:
    name = preview.audience.name if preview.audience else _("nouvelle audience")
    yield str(say("{name} : de {before} à {after} membres (+{entered}, −{left}).", name=name,
                  before=number(preview.before), after=number(preview.size), entered=number(preview.entered),
                  left=number(preview.left)))  # fmt: skip
    for label, rows, n in ((_("entreraient"), preview.entering, preview.entered),
                           (_("sortiraient"), preview.leaving, preview.left)):  # fmt: skip
        if rows:
            more = "…" if n > len(rows) else ""
            yield f"  {label} : {', '.join(each['name'] for each in rows)}{more}"
    for other, each in preview.overlaps:
        yield "  " + str(say("avec « {name} » : {both} en commun, {here} seulement ici, {there} seulement là",
                             name=other.name, both=number(each.both), here=number(each.here),
                             there=number(each.there)))  # fmt: skip
    for effect in preview.effects:
        yield "  " + str(effect["sentence"])
    if preview.held:
        yield "  " + _("Le disjoncteur retiendrait ce rafraîchissement jusqu'à ce qu'une personne le confirme.")


def why_lines(why: "Why") -> list[str]:
    """Whether somebody is in, since when, and why."""
    where = (
        say("« {name} » est dans « {audience} » depuis le {moment}.", name=why.who.name, audience=why.audience.name,
            moment=moment(why.since))
        if why.inside
        else say("« {name} » n'est pas dans « {audience} ».", name=why.who.name, audience=why.audience.name)
    )  # fmt: skip
    lines = [str(where)]
    if why.as_of:
        lines.append(str(say("D'après le rafraîchissement du {moment}.", moment=moment(why.as_of))))
    lines += [f"- {reason}" for reason in why.reasons]
    for edge in why.edges:
        run = f" ({_('rafraîchissement')} {edge.run.pk}, {_('version')} {edge.run.version.number})" if edge.run else ""
        lines.append(f"  {moment(edge.instant)} {_('entré') if edge.entered else _('sorti')}{run}")
    return lines
