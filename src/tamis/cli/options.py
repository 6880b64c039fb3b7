"""Options that several commands have."""

from pathlib import Path

import click

from tamis.cli.shell import _
from tamis.messages import say

FILE = click.Path(path_type=Path)
DRY_RUN = click.option("--dry-run", is_flag=True, help=_("Dit ce qui se passerait, sans rien changer."))
YES = click.option("--yes", is_flag=True, help=_("Ne pas demander confirmation."))
FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "csv-fr", "xlsx"]),
    help=_("Par défaut d'après la fin du nom ; csv-fr s'ouvre dans Excel français."),
)


def pairs(texts: tuple[str, ...]) -> dict[str, str]:
    """``HEADING=FIELD``: a heading may contain the sign, a field may not."""
    return dict(parted(text, text.rpartition("=")) for text in texts)


def parted(text: str, parts: tuple[str, str, str]) -> tuple[str, str]:
    """The two sides of a pair. Raises a usage error when there is no sign, or nothing before it."""
    left, sign, right = parts
    if not sign or not left.strip():
        raise click.UsageError(str(say("NOM=VALEUR attendu, reçu « {text} ».", text=text)))
    return left.strip(), right.strip()
