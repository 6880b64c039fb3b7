"""The cast and the stage that tests share."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cast import company, import_lines, make_list  # noqa: F401

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"
TAMIS = [sys.executable, "-m", "tamis"]


def pytest_sessionfinish() -> None:
    shutil.rmtree(os.environ["TAMIS_HOME"], ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On PostgreSQL, leave out what asks something of SQLite itself."""
    if os.environ.get("TAMIS_DATABASE_URL"):
        for item in items:
            if item.get_closest_marker("sqlite_only"):
                item.add_marker(pytest.mark.skip(reason="asks something of SQLite itself"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real French data beside the project."""
    if not SHARED_DATA.exists():
        pytest.skip(f"no real data in {SHARED_DATA}")
    return SHARED_DATA


@pytest.fixture
def workspace(db: None) -> Any:
    """A new workspace in the test database."""
    from tamis.app.models import Workspace
    from tamis.app.services.lists import start_lists

    made = Workspace.objects.create()
    start_lists()
    return made


@pytest.fixture
def alice(workspace: Any) -> Any:
    """Somebody who acts."""
    from tamis.app.services.acting import Actor

    return Actor(by="alice", via="cli")


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

    def __init__(self, home: Path) -> None:
        self.home = home
        self.database = _fresh_database()
        self.env = os.environ | {"TAMIS_HOME": str(home), "PYTHONWARNINGS": "error::DeprecationWarning"}
        for name in ("TAMIS_SECRET_KEY", "DJANGO_SETTINGS_MODULE"):  # those of the tests themselves
            del self.env[name]
        if self.database:
            self.env["TAMIS_DATABASE_URL"] = self.database

    def __call__(self, *arguments: object, ok: bool = True, cwd: Path | None = None) -> Ran:
        done = subprocess.run(
            [*TAMIS, *map(str, arguments)], env=self.env, cwd=cwd or self.home.parent, capture_output=True, text=True,
            stdin=subprocess.DEVNULL, timeout=300,
        )  # fmt: skip
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


def _fresh_database() -> str | None:
    """A new database on the PostgreSQL server being tested, or none for SQLite."""
    url = os.environ.get("TAMIS_DATABASE_URL")
    if not url:
        return None
    import uuid

    import psycopg

    name = f"shell_{uuid.uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return url.rpartition("/")[0] + "/" + name


@pytest.fixture
def bare_shell(tmp_path: Path) -> Shell:
    """A command line without a workspace yet."""
    return Shell(tmp_path / "home")


@pytest.fixture
def shell(bare_shell: Shell) -> Shell:
    """A command line in a new workspace."""
    bare_shell("init")
    return bare_shell


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Writes a small text file."""

    def written(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written


@pytest.fixture(autouse=True)
def _french() -> Iterator[None]:
    """Every test starts speaking French."""
    from tamis.messages import speaking

    with speaking("fr"):
        yield
