"""A mail to a colleague: one for each run, over a real mail server, tried again as webhooks are."""

from email import message_from_bytes, policy
from types import SimpleNamespace

import pytest
from django.utils import timezone
from letter_box import box  # noqa: F401

from tamis.app.models import AudienceAction, AudienceDelivery, AudienceEffect, User
from tamis.app.services import audience_actions, audience_deliveries, audiences, contacts
from tamis.app.services.audience_actions import Wanted
from tamis.app.services.audience_effects import deliver
from tamis.errors import Refused

Kind, Edge = AudienceAction.Kind, AudienceAction.Edge
LYON = 'contacts where city = "Lyon"'


@pytest.fixture
def mails(alice):
    """Lets an audience write to somebody when members enter, or leave."""
    return lambda audience, to, edge=Edge.ENTER: audience_actions.add(alice, audience, Wanted(Kind.MAIL, to, edge))


def taken(box):  # noqa: F811
    """The mail that came first, and whom it was for."""
    envelope = box.get(timeout=60)
    return envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)


def test_one_mail_says_how_many_entered_and_names_twenty(contact, audience, refresh, mails, box, settings):  # noqa: F811
    settings.URL = "https://tamis.exemple.fr"
    one = audience("Lyonnais", LYON)
    mails(one, "chef@exemple.fr")
    for n in range(22):
        contact(f"c{n}@a.fr", city="Lyon", last_name=f"Nom {n:02}")
    refresh(one)
    assert deliver(60).sent == 1
    to, mail = taken(box)
    assert to == ["chef@exemple.fr"]
    assert mail["Subject"] == "22 entrées dans « Lyonnais »"
    assert mail["Message-ID"] == f"<{AudienceDelivery.objects.get().key}@exemple.fr>"
    text = mail.get_content()
    assert text.count("- Nom ") == 20
    assert "- Nom 19" in text
    assert "et 2 autres." in text
    assert f"https://tamis.exemple.fr/audiences/{one.pk}/" in text
    assert box.empty()


def test_a_colleague_is_written_to_at_their_address_of_now(alice, contact, audience, refresh, mails, box):  # noqa: F811
    lea = User.objects.create(username="léa", email="lea@exemple.fr", language="en", role="editor")
    one = audience("Lyonnais", LYON)
    mails(one, "léa", Edge.LEAVE)
    marc = contact("marc@a.fr", city="Lyon")
    refresh(one)
    User.objects.filter(pk=lea.pk).update(email="l.morel@exemple.fr")
    contacts.edit(alice, marc, {"city": "Albi"})
    refresh(one)
    deliver(60)
    to, mail = taken(box)
    assert to == ["l.morel@exemple.fr"]
    assert mail["Subject"] == "1 exit from “Lyonnais”"
    assert "- marc@a.fr" in mail.get_content()
    User.objects.filter(pk=lea.pk).update(is_active=False)
    audiences.pin(alice, one, [marc.pk], inside=True)
    refresh(one)
    audiences.pin(alice, one, [marc.pk], inside=False)
    refresh(one)
    assert deliver(60).ended == 1
    assert "n'a plus de compte" in str(AudienceDelivery.objects.latest("pk").answer)


def test_a_mail_that_no_server_takes_is_tried_again_under_the_same_name(
    contact, audience, refresh, mails, box, settings, monkeypatch  # noqa: F811
):  # fmt: skip
    clock = SimpleNamespace(now=timezone.now)
    monkeypatch.setattr(audience_deliveries, "timezone", clock)
    one = audience("Lyonnais", LYON)
    mails(one, "chef@exemple.fr")
    contact("lea@a.fr", city="Lyon")
    refresh(one)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    assert deliver(60).failed == 1
    waiting = AudienceDelivery.objects.get()
    assert "ConnectionRefusedError" in str(waiting.answer)
    settings.EMAIL_PORT, clock.now = port, lambda: waiting.next_at
    assert deliver(60).sent == 1
    assert taken(box)[1]["Message-ID"].startswith(f"<{waiting.key}@")


def test_a_recipient_who_is_refused_holds_up_no_other_mail(contact, audience, refresh, mails, box):  # noqa: F811
    one = audience("Lyonnais", LYON)
    for word in ("personne@exemple.fr", "chef@exemple.fr"):
        mails(one, word)
    contact("lea@a.fr", city="Lyon")
    refresh(one)
    done = deliver(60)
    assert (done.sent, done.failed) == (1, 1)
    assert taken(box)[0] == ["chef@exemple.fr"]
    refused = AudienceDelivery.objects.get(state="waiting")
    assert (refused.status, str(refused.answer)) == (550, "Le serveur de courriel refuse ce destinataire (550).")


def test_without_a_mail_server_it_is_dead_with_that_reason(alice, contact, audience, refresh, mails):
    one = audience("Lyonnais", LYON)
    mails(one, "chef@exemple.fr")
    contact("lea@a.fr", city="Lyon")
    refresh(one)
    assert deliver(60, settled=False).failed == 1  # the worker may have one
    assert AudienceDelivery.objects.get().state == "waiting"
    AudienceDelivery.objects.update(next_at=timezone.now())
    assert deliver(60).ended == 1
    assert "TAMIS_SMTP" in str(AudienceDelivery.objects.get().answer)
    [told] = [audience_actions.as_json(each) for each in audience_actions.of(one)]
    assert (told["dead"], told["waiting"]) == (1, 0)
    assert AudienceEffect.objects.get().state == "done"  # it was queued


def test_a_colleague_without_an_address_is_refused(home, audience, mails):
    User.objects.create(username="zoé", role="editor")
    one = audience("Lyonnais", LYON)
    for word in ("zoé", "pas une adresse", "a@b@c"):
        with pytest.raises(Refused) as refused:
            mails(one, word)
        assert refused.value.code == "action.mail"
