"""``tamis count``, ``select``, ``describe`` and ``explain``: questions asked in the rule language."""

import sys
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tamis.cli.options import FILE, FORMAT
from tamis.cli.shell import PIPED_WIDTH, Answer, _, answering, moment, note, number, table, working
from tamis.errors import Unreadable
from tamis.messages import LANGUAGES, say, say_many, speaking

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree

    from tamis.app.services.rules import Answered, Explained, Selected
    from tamis.rules.explaining import Explanation
    from tamis.rules.vocabulary import Vocabulary

RULE = click.argument("rule", metavar="RULE")
NOW = click.option(
    "--now", "now", metavar="INSTANT",
    help=_("Comme si l'on était à cet instant (2026-03-31T18:00, à l'heure de l'espace de travail) : les événements "
           "sont pris jusque-là, les champs tels qu'ils sont aujourd'hui."),
)  # fmt: skip
SHOWN = 50
"""Rows that are shown to people, unless they say how many."""


def text_of(rule: str) -> str:
    """The rule itself, or what a file (``@file``) or the standard input (``-``) holds."""
    if rule == "-":
        return sys.stdin.read()
    if not rule.startswith("@"):
        return rule
    try:
        return Path(rule[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(
            say("« {file} » ne se lit pas : {said}", file=rule[1:], said=error), "file.unreadable"
        ) from None


def instant_of(now: str | None) -> datetime | None:
    """The instant that a word names, if there is one. Raises :class:`~tamis.errors.Refused`."""
    from tamis.app.services.rules import instant

    return instant(now) if now else None


@click.command(help=_("Compte ceux qu'une règle désigne : « tamis count 'companies where headcount > 10' »."))
@RULE
@NOW
@answering
def count(rule: str, now: str | None) -> Answer:
    with working():
        from tamis.app.services import rules

        found = rules.count(text_of(rule), instant_of(now))
        data, told = found.as_json(), _told(found)
    return Answer(data, lambda: _show_count(found, told))


def _told(found: "Answered") -> str:
    """As of when, and how quickly."""
    said = say("état du {moment}, {ms} ms", moment=moment(found.as_of), ms=number(round(found.milliseconds)))
    return f"({said})"


def _show_count(found: "Answered", told: str) -> None:
    click.echo(f"{_counted(found)} {told}")
    if found.question.note:
        note(found.question.note)


def _counted(found: "Answered") -> str:
    if found.question.subject == "companies":
        return str(say_many("{n} entreprise", "{n} entreprises", n=found.count))
    return str(say_many("{n} contact", "{n} contacts", n=found.count))


@click.command(help=_("Donne ceux qu'une règle désigne ; avec --csv, tous leurs champs, dans un fichier à réimporter."))
@RULE
@NOW
@click.option("--csv", "file", type=FILE, help=_("Les écrit tous dans ce fichier, .csv ou .xlsx."))
@FORMAT
@click.option(
    "--limit", type=click.IntRange(1), help=_("Combien au plus ; par défaut 50 à l'écran, tous en JSON et en fichier.")
)
@answering
def select(rule: str, now: str | None, file: Path | None, form: str | None, limit: int | None) -> Answer:
    with working():
        from tamis.app.services import rules

        found = rules.select(text_of(rule), instant_of(now))
        if file:
            return _written(found, file, form, limit)
        shown, told = [*found.rows(limit or SHOWN)], _told(found)
    return Answer(found.as_json(), lambda: _show_rows(found, shown, told), items=_rows(found, limit))


def _rows(found: "Selected", limit: int | None) -> Iterator[dict[str, Any]]:
    with working():
        yield from found.rows(limit)


def _written(found: "Selected", file: Path, form: str | None, limit: int | None) -> Answer:
    from tamis.app.services import exports
    from tamis.sources.writing import Format, format_of, write_table

    companies, chunks = found.question.subject == "companies", found.chunks(limit)
    rows = exports.company_rows_of(chunks) if companies else exports.contact_rows_of(chunks)
    headings = exports.company_headings() if companies else exports.contact_headings()
    written = write_table(file, headings, rows, Format(form) if form else format_of(file))
    done = (
        say_many("{n} entreprise écrite dans {file}.", "{n} entreprises écrites dans {file}.", n=written, file=file)
        if companies
        else say_many("{n} contact écrit dans {file}.", "{n} contacts écrits dans {file}.", n=written, file=file)
    )
    return Answer(found.as_json() | {"file": str(file), "written": written}, lambda: click.echo(done))


def _show_rows(found: "Selected", rows: list[dict[str, Any]], told: str) -> None:
    _show_count(found, told)
    if not rows:
        return
    headings = {
        "id": _("Numéro"), "name": _("Nom"), "siren": "SIREN", "email": _("E-mail"), "list": _("Liste"),
        "company": _("Entreprise"), "job_title": _("Poste"), "city": _("Ville"), "status": _("Statut"),
    }  # fmt: skip
    keys = [key for key in headings if key in rows[0]]
    table([headings[key] for key in keys], [[str(row[key] or "") for key in keys] for row in rows], right=[0])
    if found.count > len(rows):
        left = found.count - len(rows)
        click.echo(
            say_many("… et {n} autre (tous avec --csv FICHIER)", "… et {n} autres (tous avec --csv FICHIER)", n=left)
        )


@click.command(
    help=_("Dit une règle en une phrase ; avec --from-sentence, lit une phrase et donne la règle qu'elle dit.")
)
@RULE
@click.option("--from-sentence", "spoken", is_flag=True, help=_("RULE est une phrase ; écrit la règle."))
@click.option(
    "--lang", type=click.Choice(LANGUAGES), help=_("La langue de la phrase ; par défaut celle de TAMIS_LANG.")
)
@answering
def describe(rule: str, lang: str | None, spoken: bool) -> Answer:
    with working(), speaking(lang) if lang else nullcontext():
        from tamis.app.services import rules

        given = text_of(rule)
        question = rules.read(given) if spoken else rules.ask(given)
        said = {"rule": question.text, "sentence": question.sentence}
    return Answer(said, lambda: click.echo(said["rule" if spoken else "sentence"]))


@click.command(help=_("Dit pourquoi une règle est vraie ou fausse d'une entreprise ou d'un contact."))
@RULE
@click.option("--company", default="", metavar="SIREN|ID", help=_("L'entreprise."))
@click.option("--contact", default="", metavar="E-MAIL|ID", help=_("Le contact."))
@NOW
@answering
def explain(rule: str, company: str, contact: str, now: str | None) -> Answer:
    if bool(company) == bool(contact):
        raise click.UsageError(_("Choisissez : --company ou --contact."))
    with working():
        from tamis.app.services import rules

        found = rules.explain(text_of(rule), instant_of(now), company=company, contact=contact)
        drawn = tree(found)
        data = found.as_json()
    return Answer(data, lambda: draw(drawn))


def tree(found: "Explained") -> "Tree":
    """The explanation as a tree to draw, in the language and zone of the moment."""
    from rich.text import Text
    from rich.tree import Tree

    explanation, known = found.explanation, found.question.vocabulary
    who = f" {found.who.name} (n° {found.who.pk}) : {explanation.text}"
    root = Tree(Text.assemble(_mark(found.holds), who, *_beneath(explanation, known)), guide_style="dim")
    waiting = [(root, part) for part in explanation.parts]
    while waiting:
        branch, node = waiting.pop(0)
        below = branch.add(_label(node, known))
        waiting += [(below, part) for part in node.parts]
    return root


def _label(node: "Explanation", known: "Vocabulary") -> "Text":
    """A node: whether it holds, what it says, what there is; then the events, and when time turns it."""
    from rich.text import Text

    whose = f"{node.of.name} : " if node.of else ""
    found = f" → {node.found}" if node.found else ""
    return Text.assemble(_mark(node.holds), f" {whose}{node.text}", (found, "bold"), *_beneath(node, known))


def _beneath(node: "Explanation", known: "Vocabulary") -> "list[tuple[str, str]]":
    lines = [node.note] if node.note else []
    for event in node.events:
        said = ", ".join(f"{name} = {value}" for name, value in event.values.items())
        lines.append(f"{moment(event.ts)} {known.kind(event.kind).label}{f' ({said})' if said else ''}")
    if node.turns:
        turning = _("deviendra faux tout seul le") if node.holds else _("deviendra vrai tout seul le")
        lines.append(f"{turning} {moment(node.turns)}")
    return [(f"\n  {line}", "dim") for line in lines]


def _mark(holds: bool) -> tuple[str, str]:
    return (f"✓ {_('vrai')}", "green") if holds else (f"✗ {_('faux')}", "red")


def draw(drawn: "Tree") -> None:
    """Print a tree."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else PIPED_WIDTH
    Console(highlight=False, width=width).print(drawn)
