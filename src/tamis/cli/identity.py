"""``tamis identity``: whose is it? Names looked up in a directory, and how well that works."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tamis.cli.options import FILE
from tamis.cli.shell import Answer, _, answering, note, table
from tamis.messages import say_many

if TYPE_CHECKING:
    from tamis.identity.names.index import NameIndex


DIRECTORY = click.option(
    "--directory", required=True, type=FILE, help=_("Fichier des entreprises connues : colonnes siren et name.")
)


@click.group(help=_("À qui est ce nom ? Retrouver l'entreprise derrière un nom mal écrit."))
def identity() -> None:
    pass


@identity.command(help=_("Cherche chaque nom dans un annuaire, dit pourquoi, et demande dans le doute."))
@DIRECTORY
@click.option("--names", required=True, type=FILE, help=_("Un nom par ligne, ou un fichier de liste."))
@answering
def match(directory: Path, names: Path) -> Answer:
    from tamis.identity.names.matcher import Answer as Found
    from tamis.identity.names.matcher import match_many
    from tamis.sources.names import read_names

    wanted = read_names(names)
    found = [*match_many(_index(directory), wanted, Found.as_json, os.cpu_count() or 1)]
    headings = [_("Nom"), _("Décision"), _("Entreprise"), "SIREN", _("Score"), _("Pourquoi")]
    rows = [
        (
            each["name"],
            each["decision"],
            each["company"] or "",
            each["siren"] or "",
            f"{each['score']:.2f}" if each["siren"] else "",
            " ; ".join(each["evidence"]),
        )
        for each in found
    ]
    return Answer(found, lambda: table(headings, rows))


@identity.command(help=_("Compte combien de noms trouvent la bonne entreprise, par le nom seul."))
@DIRECTORY
@click.option(
    "--pairs", required=True, type=FILE, help=_("Noms dont on connaît la réponse : colonnes siren et variant_name.")
)
@answering
def evaluate(directory: Path, pairs: Path) -> Answer:
    from tamis.identity.evaluate import evaluate as evaluate_pairs
    from tamis.sources.names import read_pairs

    wanted = read_pairs(pairs)
    found = evaluate_pairs(_index(directory), wanted, os.cpu_count() or 1)
    rows: list[tuple[str, int]] = [
        (_("paires"), found.pairs),
        (_("bonne entreprise en premier"), found.top1),
        (_("décidées automatiquement"), found.auto),
        (_("  dont justes"), found.auto_correct),
        (_("à vérifier"), found.review),
        (_("sans réponse"), found.none),
    ]
    return Answer(found.as_json(), lambda: table(["", ""], rows, right=[1]))


def _index(directory: Path) -> "NameIndex":
    from tamis.identity.names.index import NameIndex
    from tamis.sources.names import read_directory

    index = NameIndex(read_directory(directory))
    note(say_many("{n} nom dans l'annuaire.", "{n} noms dans l'annuaire.", n=len(index)))
    return index
