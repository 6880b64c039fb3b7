"""``tamis identity``: whose is it? Names looked up in a directory, and how well that works."""

import json
import os
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from tamis.errors import TamisError
from tamis.identity.evaluate import Evaluation
from tamis.identity.evaluate import evaluate as evaluate_pairs
from tamis.identity.names.index import NameIndex
from tamis.identity.names.matcher import Answer, match_many
from tamis.identity.tables import read_directory, read_names, read_pairs
from tamis.messages import say

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def identity() -> None:
    """Whose is it: find the company behind a name."""


@identity.command()
@click.option("--directory", required=True, type=_FILE, help="CSV file of companies: siren, name.")
@click.option("--names", required=True, type=_FILE, help="One name a line, or a list file with a column Nom.")
@click.option("--json", "as_json", is_flag=True, help="One JSON value on standard output.")
def match(directory: Path, names: Path, as_json: bool) -> None:
    """Find the company behind each name, and say why."""
    try:
        answers = list(match_many(_index(directory), read_names(names), Answer.as_json, os.cpu_count() or 1))
    except TamisError as error:
        raise _shown(error) from None
    if as_json:
        click.echo(json.dumps(answers, ensure_ascii=False))
    else:
        _print_answers(answers)


@identity.command()
@click.option("--directory", required=True, type=_FILE, help="CSV file of companies: siren, name.")
@click.option(
    "--pairs", required=True, type=_FILE, help="CSV file of names whose company is known: siren, variant_name."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON value on standard output.")
def evaluate(directory: Path, pairs: Path, as_json: bool) -> None:
    """Count how often the right company is found, by the name alone."""
    try:
        found = evaluate_pairs(_index(directory), read_pairs(pairs), os.cpu_count() or 1)
    except TamisError as error:
        raise _shown(error) from None
    if as_json:
        click.echo(json.dumps(found.as_json()))
    else:
        _print_evaluation(found)


def _index(directory: Path) -> NameIndex:
    index = NameIndex(read_directory(directory))
    click.echo(say("{n} noms dans l'annuaire", n=len(index)), err=True)
    return index


def _shown(error: TamisError) -> click.ClickException:
    class Shown(click.ClickException):
        exit_code = error.exit_code

    return Shown(str(error))


def _print_answers(answers: list[dict[str, Any]]) -> None:
    table = Table(*(str(say(heading)) for heading in ("Nom", "Décision", "Entreprise", "SIREN", "Score", "Pourquoi")))
    for answer in answers:
        table.add_row(
            answer["name"],
            answer["decision"],
            answer["company"] or "",
            answer["siren"] or "",
            f"{answer['score']:.2f}" if answer["siren"] else "",
            " ; ".join(answer["evidence"]),
        )
    Console().print(table)


def _print_evaluation(found: Evaluation) -> None:
    click.echo(say("{n} paires en {seconds:.2f} s", n=found.pairs, seconds=found.seconds))
    click.echo(say("bonne entreprise en premier : {n}", n=found.top1))
    click.echo(say("automatiques : {n}, dont justes : {right}", n=found.auto, right=found.auto_correct))
    click.echo(say("à vérifier : {review} ; sans réponse : {none}", review=found.review, none=found.none))
