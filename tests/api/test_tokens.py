"""Tokens: kept as digests, no wider than their owner, ended by time, by hand, by their owner's leaving."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tamis.app.models import Act, Right, Token
from tamis.app.services import tokens
from tamis.errors import Refused


def test_only_a_digest_of_the_secret_is_kept(alice: Any, account: Any) -> None:
    made = tokens.create(alice, account("editor"), "export du CRM", Right.SORT)
    row = Token.objects.values().get()
    assert made.secret.startswith("tamis_")
    assert made.secret not in str(row)
    assert row["prefix"] == made.secret[:12]
    assert len(row["digest"]) == 64


def test_a_token_expires_after_the_days_it_was_given(alice: Any, account: Any) -> None:
    token = tokens.create(alice, account("viewer"), "x", Right.READ, 30).token
    assert timedelta(days=29, hours=23) < token.expires_at - timezone.now() <= timedelta(days=30)


@pytest.mark.parametrize("days", [0, -1, 366])
def test_no_token_lasts_for_ever(alice: Any, account: Any, days: int) -> None:
    with pytest.raises(Refused, match="1 à 365 jours"):
        tokens.create(alice, account("viewer"), "x", Right.READ, days)


@pytest.mark.parametrize(("role", "right"), [("viewer", Right.SORT), ("editor", Right.ADMINISTER)])
def test_a_token_is_no_wider_than_its_owner(alice: Any, account: Any, role: str, right: Right) -> None:
    with pytest.raises(Refused, match="ne permet pas"):
        tokens.create(alice, account(role), "x", right)
    assert not Token.objects.exists()


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\x00b"])
def test_a_token_has_a_name_that_can_be_read(alice: Any, account: Any, name: str) -> None:
    with pytest.raises(Refused):
        tokens.create(alice, account("viewer"), name, Right.READ)


def test_making_and_revoking_stand_in_the_audit_trail(alice: Any, account: Any) -> None:
    made = tokens.create(alice, account("viewer"), "x", Right.READ)
    tokens.revoke(alice, made.token)
    tokens.revoke(alice, made.token)
    assert [*Act.objects.filter(kind__startswith="token.").values_list("kind", "by")] == [
        ("token.created", "alice"),
        ("token.revoked", "alice"),
    ]


def test_use_is_noted_to_within_ten_minutes(alice: Any, account: Any) -> None:
    made = tokens.create(alice, account("viewer"), "x", Right.READ)
    tokens.let_in(made.secret)
    first = Token.objects.get().last_used_at
    tokens.let_in(made.secret)
    assert Token.objects.get().last_used_at == first
    Token.objects.update(last_used_at=timezone.now() - timedelta(minutes=11))
    tokens.let_in(made.secret)
    assert Token.objects.get().last_used_at > first


def test_a_program_sees_its_owners_tokens_and_an_admins_sees_all(editor: Any, admin: Any, viewer: Any) -> None:
    assert [each["owner"] for each in editor.get("/tokens")["items"]] == ["editor"]
    assert sorted(each["owner"] for each in admin.get("/tokens")["items"]) == ["admin", "editor", "viewer"]


def test_a_program_cannot_revoke_somebody_elses_token(editor: Any, viewer: Any) -> None:
    theirs = viewer.get("/me")["token"]["id"]
    assert editor("DELETE", f"/tokens/{theirs}").status_code == 404
    assert viewer("GET", "/me").status_code == 200


def test_a_token_makes_none_wider_nor_longer_than_itself(account: Any, program: Any) -> None:
    own = program(account("admin"), "read", days=10)
    assert own.post("/tokens", {"name": "plus", "right": "sort"}).json()["error"]["code"] == "token.right"
    made = own.post("/tokens", {"name": "autre", "days": 365}).json()
    assert made["expires_at"] == own.get("/me")["token"]["expires_at"]
    assert made["right"] == "read"


def test_a_program_ends_its_own_token(editor: Any) -> None:
    assert editor("DELETE", f"/tokens/{editor.get('/me')['token']['id']}").json()["state"] == "revoked"
    assert editor("GET", "/me").status_code == 401
