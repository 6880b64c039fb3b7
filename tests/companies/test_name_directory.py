"""The index of names is written beside the base without waiting for itself."""

from threading import Lock
from typing import Any

import pytest

from tamis.app.services import name_directory


class Unforgiving:
    """A lock that fails where a real one would wait for ever for whoever holds it: there is one thread here."""

    def __init__(self) -> None:
        self._lock = Lock()

    def __enter__(self) -> None:
        assert self._lock.acquire(blocking=False), "held already"

    def __exit__(self, *_: object) -> None:
        self._lock.release()


@pytest.mark.django_db(transaction=True)
def test_many_new_names_outside_a_transaction_are_written_at_once(
    workspace: Any, alice: Any, company: Any, settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HOME = tmp_path
    monkeypatch.setattr(name_directory, "_lock", Unforgiving())
    monkeypatch.setattr(name_directory, "_held", [])
    monkeypatch.setattr(name_directory, "UNSAVED_LEAST", 0)
    company("Acme", siren="732829320")
    name_directory.current()
    assert (tmp_path / "names.index").exists()
