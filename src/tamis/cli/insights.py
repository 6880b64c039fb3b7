"""What audiences and segments tell: overlaps, differences, what to expect, flows; the console draws the same."""

from typing import TYPE_CHECKING, Any

import click

from tamis.cli.shell import Answer, LazyGroup, _, answering, moment, note, table, working
from tamis.messages import say, say_many

if TYPE_CHECKING:
    from tamis.app.services.audience_history import Freshness
    from tamis.app.services.contrasts import Contrasted
    from tamis.app.services.forecasts import Forecast
    from tamis.app.services.segment_flows import SegmentFlows

SHOWN = 12
"""Fields that are shown to people; all of them in JSON."""
VALUES = 4


def _note(fresh: "Freshness") -> None:
    """As of when an audience is, and why it is not as it should be: on stderr."""
    said = say("{name} : état du {moment}", name=fresh.audience.name, moment=moment(fresh.as_of) or "—")
    note(f"{said}. {fresh.why}" if fresh.why else said)


@click.command(help=_("Comment deux à huit audiences se recouvrent : combien sont exactement dans lesquelles."))
@click.argument("names", nargs=-1, required=True, metavar="NAME…")
@answering
def overlap(names: tuple[str, ...]) -> Answer:
    with working():
        from tamis.app.services import insights, overlaps

        told = overlaps.overlap(insights.named(names))
        data = told.as_json()

    def show() -> None:
        sizes = zip(told.names, told.found.sizes, strict=True)
        table([_("Audience"), _("Membres")], [*sizes], right=[1])
        rows = [(" + ".join(each["in"]), each["count"]) for each in data["intersections"]]
        table([_("Dans ces audiences, et dans aucune autre"), _("Combien")], rows, right=[1])
        for each in told.audiences:
            _note(each)

    return Answer(data, show)


@click.command(
    help=_("Ce qui distingue deux audiences, champ par champ ; sans seconde, une audience de tous les autres.")
)
@click.argument("one", metavar="A")
@click.argument("other", metavar="[B]", required=False, default="")
@answering
def compare(one: str, other: str) -> Answer:
    with working():
        from tamis.app.services import audiences, contrasts

        told = contrasts.contrast(audiences.find(one), audiences.find(other) if other else None)
        data = told.as_json()
    return Answer(data, lambda: _show_contrast(told, data))


def _show_contrast(told: "Contrasted", data: dict[str, Any]) -> None:
    names = [f"{data[side]['name']} ({data[side]['size']})" for side in ("a", "b")]
    rows = [
        (each["label"] if not number else "", _size(each) if not number else "", value["label"],
         f"{value['share_a']:.1f} %", f"{value['share_b']:.1f} %", _points(value))
        for each in data["fields"][:SHOWN]
        for number, value in enumerate(each["values"][:VALUES])
    ]  # fmt: skip
    headings = [_("Champ"), _("Différence"), _("Valeur"), *names, _("Écart en points, à 99 %")]
    table(headings, rows, right=[1, 3, 4, 5])
    if data["few"]:
        note(say("Un des groupes a moins de 30 membres : ce qui suit est peu sûr."))
    for each in (told.one, told.other):
        if each:
            _note(each)


def _size(field: dict[str, Any]) -> str:
    return f"{field['effect']:.2f}"


def _points(value: dict[str, Any]) -> str:
    unsure = "" if value["sure"] else " ?"
    return f"{value['difference']:+.1f} [{value['low']:.1f} ; {value['high']:.1f}]{unsure}"


@click.command(
    help=_("Les entrées d'une audience par semaine, et celles qu'il faut attendre, avec un intervalle à 80 %.")
)
@click.argument("name")
@click.option("--weeks", type=int, default=4, show_default=True, help=_("Combien de semaines, celle-ci comprise."))
@answering
def forecast(name: str, weeks: int) -> Answer:
    with working():
        from tamis.app.services import audiences, forecasts

        found = forecasts.forecast(audiences.find(name), weeks)
    return Answer(found.as_json(), lambda: _show_forecast(found))


def _show_forecast(found: "Forecast") -> None:
    rows: list[tuple[object, ...]] = [(each.monday.isoformat(), each.entered, "") for each in found.past[-8:]]
    rows += [(monday.isoformat(), None, f"{each.low} – {each.high}") for monday, each in found.expected]
    if rows:
        table([_("Semaine du"), _("Entrées"), _("Attendues")], rows, right=[1, 2])
    if found.missing:
        click.echo(say_many("Le passé est trop court pour prévoir : il manque {n} semaine entière.",
                            "Le passé est trop court pour prévoir : il manque {n} semaines entières.",
                            n=found.missing))  # fmt: skip
    if found.tested:
        note(say_many("Éprouvée sur {n} semaine tenue à l'écart : {inside} dans l'intervalle.",
                      "Éprouvée sur {n} semaines tenues à l'écart : {inside} dans l'intervalle.",
                      n=found.tested.weeks, inside=found.tested.inside))  # fmt: skip
    _note(found.audience)


segments = LazyGroup("segments", help=_("Les neuf segments au fil du temps."))


@segments.command(help=_("Combien d'entreprises sont passées de quel segment à quel autre, mois par mois."))
@click.option("--from", "since", default="", metavar="2026-03", help=_("Depuis la fin de ce mois."))
@click.option("--to", "until", default="", metavar="2026-06", help=_("Jusqu'à la fin de ce mois, ou maintenant."))
@answering
def flows(since: str, until: str) -> Answer:
    with working():
        from tamis.app.services import segment_flows

        found = segment_flows.flows(segment_flows.months(since, until))
    return Answer(found.as_json(), lambda: _show_flows(found))


def _show_flows(found: "SegmentFlows") -> None:
    from tamis.insights.flows import NEW

    rows = [
        (each["until"], _("nouvelle") if each["from"] == NEW else each["from"], each["to"], each["companies"])
        for each in found.as_json()["flows"] if each["from"] != each["to"]
    ]  # fmt: skip
    if not rows:
        click.echo(_("Aucune entreprise n'a changé de segment dans ces mois."))
        return
    table([_("Mois"), _("De"), _("À"), _("Entreprises")], rows, right=[3])
