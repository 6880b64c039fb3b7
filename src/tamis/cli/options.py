"""Options that several commands have."""

from pathlib import Path

import click

from tamis.cli.shell import _

FILE = click.Path(path_type=Path)
DRY_RUN = click.option("--dry-run", is_flag=True, help=_("Dit ce qui se passerait, sans rien changer."))
YES = click.option("--yes", is_flag=True, help=_("Ne pas demander confirmation."))
FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "csv-fr", "xlsx"]),
    help=_("Par défaut d'après la fin du nom ; csv-fr s'ouvre dans Excel français."),
)
