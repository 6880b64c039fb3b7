"""Webhooks: queued once, signed, tried until they are taken, given up in the end, replayed; nobody holds others up."""

import hashlib
import hmac
import json
import os
import re
import ssl
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import trustme
from django.utils import timezone
from receiver import Receiver, after, hangs_up, status

from tamis.app.models import AudienceAction, AudienceDelivery
from tamis.app.services import audience_actions, audience_deliveries, audience_webhooks, contacts
from tamis.app.services.audience_actions import Wanted
from tamis.app.services.audience_effects import deliver
from tamis.errors import NotFound, Refused
from tamis.sources.outgoing import Network

Kind, Edge = AudienceAction.Kind, AudienceAction.Edge
LYON = 'contacts where city = "Lyon"'
PAGE = Path(__file__).parents[2] / "docs/reference/webhooks.md"


class Clock:
    """The time by which deliveries are due."""

    def __init__(self):
        self.now = timezone.now()

    def later(self, **time):
        self.now += timedelta(**time)


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(audience_deliveries, "timezone", SimpleNamespace(now=lambda: made.now))
    return made


@pytest.fixture
def receivers(settings):
    """Makes machines inside, which the administrator has named."""
    made = []

    def another(**options):
        made.append(Receiver(**options))
        settings.WEBHOOK_HOSTS = frozenset(each.host for each in made)
        return made[-1]

    yield another
    for each in made:
        each.close()


@pytest.fixture
def receiver(receivers):
    return receivers()


@pytest.fixture
def tells(alice):
    """Lets an audience tell somebody who enters, or leaves."""
    return lambda audience, to, edge=Edge.ENTER: audience_actions.add(
        alice, audience, Wanted(Kind.WEBHOOK, getattr(to, "url", to), edge)
    )


@pytest.fixture
def lyon(audience, receiver, tells):
    """An audience that tells the receiver who enters."""
    one = audience("Lyonnais", LYON)
    tells(one, receiver)
    return one


def delivery():
    return AudienceDelivery.objects.get()


def test_who_enters_and_who_leaves_is_told_with_no_more_than_needed(
    alice, contact, lyon, refresh, receiver, tells, clock
):
    tells(lyon, receiver, Edge.LEAVE)
    lea = contact("lea@a.fr", city="Lyon", first_name="Léa", last_name="Morel", phone="+33612345678")
    run = refresh(lyon)
    assert receiver.sent == []  # a refresh waits for nobody
    assert deliver(60).sent == 1
    [sent] = receiver.sent
    assert sent.json == {
        "id": str(delivery().key), "event": "audience.entered", "audience": {"id": lyon.pk, "name": "Lyonnais"},
        "run": run.pk, "instant": run.now.isoformat(), "subject": "contacts",
        "members": [{"id": lea.pk, "name": "Léa Morel", "email": "lea@a.fr"}],
    }  # fmt: skip
    assert sent.headers["Idempotency-Key"] == sent.json["id"]
    assert sent.headers["Content-Type"] == "application/json"
    contacts.edit(alice, lea, {"city": "Albi"})
    refresh(lyon)
    assert (deliver(60).sent, deliver(60).sent) == (1, 0)
    assert receiver.sent[1].json["event"] == "audience.left"
    assert delivery_states() == ["sent", "sent"]


def delivery_states():
    return [*AudienceDelivery.objects.order_by("pk").values_list("state", flat=True)]


def test_a_company_is_told_with_its_siren(alice, audience, refresh, receiver, tells):
    from tamis.app.services import companies

    acme = companies.add(alice, {"name": "Acme", "siren": "732829320", "city": "Lyon"})
    one = audience("Lyonnaises", 'companies where city = "Lyon"')
    tells(one, receiver)
    refresh(one)
    deliver(60)
    assert receiver.sent[0].json["members"] == [{"id": acme.pk, "name": acme.name, "siren": "732829320"}]


def test_a_signature_is_checked_with_the_actions_secret(contact, lyon, refresh, receiver):
    contact("lea@a.fr", city="Lyon")
    refresh(lyon)
    deliver(60)
    [action], [sent] = lyon.actions.all(), receiver.sent
    at, signed = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", sent.headers["Tamis-Signature"]).groups()
    secret = audience_webhooks.secret(action)
    assert signed == hmac.new(secret.encode(), f"{at}.".encode() + sent.body, hashlib.sha256).hexdigest()


