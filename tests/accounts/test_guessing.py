"""Guessing a password is slow, a person is let in, and nobody can lock somebody else out."""

import json
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tamis.app.models import Act, Tries
from tamis.app.services.addresses import client_address, neighbourhood, networks
from tamis.app.services.tries import Limit

PASSWORD = "un-long-secret"
LIMIT = Limit(5, timedelta(minutes=2))


@pytest.fixture
def browser() -> Any:
    def opened(address: str = "192.0.2.1", **more: str) -> Client:
        return Client(HTTP_HOST="localhost", REMOTE_ADDR=address, **more)

    return opened


def sign_in(client: Client, password: str, name: str = "lea") -> Any:
    return client.post("/sign-in/", {"username": name, "password": password})


def test_waits_double_up_to_two_minutes() -> None:
    waits = [LIMIT.wait(count).total_seconds() for count in range(1, 15)]
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 120, 120, 120]


def test_fewer_than_a_hundred_guesses_an_hour() -> None:
    seconds, guesses = 0.0, 0
    while seconds < 3600:
        guesses += 1
        seconds += LIMIT.wait(guesses).total_seconds()
    assert guesses == 40


def test_after_five_wrong_passwords_even_the_right_one_waits(lea: Any, browser: Any, clock: Any) -> None:
    client = browser()
    for _ in range(5):
        assert sign_in(client, "faux").status_code == 200
    answer = sign_in(client, PASSWORD)
    assert answer.status_code == 429
    assert "attendez 1 seconde" in answer.content.decode()
    clock.later(seconds=1)
    assert sign_in(client, PASSWORD).status_code == 302


def test_trying_while_waiting_prolongs_nothing(lea: Any, browser: Any) -> None:
    client = browser()
    for _ in range(5):
        sign_in(client, "faux")
    before = [*Tries.objects.order_by("pk").values_list("count", "wait_until")]
    for _ in range(10):
        sign_in(client, "faux")
    assert [*Tries.objects.order_by("pk").values_list("count", "wait_until")] == before


def test_a_name_that_nobody_has_gets_the_same_answers(lea: Any, browser: Any) -> None:
    answers = {}
    for name, address in (("lea", "192.0.2.1"), ("personne", "192.0.2.2")):
        client = browser(address)
        said = [sign_in(client, "faux", name) for _ in range(6)]
        answers[name] = [(each.status_code, each.content.decode().count("ne vont pas ensemble")) for each in said]
    assert answers["lea"] == answers["personne"] == [(200, 1)] * 5 + [(429, 0)]


def test_an_inactive_account_gets_the_same_answer(lea: Any, browser: Any) -> None:
    lea.is_active = False
    lea.save()
    assert "ne vont pas ensemble" in sign_in(browser(), PASSWORD).content.decode()


def test_who_has_signed_in_from_a_browser_is_not_kept_out_by_a_stranger(lea: Any, browser: Any) -> None:
    own = browser("198.51.100.7")
    sign_in(own, PASSWORD)
    own.post("/sign-out/")
    stranger = browser()
    for _ in range(5):
        sign_in(stranger, "faux")
    assert sign_in(browser("198.51.100.7"), PASSWORD).status_code == 429  # the account waits in an unknown browser
    assert sign_in(own, PASSWORD).status_code == 302


def test_a_known_browser_is_slowed_down_too(lea: Any, browser: Any) -> None:
    own = browser()
    sign_in(own, PASSWORD)
    own.post("/sign-out/")
    assert [sign_in(own, "faux").status_code for _ in range(6)] == [200] * 5 + [429]


def test_a_browser_known_for_one_account_is_unknown_for_another(lea: Any, ada: Any, browser: Any) -> None:
    own = browser()
    sign_in(own, PASSWORD)
    own.post("/sign-out/")
    for _ in range(5):
        sign_in(own, "faux", "ada")
    assert sign_in(browser("203.0.113.5"), PASSWORD, "ada").status_code == 429


def test_many_names_from_one_address_are_slowed_down(lea: Any, browser: Any) -> None:
    client = browser()
    statuses = [sign_in(client, "faux", f"nom{n}").status_code for n in range(21)]
    assert statuses == [200] * 20 + [429]
    assert sign_in(browser("192.0.2.2"), PASSWORD).status_code == 302


