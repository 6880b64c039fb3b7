"""Who entered an audience or left it, day by day; and the audiences that somebody is in."""

import click

from tamis.cli.audience_options import AUDIENCE, COMPANY, CONTACT
from tamis.cli.shell import Answer, _, answering, moment, table, working

SHOWN = 50
"""Rows that are shown to people."""


@click.command(help=_("Qui est entré certains jours, ou sorti, et par quel rafraîchissement."))
@AUDIENCE
@click.option("--from", "first", metavar="DAY", required=True, help=_("Le premier jour."))
@click.option("--to", "last", metavar="DAY", default="", help=_("Le dernier ; sans lui, le même."))
@click.option("--left", is_flag=True, help=_("Ceux qui sont sortis."))
@click.option("--ruled", is_flag=True, help=_("Sans les gestes à la main."))
@answering
def edges(name: str, first: str, last: str, left: bool, ruled: bool) -> Answer:
    from tamis.cli.audience_shown import show_edges, told_items

    with working():
        from tamis.app.services import audience_edges as service
        from tamis.app.services import audiences

        period = service.Period(service.day(first), service.day(last or first), ruled)
        edge = service.Edge.LEAVE if left else service.Edge.ENTER
        found = service.in_period(audiences.find(name), edge, period)
        rows, _end = found.page(service.START, SHOWN)
        data, shown = found.as_json(), show_edges(found, rows)
    return Answer(data, shown, items=told_items(found.rows()))


@click.command(help=_("Les audiences dans lesquelles est une entreprise ou un contact, et depuis quand."))
@COMPANY
@CONTACT
@answering
def of(company: str, contact: str) -> Answer:
    if bool(company) == bool(contact):
        raise click.UsageError(_("Choisissez : --company ou --contact."))
    with working():
        from tamis.app.services import audience_explaining, companies, contacts

        who = companies.find(company) if company else contacts.find(contact)
        data = audience_explaining.memberships("companies" if company else "contacts", who.pk)
    rows = [(each["name"], each["mode"], moment(each["since"])) for each in data]
    headings = [_("Audience"), _("Mode"), _("Depuis le")]
    return Answer(data, lambda: table(headings, rows) if rows else click.echo(_("Dans aucune audience.")))