def test_the_documented_verification_tells_true_from_false(contact, lyon, refresh, receiver, tmp_path):
    contact("lea@a.fr", city="Lyon")
    refresh(lyon)
    deliver(60)
    [action], [sent] = lyon.actions.all(), receiver.sent
    [example] = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    asks = (
        "\nimport sys, json\nprint(json.dumps([is_genuine(*map(str.encode, each)) for each in json.load(sys.stdin)]))"
    )
    secret, header, body = audience_webhooks.secret(action), sent.headers["Tamis-Signature"], sent.body.decode()
    old = audience_webhooks.signature(action, sent.body, 1_700_000_000)
    asked = [(secret, header, body), ("whsec_x", header, body), (secret, header, body + " "), (secret, old, body),
             (secret, "n'importe quoi", body)]  # fmt: skip
    done = subprocess.run([sys.executable, "-c", example + asks], input=json.dumps(asked), text=True, check=True,
                          capture_output=True, env=os.environ | {"PYTHONUTF8": "1"})  # fmt: skip
    assert json.loads(done.stdout) == [True, False, False, False, False]


def test_a_hundred_members_go_together(contact, lyon, refresh, receiver):
    for n in range(101):
        contact(f"c{n}@a.fr", city="Lyon")
    refresh(lyon)
    assert deliver(60).sent == 2
    assert sorted(len(each.json["members"]) for each in receiver.sent) == [1, 100]
    told = {member["email"] for each in receiver.sent for member in each.json["members"]}
    assert len(told) == 101


def test_what_is_not_taken_is_tried_again_with_growing_pauses_then_given_up_and_replayed(
    alice, contact, lyon, refresh, receiver, clock
):
    contact("lea@a.fr", city="Lyon")
    refresh(lyon)
    receiver.answers += [
        status(500),
        hangs_up,
        status(404),
        status(301, Location="http://exemple.fr/"),
        *[status(500)] * 3,
    ]
    pauses = []
    for _ in range(6):
        assert deliver(60).failed == 1
        assert deliver(60).failed == 0  # not before its time
        pauses.append(round((delivery().next_at - clock.now).total_seconds() / 60))
        clock.now = delivery().next_at
    assert pauses == [1, 5, 30, 120, 360, 1440]
    assert deliver(60).ended == 1
    given_up = delivery()
    assert (given_up.state, given_up.attempts, given_up.status) == ("dead", 7, 500)
    assert str(given_up.answer) == "La machine a répondu 500."
    clock.later(days=30)
    assert deliver(60) == audience_deliveries.Delivered()
    assert audience_deliveries.replay(alice, lyon) == 1
    assert deliver(60).sent == 1
    assert len({each.json["id"] for each in receiver.sent}) == 1  # the same key, all eight times
    assert len(receiver.sent) == 8
    with pytest.raises(Refused, match="Rien à relancer"):
        audience_deliveries.replay(alice, lyon)


@pytest.mark.parametrize("code", [429, 503])
def test_who_says_when_to_come_back_is_heard(contact, lyon, refresh, receiver, clock, code):
    contact("lea@a.fr", city="Lyon")
    refresh(lyon)
    receiver.answers.append(status(code, Retry_After="1234"))
    deliver(60)
    assert (delivery().next_at - clock.now).total_seconds() == 1234


def test_who_asks_for_patience_for_an_hour_loses_nothing_and_for_two_days_is_given_up(
    contact, lyon, refresh, receiver, clock
):
    """Sixty short maintenances in a row must not cost what one long silence would not."""
    contact("lea@a.fr", city="Lyon")
    refresh(lyon)
    for _ in range(60):
        receiver.answers.append(status(503, Retry_After="60"))
        assert deliver(60).failed == 1
        clock.later(minutes=1)
    assert deliver(60).sent == 1
    contact("marc@a.fr", city="Lyon")
    refresh(lyon)
    clock.later(hours=48)
    for _ in range(7):
        receiver.answers.append(status(503, Retry_After="60"))
        done = deliver(60)
        clock.later(minutes=1)
    assert done.ended == 1


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("90", 90), ("9999999", 86_400), ("Mon, 01 Jan 2024 00:00:00 GMT", 0), ("demain", None), ("", None), ("-5", None)],
)
def test_when_to_come_back_is_read_in_both_forms(said, seconds):
    assert audience_webhooks.retry_after({"retry-after": said}) == seconds


