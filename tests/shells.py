"""``tamis`` as a user runs it: commands in processes of their own, in a home of their own."""

import json
import os
import shutil
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import launcher

TAMIS = [sys.executable, "-m", "tamis"]


@dataclass
class Ran:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, which must be one JSON value and nothing else."""
        return json.loads(self.out)


class Shell:
    """Runs ``tamis`` as a user would, in a home of its own, on whichever database is being tested."""

    def __init__(self, home: Path, like: "Shell | None" = None) -> None:
        self.home = home
        self.database = _fresh_database(like.database if like else None)
        if like:
            shutil.copytree(like.home, home, dirs_exist_ok=True)
        self.env = os.environ | {"TAMIS_HOME": str(home), "PYTHONWARNINGS": "error::DeprecationWarning"}
        for name in ("TAMIS_SECRET_KEY", "DJANGO_SETTINGS_MODULE"):  # those of the tests themselves
            del self.env[name]
        if self.database:
            self.env["TAMIS_DATABASE_URL"] = self.database

    def __call__(self, *arguments: object, ok: bool = True, cwd: Path | None = None) -> Ran:
        done = launcher.run(["-m", "tamis", *arguments], self.env, cwd or self.home.parent)
        assert "Traceback" not in done.stderr, done.stderr
        if ok:
            assert done.returncode == 0, done.stderr + done.stdout
        return Ran(done.returncode, done.stdout, done.stderr)

    def json(self, *arguments: object) -> Any:
        """The JSON that a command answers."""
        return self(*arguments, "--json").json

    def file(self, name: str, text: str, encoding: str = "utf-8") -> Path:
        """A file beside the home."""
        path = self.home.parent / name
        path.write_bytes(text.encode(encoding))
        return path


def _fresh_database(like: str | None) -> str | None:
    """A new database on the PostgreSQL server being tested, empty or a copy; none for SQLite."""
    url = os.environ.get("TAMIS_DATABASE_URL")
    if not url:
        return None
    import psycopg

    name = f"shell_{uuid.uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{like.rpartition("/")[2]}"' if like else ""))
    return url.rpartition("/")[0] + "/" + name
