"""The cast and the stage that tests share."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cast import company, import_lines, import_text, make_list  # noqa: F401
from shells import Shell

if TYPE_CHECKING:
    from fake_google import FakeGoogle

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


def pytest_sessionfinish() -> None:
    shutil.rmtree(os.environ["TAMIS_HOME"], ignore_errors=True)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes goes first; on PostgreSQL, leave out what asks something of SQLite itself."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
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


@pytest.fixture
def bare_shell(tmp_path: Path) -> Shell:
    """A command line without a workspace yet."""
    return Shell(tmp_path / "home")


@pytest.fixture(scope="session")
def first_workspace(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A workspace that ``tamis init`` made, to be copied as often as one is wanted: making it takes seconds."""
    made = Shell(tmp_path_factory.mktemp("first") / "home")
    made("init")
    return made


@pytest.fixture
def shell(tmp_path: Path, first_workspace: Shell) -> Shell:
    """A command line in a new workspace."""
    return Shell(tmp_path / "home", first_workspace)


@pytest.fixture
def google(tmp_path: Path) -> "Iterator[FakeGoogle]":
    """Google, on a loopback port; who asks it in this process reaches it by ``settings.GOOGLE = google.reached()``."""
    from fake_google import FakeGoogle

    folder = tmp_path / "google"
    folder.mkdir()
    fake = FakeGoogle(folder)
    yield fake
    fake.close()


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
