"""How many requests a token has a minute: over all server processes, and without making readers wait."""

import json
import sqlite3
import threading
import time
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from django.db import OperationalError

from tamis.app.services import rates, tokens

START = 60.0 * 29_000_000


@pytest.fixture
def token(alice: Any, account: Any) -> int:
    from tamis.app.models import Right

    return int(tokens.create(alice, account("viewer"), "essai", Right.READ).token.pk)


def _passed(counter: rates.Counter, token: int, rate: int, requests: int) -> int:
    return sum(counter.spend(token, rate) == 0 for _ in range(requests))


@pytest.mark.parametrize("rate", [1, 2, 19, 50, 100])
def test_two_processes_share_one_rate(rate: int, token: int) -> None:
    one, other = rates.Counter(), rates.Counter()
    passed = 0
    for _ in range(2 * rate):
        passed += _passed(one, token, rate, 1) + _passed(other, token, rate, 1)
    assert passed == rate


def test_a_process_alone_spends_the_whole_rate(token: int) -> None:
    assert _passed(rates.Counter(), token, 50, 80) == 50


def test_a_write_serves_a_twentieth_of_the_rate(token: int, django_assert_num_queries: Any) -> None:
    counter = rates.Counter()
    with django_assert_num_queries(_statements(1)):
        assert _passed(counter, token, 600, 30) == 30
    with django_assert_num_queries(_statements(1)):
        counter.spend(token, 600)


def _statements(updates: int) -> int:
    """Statements of so many updates; on SQLite three more say how long to wait for each."""
    from django.db import connection

    return updates * (4 if connection.vendor == "sqlite" else 1)


def test_the_next_minute_is_whole_again(token: int, monkeypatch: pytest.MonkeyPatch) -> None:
    counter = rates.Counter()
    assert _passed(counter, token, 5, 9) == 5
    assert counter.spend(token, 5) == 48  # twelve seconds into the minute
    monkeypatch.setattr(rates, "clock", lambda: START + 60)
    assert _passed(counter, token, 5, 9) == 5


def test_a_process_whose_clock_is_behind_gets_no_minute_of_its_own(
    token: int, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    late, right = rates.Counter(), rates.Counter()
    monkeypatch.setattr(rates, "clock", lambda: START + 60)
    assert _passed(right, token, 5, 4) == 4
    monkeypatch.setattr(rates, "clock", lambda: START + 59)
    assert _passed(late, token, 5, 4) == 1
    monkeypatch.setattr(rates, "clock", lambda: START + 60)
    assert _passed(right, token, 5, 4) == 0


def test_the_rate_of_one_token_is_not_that_of_another(token: int, alice: Any, account: Any) -> None:
    from tamis.app.models import Right

    other = tokens.create(alice, account("editor"), "autre", Right.READ).token.pk
    counter = rates.Counter()
    assert _passed(counter, token, 5, 9) == 5
    assert _passed(counter, other, 5, 9) == 5


@pytest.mark.sqlite_only
def test_what_passes_while_the_database_is_busy_is_settled_afterwards(
    token: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = rates.Counter()

    def busy(*_: Any) -> bool:
        raise OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr(rates.Counter, "_taken", busy)
        assert _passed(counter, token, 40, 60) == 40  # shares of two, on credit, up to the rate
    other = rates.Counter()
    assert _passed(other, token, 40, 10) == 10  # it cannot know yet
    assert _passed(counter, token, 40, 1) == 0


@pytest.mark.sqlite_only
def test_a_reader_does_not_wait_for_a_long_import(shell: Any) -> None:
    """Somebody holds the write lock for as long as the request takes."""
    from serving import serving

    asked = _asks(shell)
    with serving(shell.env | {"TAMIS_API_RATE": "1"}) as address:
        held = sqlite3.connect(shell.home / "tamis.sqlite3", isolation_level=None)
        assert asked(address, "/openapi.json") == 200
        held.execute("UPDATE tamis_token SET last_used_at = datetime('now')")
        held.execute("BEGIN IMMEDIATE")
        assert asked(address, "/me") == 200
        held.execute("ROLLBACK")
        held.close()


def _asks(shell: Any) -> Any:
    secret = shell.json("tokens", "create", "admin", "essai", "--right", "read")["secret"]

    def asked(address: str, path: str) -> int:
        request = Request(f"{address}/api/v1{path}", headers={"Authorization": f"Bearer {secret}"})
        try:
            with urlopen(request, timeout=60) as answer:
                json.load(answer)
                return int(answer.status)
        except HTTPError as error:
            error.close()
            return error.code

    return asked


def test_two_servers_of_one_workspace_share_one_rate(shell: Any) -> None:
    from serving import serving

    asked, env = _asks(shell), shell.env | {"TAMIS_API_RATE": "7"}
    with serving(env) as one, serving(env) as other:
        began = int(time.time()) // 60
        statuses = [asked(address, "/me") for _ in range(10) for address in (one, other)]
        minutes = int(time.time()) // 60 - began + 1
    assert 7 <= statuses.count(200) <= 7 * minutes
    assert set(statuses) <= {200, 429}
    assert minutes > 1 or statuses.count(429) == 13


def test_threads_of_a_process_share_its_share(token: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates.Counter, "_take", lambda _self, _token, share, _rate: setattr(share, "left", 0))
    counter = rates.Counter()
    counter._shares[token] = rates._Share(int(rates.clock()) // 60, left=50)
    passed: list[int] = []
    threads = [threading.Thread(target=lambda: passed.append(_passed(counter, token, 50, 20))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(passed) == 50
