"""``tamis review``: the lines that wait for a person, what people said, and how good matching was."""

from dataclasses import asdict
from typing import Any

import click

from tamis.cli.shell import Answer, _, answering, moment, table, working
from tamis.messages import Message, say, say_many


@click.group(help=_("Les lignes à vérifier : voir les candidats, répondre, revenir sur une réponse."))
def review() -> None:
    pass


@review.command("ls", help=_("Les lignes à vérifier, avec leurs candidats et les indices."))
@click.option("--list", "list_name", help=_("Seulement cette liste."))
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help=_("Au plus tant de lignes."))
@answering
def ls(list_name: str | None, limit: int) -> Answer:
    with working():
        from tamis.app.services import lists
        from tamis.app.services import review as service

        lines = service.queue()
        if list_name:
            lines = lines.filter(version__list=lists.find(list_name))
        data = [service.line_as_json(line) for line in lines[:limit]]
        total = lines.count()

    def show() -> None:
        for line in data:
            keys = ", ".join(line[key] for key in ("siren", "website", "email_domain") if line[key])
            click.echo(f"{line['id']}  {line['name']} ({keys}) — {line['list']} : {line['doubt']}")
            for candidate in line["candidates"]:
                click.echo(f"      {candidate['company']}  {candidate['name']} — {candidate['evidence']}")
        click.echo(say_many("{n} ligne à vérifier.", "{n} lignes à vérifier.", n=total))

    return Answer(data, show)


def _judge(verdict: str, line: int, company: str) -> Answer:
    with working() as actor:
        from tamis.app.services import companies
        from tamis.app.services import review as service

        judge = {"accept": service.accept, "refuse": service.refuse}[verdict]
        decided = judge(actor, service.find_line(line), companies.find(company))
    return _decided(decided)


def _decided(lines: int) -> Answer:
    sentence = say_many("{n} ligne décidée.", "{n} lignes décidées.", n=lines)
    return Answer({"lines": lines}, lambda: click.echo(sentence))


@review.command(help=_("La ligne LINE est l'entreprise ID, maintenant et à chaque import de la même ligne."))
@click.argument("line", type=int)
@click.argument("company", metavar="ID")
@answering
def accept(line: int, company: str) -> Answer:
    return _judge("accept", line, company)


@review.command(help=_("La ligne LINE n'est pas l'entreprise ID."))
@click.argument("line", type=int)
@click.argument("company", metavar="ID")
@answering
def refuse(line: int, company: str) -> Answer:
    return _judge("refuse", line, company)


@review.command(help=_("La ligne LINE n'est aucun de ses candidats : elle attend une entreprise encore inconnue."))
@click.argument("line", type=int)
@answering
def none(line: int) -> Answer:
    with working() as actor:
        from tamis.app.services import review as service

        decided = service.none_of_these(actor, service.find_line(line))
    return _decided(decided)


@review.command(help=_("Ce que des personnes ont répondu, la dernière réponse en premier."))
@answering
def answers() -> Answer:
    with working():
        from tamis.app.services import review as service

        data: list[dict[str, Any]] = [service.judgement_as_json(said) for said in service.judgements()]
        rows = [
            (
                str(each["id"]),
                each["line"],
                _("est") if each["same"] else _("n'est pas"),
                each["company_name"],
                each["by"],
                moment(each["at"]),
            )
            for each in data
        ]
    return Answer(data, lambda: table([_("N°"), _("Ligne"), "", _("Entreprise"), _("Par"), _("Quand")], rows))


@review.command(help=_("Retire une réponse : ses lignes sont rapprochées comme si elle n'avait pas été donnée."))
@click.argument("answer", type=int)
@answering
def undo(answer: int) -> Answer:
    with working() as actor:
        from tamis.app.services import review as service

        return _decided(service.undo(actor, service.find_judgement(answer)))


@review.command(help=_("Ce que valent les rapprochements automatiques, d'après les réponses données."))
@answering
def report() -> Answer:
    with working():
        from tamis.app.services import review as service

        quality = service.quality()
    rows: list[tuple[str | Message, int]] = [
        *((say("rapprochées automatiquement ({method})", method=method), n) for method, n in quality.automatic.items()),
        (_("  dont défaites par une personne"), quality.automatic_refused),
        (_("réponses « c'est elle »"), quality.accepted),
        (_("  dont le premier candidat"), quality.accepted_first),
        (_("  dont une entreprise qui n'était pas proposée"), quality.accepted_elsewhere),
        (_("réponses « ce n'est pas elle »"), quality.refused),
    ]
    return Answer(asdict(quality), lambda: table(["", ""], rows, right=[1]))
