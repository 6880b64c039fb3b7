"""Runs ``tamis`` and stops it half-way: ``python interrupted.py POINT command …``.

POINT is a number: killed with SIGKILL before its n-th statement, or around a commit, each counting as one. Or the name
of a table: after the first commit that wrote into it, « waits » is said on stderr, and a line on stdin lets it go on.
"""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import launcher


def ran_to_its_end(shell, n, *arguments):
    """Run a command that dies before its n-th statement or commit; whether it got to its end."""
    done = launcher.run([__file__, n, *arguments], shell.env)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode == 0


@contextmanager
def waiting(shell, table, *arguments):
    """A command that has committed its first rows of a table and waits there: let it ``go`` on, or it is killed."""
    command = subprocess.Popen(
        [sys.executable, __file__, table, *map(str, arguments)], env=shell.env, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        heard = []
        while "waits\n" not in heard:
            heard.append(command.stderr.readline())
            assert heard[-1], f"it ended without writing into {table}: {''.join(heard)}"
        yield command
    finally:
        command.kill()
        command.wait(20)
        command.stdin.close()
        command.stderr.close()


def go(command, most=120):
    """Let a waiting command go on, and answer with how it ended."""
    command.stdin.write("\n")
    command.stdin.flush()
    return command.wait(most)


class Stops:
    """Counts the steps of a process to where it is to die, or watches for the commit after which it waits."""

    def __init__(self, point):
        self.left = int(point) if point.isdigit() else 0
        self.insert = f'INSERT INTO "{point}" '
        self.written = False

    def heed(self, connection):
        """Count from here what is asked of the database, and its commits."""
        connection.execute_wrappers.append(self)
        connection._commit = self.around(connection._commit)

    def __call__(self, execute, sql, *given):
        """A statement of Django's."""
        self.step()
        self.written = self.written or sql.startswith(self.insert)
        return execute(sql, *given)

    def step(self):
        """One step more."""
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, commit):
        """A commit, or whatever else counts as two steps, which waits when it is the one."""

        def committing(*given, **named):
            self.step()
            done = commit(*given, **named)
            self.step()
            if self.written:
                self.insert, self.written = "never again", False
                sys.stderr.write("waits\n")
                sys.stderr.flush()
                sys.stdin.readline()
            return done

        return committing


if __name__ == "__main__":
    from tamis.cli.shell import django_ready

    django_ready()
    from django.db import connection

    from tamis.cli import main

    Stops(sys.argv.pop(1)).heed(connection)
    main()