def test_who_is_gone_for_good_is_asked_once(contact, lyon, refresh, receiver, clock):
    contact("lea@a.fr", city="Lyon")
    refresh(lyon)
    receiver.answers.append(status(410))
    assert deliver(60).ended == 1
    assert (delivery().state, delivery().status) == ("dead", 410)


def test_a_machine_that_fails_has_no_second_turn_and_holds_nobody_up(
    contact, lyon, refresh, receivers, receiver, tells, clock
):
    other = receivers()
    tells(lyon, other)
    for n in range(250):
        contact(f"c{n}@a.fr", city="Lyon")
    refresh(lyon)
    receiver.answers += [status(500)]
    done = deliver(60)
    assert (done.sent, done.failed) == (3, 1)
    assert (len(receiver.sent), len(other.sent)) == (1, 3)
    clock.later(minutes=1)
    assert deliver(60).sent == 3


@pytest.mark.parametrize("code", [404, 500])
def test_of_two_who_live_on_one_machine_the_one_that_refuses_holds_up_itself_alone(
    contact, lyon, refresh, receiver, tells, clock, code
):
    """Many automation services answer under one name; a flow that somebody deleted there stops no other."""
    tells(lyon, f"http://{receiver.host}/autre")
    for n in range(150):
        contact(f"c{n}@a.fr", city="Lyon")
    refresh(lyon)
    receiver.answers += [status(code)]
    done = deliver(60)
    assert (done.sent, done.failed) == (2, 1)  # the other's two; the second of the one that refused waits a minute
    assert [each.attempts for each in AudienceDelivery.objects.order_by("pk")] == [1, 0, 1, 1]


def test_who_is_gone_for_good_is_given_up_in_one_pass(contact, lyon, refresh, receiver):
    for n in range(150):
        contact(f"c{n}@a.fr", city="Lyon")
    refresh(lyon)
    receiver.answers += [status(410), status(410)]
    assert deliver(60).ended == 2


@pytest.mark.parametrize("code", [429, 503])
def test_a_machine_that_asks_to_be_left_alone_is_left_alone_by_every_action(
    contact, lyon, refresh, receiver, tells, code
):
    tells(lyon, f"http://{receiver.host}/autre")
    contact("lea@a.fr", city="Lyon")
    refresh(lyon)
    receiver.answers += [status(code)]
    assert (deliver(60).failed, len(receiver.sent)) == (1, 1)


def test_a_machine_that_is_slow_lets_others_have_their_turn(
    contact, lyon, refresh, receivers, receiver, tells, settings, monkeypatch
):
    """The slow one answers once the other has had all its requests: one after the other, it would wait for ever."""
    other, all_told = receivers(), threading.Event()
    tells(lyon, other)
    for n in range(150):
        contact(f"c{n}@a.fr", city="Lyon")
    refresh(lyon)

    def last(handler):
        all_told.set()
        status(204)(handler)

    monkeypatch.setattr(audience_webhooks, "PATIENCE", 60.0)
    settings.WEBHOOKS = Network(silence=60, inside=settings.WEBHOOK_HOSTS)
    receiver.answers.append(after(all_told))
    other.answers += [status(204), last]
    assert deliver(60).sent == 4
    assert all_told.is_set()


def test_two_workers_never_try_one_at_once(contact, lyon, refresh, receiver, clock):
    contact("lea@a.fr", city="Lyon")
    refresh(lyon)
    first = audience_deliveries._take(set())
    assert first is not None
    assert deliver(60) == audience_deliveries.Delivered()  # the first one is at it
    clock.later(minutes=3)  # it was killed
    assert deliver(60).sent == 1
    audience_deliveries._record(first, audience_webhooks.Outcome(False), audience_deliveries.Delivered())
    assert delivery().state == "sent"  # a sleeper that comes back changes nothing