def test_an_own_account_does_not_clear_an_address(lea: Any, browser: Any) -> None:
    for n in range(19):
        sign_in(browser(), "faux", f"nom{n}")
    sign_in(browser(), PASSWORD)
    assert sign_in(browser(), "faux", "autre").status_code == 429


def test_after_an_hour_all_is_forgotten(lea: Any, browser: Any, clock: Any) -> None:
    client = browser()
    for _ in range(5):
        sign_in(client, "faux")
    clock.later(seconds=3601)
    assert [sign_in(client, "faux").status_code for _ in range(5)] == [200] * 5


def test_a_claimed_address_counts_only_from_a_trusted_proxy(lea: Any, browser: Any, settings: Any) -> None:
    for n in range(21):
        last = sign_in(browser(HTTP_X_FORWARDED_FOR=f"10.9.9.{n}"), "faux", f"nom{n}")
    assert last.status_code == 429
    settings.TRUSTED_PROXIES = networks("192.0.2.0/24")
    assert sign_in(browser(HTTP_X_FORWARDED_FOR="10.9.9.9"), "faux", "encore").status_code == 200


@pytest.mark.parametrize(
    ("remote", "forwarded", "found"),
    [
        ("203.0.113.9", "1.2.3.4", "203.0.113.9"),
        ("10.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
        ("10.0.0.1", "<script>", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("", "", ""),
    ],
)
def test_the_nearest_address_that_is_no_proxy_s(remote: str, forwarded: str, found: str) -> None:
    meta = {"REMOTE_ADDR": remote, "HTTP_X_FORWARDED_FOR": forwarded}
    assert client_address(meta, networks("10.0.0.0/8")) == found


def test_an_ipv6_household_is_one() -> None:
    assert neighbourhood("2001:db8::1") == neighbourhood("2001:db8::ffff") == "2001:db8::/64"
    assert neighbourhood("::ffff:192.0.2.1") == "192.0.2.1"


def test_the_trail_has_sign_ins_and_failures_without_what_was_typed(lea: Any, browser: Any) -> None:
    client = browser()
    sign_in(client, "faux-mot-de-passe")
    sign_in(client, "faux-mot-de-passe", "mon-mot-de-passe-par-erreur")
    sign_in(client, PASSWORD)
    rows = [(act.kind, act.by, str(act.note)) for act in Act.objects.order_by("pk")]
    assert rows == [
        ("user.refused", "", "Connexion à « lea » refusée depuis 192.0.2.1"),
        ("user.refused", "", "Connexion à un compte inconnu refusée depuis 192.0.2.1"),
        ("user.signed-in", "lea", "Connexion depuis 192.0.2.1"),
    ]


def test_what_is_counted_is_not_kept_in_clear(lea: Any, browser: Any) -> None:
    sign_in(browser(), "faux", "mon-mot-de-passe-par-erreur")
    for row in Tries.objects.all():
        assert len(row.key) == 64
        assert "mot" not in row.key


AT_ONCE = """
import os, sys
from datetime import timedelta
os.environ["DJANGO_SETTINGS_MODULE"] = "tamis.app.settings"
import django
django.setup()
from tamis.app.services.tries import Counted, Limit, begin

class Long(Limit):
    def wait(self, count):
        return timedelta(seconds=0 if count < self.free else 600)

sys.stdin.readline()
print([begin([Counted("account", "lea", Long(5, timedelta(hours=1)))]) > 0 for _ in range(2)])
"""


def test_tries_of_several_processes_at_once_are_counted_one_by_one(shell: Any) -> None:
    command = [sys.executable, "-c", AT_ONCE]
    started = [
        subprocess.Popen(command, env=shell.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(5)
    ]
    for each in started:  # all are ready: go
        each.stdin.write("\n")
        each.stdin.flush()
    refused = [word for each in started for word in json.loads(each.communicate(timeout=60)[0].lower())]
    assert sorted(refused) == [False] * 5 + [True] * 5
