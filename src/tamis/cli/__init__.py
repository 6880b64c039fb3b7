"""The command line: ``tamis NOUN VERB``, a thin adapter over the services."""

import os
import sys

from tamis.messages import LANGUAGES, language


def main() -> None:
    """Run the command line; exit codes: 0 done, 1 refused, 2 unreadable file, missing workspace or wrong usage."""
    spoken = os.environ.get("TAMIS_LANG", "fr")[:2]
    language.set(spoken if spoken in LANGUAGES else "fr")
    from tamis.cli.shell import run  # after the language is known: the help is written as it is imported

    sys.exit(run(sys.argv[1:]))
