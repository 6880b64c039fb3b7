"""Who passes where: every operation, with every role, with tokens that are narrower, ended, or whose owner changed."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tamis.app.api import v1
from tamis.app.gates import RIGHTS, Right
from tamis.app.models import Token, User

OPERATIONS: dict[str, tuple[Any, str]] = {
    f"{method} {path}": (operation, "/" + path)
    for router in v1.api._get_bound_routers()
    for path, view in ((path.strip("/"), view) for path, view in router.path_operations.items())
    for operation in view.operations
    for method in operation.methods
}
WALK = sorted(OPERATIONS)


def _right(name: str) -> Right:
    return OPERATIONS[name][0].auth_callbacks[0].right


def _asked(program: Any, name: str) -> Any:
    """Asks an operation for something that does not exist: past the gate, that is refused otherwise."""
    method = name.partition(" ")[0]
    path = re.sub(r"\{\w+:\w+\}", "999999", OPERATIONS[name][1])
    return program(method, path, None if method == "GET" else {"unknown": 1})


def test_every_operation_has_one_gate() -> None:
    assert len(WALK) > 50
    for name in WALK:
        [gate] = OPERATIONS[name][0].auth_callbacks
        assert gate.right in Right, name


def test_an_operation_that_changes_something_wants_more_than_reading() -> None:
    reading = {name for name in WALK if _right(name) is Right.READ and not name.startswith("GET ")}
    assert reading == {
        "POST tokens", "DELETE tokens/{int:token_id}", "PATCH me",  # what is one's own: tokens, name, language,
        "POST views", "PATCH views/{int:view_id}", "DELETE views/{int:view_id}", "PUT views/default",  # and views
        "POST companies/export-job",
        "POST rules/count", "POST rules/select", "POST rules/describe", "POST rules/read", "POST rules/explain",
        "POST rules/check",
        "POST audiences/preview",
    }  # fmt: skip


def test_the_description_says_which_right_an_operation_wants() -> None:
    described = {
        f"{method.upper()} {path}": operation["x-right"]
        for path, methods in v1.description()["paths"].items()
        for method, operation in methods.items()
    }
    assert sorted(described.values()) == sorted(_right(name).value for name in WALK)


@pytest.fixture(autouse=True)
def _unhurried(settings: Any) -> None:
    settings.API_RATE = 10**6


@pytest.mark.parametrize("role", ["admin", "editor", "viewer"])
def test_a_role_passes_where_it_has_the_right(role: str, account: Any, program: Any) -> None:
    widest = max(RIGHTS[role], key=lambda right: len(right.held))
    theirs = program(account(role), widest.value)
    for name in WALK:
        status = _asked(theirs, name).status_code
        assert (status != 403) is (_right(name) in RIGHTS[role]), name
        assert status < 500, name


def test_a_token_that_reads_does_no_more_for_an_admin(account: Any, program: Any) -> None:
    reading = program(account("admin"), "read")
    for name in WALK:
        assert (_asked(reading, name).status_code != 403) is (_right(name) is Right.READ), name


def test_an_owner_who_was_demoted_takes_the_token_along(account: Any, program: Any) -> None:
    owner = account("admin")
    wide = program(owner, "administer")
    User.objects.filter(pk=owner.pk).update(role="viewer")
    for name in WALK:
        assert (_asked(wide, name).status_code != 403) is (_right(name) is Right.READ), name


def test_nobody_passes_without_a_token_that_opens(account: Any, program: Any) -> None:
    owner = account("admin")
    good = program(owner, "administer")

    def nobody_passes(token: Any, code: str) -> None:
        assert {name: _problem(_asked(token, name)) for name in WALK} == dict.fromkeys(WALK, code)

    nobody_passes(type(good)("tamis_" + "x" * 43), "token.unknown")
    nobody_passes(type(good)(""), "token.unknown")
    Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    nobody_passes(good, "token.expired")
    Token.objects.update(revoked_at=timezone.now())
    nobody_passes(good, "token.revoked")
    User.objects.filter(pk=owner.pk).update(is_active=False)
    nobody_passes(good, "token.inactive")


def _problem(answer: Any) -> str:
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    return str(answer.json()["error"]["code"])


def test_a_session_opens_nothing(account: Any) -> None:
    from django.test import Client

    browser = Client(HTTP_HOST="localhost")
    browser.force_login(account("admin"))
    answer = browser.get("/api/v1/me")
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "token.missing"
