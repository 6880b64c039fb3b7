"""``tamis doubles``: companies that are in the base twice."""

from typing import Any

import click

from tamis.cli.shell import Answer, _, answering, progress, table, working
from tamis.messages import say, say_many


@click.group(help=_("Les doublons : les chercher, voir les indices, fusionner ou garder à part."))
def doubles() -> None:
    pass


@doubles.command(help=_("Cherche dans toute la base les entreprises qui y sont sans doute deux fois."))
@click.option(
    "--merge-above",
    type=click.FloatRange(0, 1),
    metavar=_("SCORE"),
    help=_("Fusionne d'office à partir de ce score ; sans cette option, rien n'est fusionné."),
)
@answering
def search(merge_above: float | None) -> Answer:
    with working() as actor, progress(_("Recherche des doublons")) as told:
        from tamis.app.services import doubles as service

        found = service.search(actor, merge_above=merge_above, progress=told)

    def show() -> None:
        click.echo(say_many("{n} doublon attend une réponse.", "{n} doublons attendent une réponse.", n=found.proposed))
        if merge_above is not None:
            click.echo(say_many("{n} fusionné d'office.", "{n} fusionnés d'office.", n=found.merged))

    return Answer(found.as_json(), show)


@doubles.command("ls", help=_("Les paires proposées, la plus sûre en premier, avec les indices."))
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help=_("Au plus tant de paires."))
@click.option("--refused", is_flag=True, help=_("Plutôt celles que quelqu'un a gardées à part."))
@answering
def ls(limit: int, refused: bool) -> Answer:
    with working():
        from tamis.app.services import doubles as service

        pairs = service.kept_apart() if refused else service.proposed()
        data = [service.as_json(double) for double in pairs[:limit]]
        total = pairs.count()

    def show() -> None:
        headings = [_("N°"), _("Score"), _("Entreprise à garder"), _("Entreprise à fusionner"), _("Pourquoi")]
        rows = [
            (each["id"], f"{each['score']:.2f}", _shown(each["kept"]), _shown(each["absorbed"]), each["evidence"])
            for each in data
        ]
        table(headings, rows)
        click.echo(say_many("{n} paire.", "{n} paires.", n=total))

    return Answer(data, show)


@doubles.command(help=_("Fusionne la paire DOUBLE ; « tamis companies split » la sépare à nouveau."))
@click.argument("double", type=int)
@click.option(
    "--keep", metavar="ID", help=_("L'entreprise à garder (sinon : celle qui a un SIREN, ou la plus ancienne).")
)
@answering
def merge(double: int, keep: str | None) -> Answer:
    with working() as actor:
        from tamis.app.services import companies
        from tamis.app.services import doubles as service

        merged = service.merge(actor, service.find(double), companies.find(keep) if keep else None)
    kept, absorbed = merged.kept, merged.absorbed
    sentence = say("« {absorbed} » fusionnée dans « {kept} ».", absorbed=absorbed.name, kept=kept.name)
    return Answer({"merge": merged.pk, "kept": kept.pk, "absorbed": absorbed.pk}, lambda: click.echo(sentence))


@doubles.command(help=_("Les deux entreprises de la paire DOUBLE sont bien deux : ne plus la proposer."))
@click.argument("double", type=int)
@answering
def refuse(double: int) -> Answer:
    with working() as actor:
        from tamis.app.services import doubles as service

        service.keep_apart(actor, service.find(double))
    return Answer({"id": double}, lambda: click.echo(say("Gardées à part.")))


@doubles.command(help=_("Revient sur un refus : la paire DOUBLE est proposée à nouveau."))
@click.argument("double", type=int)
@answering
def reopen(double: int) -> Answer:
    with working() as actor:
        from tamis.app.services import doubles as service

        service.propose_again(actor, service.find(double))
    return Answer({"id": double}, lambda: click.echo(say("Proposées à nouveau.")))


def _shown(company: dict[str, Any]) -> str:
    return f"{company['name']} ({company['siren'] or company['id']})"
