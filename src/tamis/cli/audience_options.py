"""What commands about audiences are told: options, and what they mean."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from tamis.cli.rules import instant_of as read_instant
from tamis.cli.rules import text_of
from tamis.cli.shell import _

if TYPE_CHECKING:
    from tamis.app.models import Audience
    from tamis.app.services.audiences import Definition

__all__ = [
    "AS_OF", "AUDIENCE", "COMPANY", "CONTACT", "EVERY", "EXCLUDE", "MODE", "MOST_LEAVING", "NOW", "RULE", "changes",
    "definition_of", "read_instant", "text_of",
]  # fmt: skip

AUDIENCE = click.argument("name", metavar="NAME")
MODE = ["static", "add-only", "dynamic"]
RULE = _("La règle : son texte, @fichier, ou - pour l'entrée standard.")
EXCLUDE = click.option("--exclude", multiple=True, metavar="NAME", help=_("Une audience qu'on soustrait. Répétable."))
EVERY = click.option("--every", default="", metavar="DURÉE", help=_("Tous les combien : 15m, 1h, 1d, 1w."))
MOST_LEAVING = click.option(
    "--most-leaving", type=click.IntRange(0, 100), metavar="POUR CENT",
    help=_("Retient, jusqu'à ce qu'une personne confirme, un rafraîchissement qui ferait sortir plus que cette part."),
)  # fmt: skip
NOW = click.option(
    "--now", "now", metavar="INSTANT",
    help=_("Comme si l'on était à cet instant (2026-03-31T18:00, à l'heure de l'espace de travail)."),
)  # fmt: skip
AS_OF = click.option(
    "--as-of", "as_of", metavar="INSTANT",
    help=_("À cet instant (2026-03-31T18:00, à l'heure de l'espace de travail), sous la règle d'alors."),
)  # fmt: skip
COMPANY = click.option("--company", default="", metavar="SIREN|ID", help=_("L'entreprise."))
CONTACT = click.option("--contact", default="", metavar="E-MAIL|ID", help=_("Le contact."))


def definition_of(rule: str, mode: str, exclude: Sequence[str]) -> "Definition":
    """What is in force together, from words."""
    from tamis.app.models import Mode
    from tamis.app.services import audiences

    return audiences.Definition(rule, Mode(mode), [audiences.find(each) for each in exclude])


def changes(
    audience: "Audience", *, rule: str | None, mode: str | None, exclude: tuple[str, ...], no_exclude: bool,
    every: str, no_every: bool, most_leaving: int | None, no_most_leaving: bool,
) -> "tuple[Definition | None, dict[str, Any]]":  # fmt: skip
    """What an edit changes: the definition, if any of it, and the settings. Raises a usage error for contradictions."""
    from tamis.app.services import audiences

    for on, off, word in ((exclude, no_exclude, "exclude"), (every, no_every, "every"),
                          (most_leaving is not None, no_most_leaving, "most-leaving")):  # fmt: skip
        if on and off:
            raise click.UsageError(f"--{word} / --no-{word}")
    settings: dict[str, Any] = {}
    if every or no_every:
        settings["every"] = audiences.read_every(every) if every else None
    if most_leaving is not None or no_most_leaving:
        settings["most_leaving"] = most_leaving
    if rule is None and mode is None and not exclude and not no_exclude:
        return None, settings
    now = audiences.definition_of(audience)
    excluded = [each.name for each in now.exclusions] if not exclude and not no_exclude else exclude
    return definition_of(text_of(rule) if rule else now.rule, mode or now.mode, excluded), settings
