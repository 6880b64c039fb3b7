"""The same request with the same key is done once, whatever happens in between."""

import json
import threading
from datetime import timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from django.utils import timezone

from tamis.app.models import KeptAnswer, Lease, List, ListVersion

SALONS = {"segment": "prospect", "label": "salons"}
LINES = {"lines": [{"name": "Acme", "siren": "732829320"}]}


def test_the_same_request_is_answered_as_before_and_changes_nothing(editor: Any) -> None:
    first = editor.post("/lists", SALONS, Idempotency_Key="a")
    again = editor.post("/lists", SALONS, Idempotency_Key="a")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert List.objects.filter(label="salons").count() == 1


def test_without_a_key_it_is_another_request(editor: Any) -> None:
    editor.post("/lists", SALONS)
    assert editor.post("/lists", SALONS).json()["error"]["code"] == "list.taken"


def test_another_body_or_address_with_the_same_key_is_refused(editor: Any) -> None:
    editor.post("/lists", SALONS, Idempotency_Key="a")
    for path, body in (("/lists", SALONS | {"label": "autres"}), ("/lists/lock", SALONS)):
        refused = editor.post(path, body, Idempotency_Key="a")
        assert refused.status_code in (409, 422)
    assert not List.objects.filter(label="autres").exists()


def test_the_key_of_another_token_is_another_key(editor: Any, admin: Any) -> None:
    editor.post("/lists", SALONS, Idempotency_Key="a")
    assert admin.post("/lists", SALONS | {"label": "autres"}, Idempotency_Key="a").status_code == 201


def test_what_was_refused_can_be_asked_again(editor: Any, make_list: Any, alice: Any) -> None:
    from tamis.app.services import lists

    taken = make_list("prospect", "salons")
    assert editor.post("/lists", SALONS, Idempotency_Key="a").status_code == 409
    lists.delete(alice, taken)
    assert editor.post("/lists", SALONS, Idempotency_Key="a").status_code == 201


def test_an_answer_is_kept_for_a_day(editor: Any) -> None:
    editor.post("/lists", SALONS, Idempotency_Key="a")
    KeptAnswer.objects.update(at=timezone.now() - timedelta(hours=25))
    assert editor.post("/lists", SALONS, Idempotency_Key="a").json()["error"]["code"] == "list.taken"
    assert not KeptAnswer.objects.exists()


def test_a_secret_is_told_once_and_never_kept(admin: Any) -> None:
    first = admin.post("/tokens", {"name": "x"}, Idempotency_Key="a").json()
    again = admin.post("/tokens", {"name": "x"}, Idempotency_Key="a").json()
    assert first["secret"].startswith("tamis_")
    assert again == first | {"secret": None}
    assert first["secret"] not in str(KeptAnswer.objects.values().get())
    password = admin.post("/users", {"username": "nora"}, Idempotency_Key="b").json()["password"]
    assert password not in str([*KeptAnswer.objects.values()])


def test_an_import_is_done_once(editor: Any, make_list: Any) -> None:
    path = f"/lists/{make_list('prospect', 'salons').pk}/import"
    first, again = (editor.post(path, LINES, Idempotency_Key="a").json() for _ in range(2))
    assert first == again
    assert ListVersion.objects.count() == 1


def test_a_file_sent_again_is_the_same_request_whatever_parts_the_form(editor: Any, make_list: Any) -> None:
    path = f"/lists/{make_list('prospect', 'salons').pk}/import-file"
    editor.headers["Idempotency-Key"] = "a"
    text = "Nom;SIREN;Domaine email;Website\nAcme;732829320;;\n"
    first, again = editor.upload(path, text).json(), editor.upload(path, text).json()
    assert first == again
    assert editor.upload(path, text + "Bolt;552100554;;\n").json()["error"]["code"] == "key.reused"
    assert ListVersion.objects.count() == 1


@pytest.mark.parametrize("key", ["", "é", "a b", "x" * 201])
def test_a_key_is_plain_text(editor: Any, key: str) -> None:
    assert editor.post("/lists", SALONS, Idempotency_Key=key).json()["error"]["code"] == "key.form"


def test_killed_half_way_it_can_be_asked_again(editor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed after the change and before its answer was kept: neither stays."""
    from tamis.app.services import kept_answers

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(kept_answers.KeptAnswer.objects, "create", killed)
        with pytest.raises(KeyboardInterrupt):
            editor.post("/lists", SALONS, Idempotency_Key="a")
    assert not List.objects.filter(label="salons").exists()
    assert editor.post("/lists", SALONS, Idempotency_Key="a").status_code == 201


def test_the_lease_of_a_dead_process_holds_nobody_up(editor: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Lease.objects.all().__class__, "delete", lambda self: (0, {}))
        editor.post("/lists", {"segment": "prospect", "label": ""}, Idempotency_Key="a")
    Lease.objects.update(process=2**22 - 1)  # no such process
    assert editor.post("/lists", SALONS, Idempotency_Key="a").status_code == 201


def test_of_many_at_once_one_runs(shell: Any) -> None:
    """Over a real server: SQLite in memory, as tests have it, does not let threads wait for one another."""
    from serving import serving

    secret = shell.json("tokens", "create", "admin", "essai", "--right", "sort")["secret"]
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json", "Idempotency-Key": "a"}
    start, answers = threading.Barrier(4), list[tuple[int, Any]]()

    def ask(address: str) -> tuple[int, Any]:
        request = Request(f"{address}/api/v1/lists", json.dumps(SALONS).encode(), headers)
        try:
            with urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except HTTPError as refused:
            with refused:
                return refused.code, json.load(refused)

    def together(address: str) -> None:
        start.wait()
        answers.append(ask(address))

    with serving(shell.env) as address:
        threads = [threading.Thread(target=together, args=(address,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        after = ask(address)
    made = [body for status, body in answers if status == 201]
    busy = [body["error"]["code"] for status, body in answers if status == 409]
    assert len(made) + len(busy) == 4
    assert set(busy) <= {"busy"}
    assert made
    assert all(each == made[0] for each in made)
    assert after == (201, made[0])
    assert [each["name"] for each in shell.json("lists", "ls")].count("prospect-salons") == 1
