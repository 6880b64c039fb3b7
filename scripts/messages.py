"""Bring the English catalogue in line with the French sentences in the code; ``--check`` only looks.

French is what the code says; ``locale/en/LC_MESSAGES/django.po`` holds the English. Sentences that count stand in a
French catalogue too, as the code says them: without one, gettext counts in English (« 0 entreprises »). Needs GNU
gettext (apt-get install gettext). With ``--check``: every sentence has its English, and what is compiled is up to
date.
"""

import os
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import django
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from django.core.management import call_command
from django.core.management.commands import compilemessages, makemessages

PACKAGE = Path(__file__).parents[1] / "src" / "tamis"
CATALOGUE = Path("locale/en/LC_MESSAGES/django.po")
COUNTED = Path("locale/fr/LC_MESSAGES/django.mo")
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)  # so that the file changes only when its sentences do


class Extract(makemessages.Command):
    """Django's own extraction, which also knows the core's ``say`` and ``say_many``."""

    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=say", "--keyword=say_many:1,2"]


def extract(package: Path) -> None:
    """Write the sentences of the package into its catalogue, keeping the English that is there."""
    os.chdir(package)
    (package / CATALOGUE).parent.mkdir(parents=True, exist_ok=True)
    call_command(Extract(), locale=["en"], no_location=True, no_wrap=True, no_obsolete=True, verbosity=0)


def count_in_french(package: Path) -> None:
    """Write the sentences that count as they are in the code, under French's rule: the singular below two."""
    counted = Catalog(locale="fr", creation_date=EPOCH, revision_date=EPOCH)
    for message in _read(package / CATALOGUE):
        if not isinstance(message.id, str):
            counted.add(message.id, message.id, context=message.context)
    (package / COUNTED).parent.mkdir(parents=True, exist_ok=True)
    with (package / COUNTED).open("wb") as file:
        write_mo(file, counted)


def check() -> list[str]:
    """What is wrong with the catalogue, sentence by sentence."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "tamis"
        shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        django.conf.settings.LOCALE_PATHS = [str(copy / "locale")]
        extract(copy)
        wanted = _read(copy / CATALOGUE)
    with (PACKAGE / CATALOGUE).with_suffix(".mo").open("rb") as file:
        compiled = {_key(message.id) for message in read_mo(file) if message.id}
    with (PACKAGE / COUNTED).open("rb") as file:
        counted = {_key(message.id) for message in read_mo(file) if message.id}
    wrong = [f"no French plural: {id}" for id in {_key(each.id) for each in wanted} - counted if isinstance(id, tuple)]
    wrong += [f"no English: {message.id}" for message in wanted if not _translated(message)]
    wrong += [f"to be checked (fuzzy): {message.id}" for message in wanted if message.fuzzy]
    return wrong + [f"not compiled: {message.id}" for message in wanted if _key(message.id) not in compiled]


def _read(path: Path) -> list:
    with path.open("rb") as file:
        return [message for message in read_po(file) if message.id]


def _key(id) -> str | tuple:
    """A message's id in a form that both readers give alike: they differ on plurals."""
    return id if isinstance(id, str) else tuple(id)


def _translated(message) -> bool:
    return all(message.string) if isinstance(message.string, tuple | list) else bool(message.string)


def main() -> int:
    """Extract and compile, or check."""
    if shutil.which("xgettext") is None:
        print("GNU gettext is missing: apt-get install gettext")
        return 1
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tamis.app.settings")
    os.environ.setdefault("TAMIS_SECRET_KEY", "not used")
    django.setup()
    if "--check" in sys.argv:
        wrong = check()
        print("\n".join(wrong[:50]) or "messages: every sentence has its English")
        return int(bool(wrong))
    extract(PACKAGE)
    call_command(compilemessages.Command(), locale=["en"], verbosity=0)
    count_in_french(PACKAGE)
    missing = [message for message in _read(PACKAGE / CATALOGUE) if not _translated(message) or message.fuzzy]
    print(f"{len(missing)} sentences want English")
    return 0


if __name__ == "__main__":
    sys.exit(main())
