"""Killed at any moment, a list is the old one or the new one, and the next import works.

The child kills itself with SIGKILL just before its n-th statement to the database: while staging, at each part of the
swap, at its commit, while sweeping up. Here for a few n, in ``make soak`` for every n there is.
"""

import itertools

import launcher
import pytest
from interrupted import ran_to_its_end

ACME, BOLT = "732829320", "552100554"
HEADINGS = "Nom;SIREN;Domaine email;Website\n"


def place(shell, siren):
    return shell.json("companies", "show", siren)["list"]


@pytest.fixture
def base(shell):
    """Acme and Bolt, both known; Acme in client-or through version 1; v2 names Bolt instead."""
    shell("companies", "import", shell.file("base.csv", f"Nom;SIREN\nAcme;{ACME}\nBolt;{BOLT}\n"))
    shell("lists", "create", "client", "or")
    shell("lists", "import", "client-or", shell.file("v1.csv", HEADINGS + f"Acme;{ACME};;\n"))
    shell.file("v2.csv", HEADINGS + f"Bolt;{BOLT};;\nAttend;;attend-exemple.fr;\nRefusée;1;;\n")
    return shell


def is_old_or_new(shell):
    """Whether the list is version 1 or version 2, wholly."""
    versions = [each["version"] for each in shell.json("lists", "history", "client-or")]
    [row] = [row for row in shell.json("lists", "ls") if row["name"] == "client-or"]
    state = (versions, place(shell, ACME), place(shell, BOLT), row["lines"], row["waiting"])
    old = ([1], "client-or", "prospect-default", 1, 0)
    new = ([2, 1], "prospect-default", "client-or", 2, 1)
    assert state in (old, new), state
    return state == new


def test_killed_here_and_there(base):
    replaced = []
    for n in itertools.count(1, 9):
        ended = ran_to_its_end(base, n, "lists", "import", "client-or", base.home.parent / "v2.csv")
        replaced.append(is_old_or_new(base))
        if ended or replaced[-1]:
            break
    assert replaced[-1]
    assert len(replaced) > 3


@pytest.mark.long
@pytest.mark.soak
def test_killed_before_every_statement_and_around_every_commit(base):
    """After each death the list is whole, and the other version can be brought back at once."""
    deaths = 0
    for n in itertools.count(1):
        ended = ran_to_its_end(base, n, "lists", "import", "client-or", base.home.parent / "v2.csv")
        if is_old_or_new(base):
            base("lists", "restore", "client-or", 1)
            assert place(base, ACME) == "client-or"
            fresh_start(base)
        if ended:
            break
        deaths += 1
    assert deaths > 30
    base("lists", "import", "client-or", base.home.parent / "v2.csv")
    assert is_old_or_new(base)


def test_what_a_killed_import_staged_is_swept_away_by_the_next(base):
    lines = "".join(f"Attend {n};;attend-{n}-exemple.fr;\n" for n in range(1200))
    big = base.file("big.csv", HEADINGS + lines)
    ran_to_its_end(base, 40, "lists", "import", "client-or", big)
    assert is_old_or_new(base) is False
    assert staged_lines(base) > 0
    base("lists", "import", "client-or", base.home.parent / "v2.csv")
    assert is_old_or_new(base)
    assert staged_lines(base) == 0


def staged_lines(shell):
    """How many lines of imports that were never applied lie in the database."""
    counting = "from tamis.app.models import ListLine; print(ListLine.objects.filter(version__act=None).count())"
    setup = "from tamis.cli.shell import django_ready; django_ready(); "
    return int(launcher.run(["-c", setup + counting], shell.env).stdout)


def fresh_start(shell):
    """Make version 1 the only one again, so that each death meets the same state."""
    shell("lists", "delete", "client-or", "--yes")
    shell("lists", "create", "client", "or")
    shell("lists", "import", "client-or", shell.home.parent / "v1.csv")