def test_who_was_killed_each_time_is_given_up_too(contact, lyon, refresh, receiver, clock):
    contact("lea@a.fr", city="Lyon")
    refresh(lyon)
    for _ in range(7):
        assert audience_deliveries._take(set())
        clock.later(minutes=3)
    assert deliver(60).ended == 1
    assert str(delivery().answer) == "Aucune réponse après 7 essais."
    assert receiver.sent == []


def test_nobody_is_told_of_who_exists_no_more(contact, lyon, refresh, receiver):
    lea, marc = contact("lea@a.fr", city="Lyon"), contact("marc@a.fr", city="Lyon")
    refresh(lyon)
    lea.delete()
    deliver(60)
    assert [each["email"] for each in receiver.sent[0].json["members"]] == ["marc@a.fr"]
    contact("zoe@a.fr", city="Lyon").delete()
    zoe = contact("zoe@a.fr", city="Lyon")
    refresh(lyon)
    zoe.delete()
    marc.delete()
    assert deliver(60).ended == 1
    assert delivery_states() == ["sent", "skipped"]


def test_a_command_in_a_shell_without_the_workers_settings_leaves_what_it_may_not_send_to_the_worker(
    contact, lyon, refresh, receiver, settings, clock
):
    contact("lea@a.fr", city="Lyon")
    refresh(lyon)
    named, settings.WEBHOOK_HOSTS = settings.WEBHOOK_HOSTS, frozenset()
    done = deliver(60, settled=False)
    assert (done.failed, done.ended) == (1, 0)
    assert (delivery().state, delivery().attempts, receiver.sent) == ("waiting", 0, [])
    settings.WEBHOOK_HOSTS = named
    clock.later(minutes=1)
    assert deliver(60).sent == 1


def test_a_private_address_is_refused_unless_the_administrator_names_it(
    contact, lyon, refresh, receiver, settings, tells, audience, clock
):
    contact("lea@a.fr", city="Lyon")
    refresh(lyon)
    settings.WEBHOOK_HOSTS = frozenset()
    assert deliver(60).ended == 1
    assert delivery().state == "dead"
    assert receiver.sent == []
    settings.WEBHOOKS = Network(resolve=lambda host, port: [("127.0.0.1", receiver.port)])
    hidden = audience("Encore", LYON)
    tells(hidden, "https://exemple.fr/tamis")  # a public name, as far as one can see
    refresh(hidden)
    assert deliver(60).ended == 1
    assert "adresse privée" in str(AudienceDelivery.objects.latest("pk").answer)
    assert receiver.sent == []


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://exemple.fr/", "webhook.scheme"), ("ftp://exemple.fr/", "webhook.scheme"),
        ("exemple.fr", "webhook.scheme"),
        ("https://moi:secret@exemple.fr/", "webhook.scheme"), ("https://exemple.fr:port/", "webhook.scheme"),
        ("https://192.168.1.1/", "webhook.private"), ("https://[::1]/", "webhook.private"),
        ("https://localhost/", "webhook.private"), ("https://exemple.fr/a b", "webhook.address"),
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_is_refused(url, code):
    with pytest.raises(Refused) as refused:
        audience_webhooks.checked_url(url)
    assert refused.value.code == code


def test_it_speaks_tls_to_who_can_prove_its_name(
    contact, audience, refresh, receivers, settings, tells, tmp_path, clock
):
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("crochets.exemple.fr").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    receiver = receivers(context=context)
    settings.WEBHOOKS = Network(
        resolve=lambda host, port: [("127.0.0.1", receiver.port)], allowed=lambda address: True,
        trust=lambda: ssl.create_default_context(cafile=tmp_path / "ca.pem"),
    )  # fmt: skip
    one = audience("Lyonnais", LYON)
    tells(one, "https://crochets.exemple.fr/tamis")
    tells(one, "https://autre.exemple.fr/tamis")
    contact("lea@a.fr", city="Lyon")
    refresh(one)
    done = deliver(60)
    assert (done.sent, done.failed) == (1, 1)
    assert receiver.sent[0].headers["Host"] == "crochets.exemple.fr"
    [failed] = AudienceDelivery.objects.filter(state="waiting")
    assert "certificat" in str(failed.answer)


def test_what_is_not_there_is_said(alice, lyon):
    with pytest.raises(NotFound):
        audience_deliveries.find(lyon, 999)
    with pytest.raises(NotFound):
        audience_actions.find(lyon, 999)
