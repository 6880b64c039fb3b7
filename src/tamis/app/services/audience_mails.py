"""Mails of audiences to colleagues: how many entered or left, the first of them, and where to look."""

import logging
from smtplib import SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import override

from tamis.app.models import AudienceAction, AudienceDelivery, User, Workspace
from tamis.app.services.audience_holds import subject_of
from tamis.app.services.audience_webhooks import Outcome
from tamis.app.services.mails import language_of
from tamis.errors import Refused
from tamis.messages import Message, say, say_many, speaking

NAMED = 20
"""So many members a mail names."""
HOST = "mail"
"""Whose turn it is: there is one mail server."""
UNSET = "mail.none"
log = logging.getLogger("django.tamis.mail")


def mail_of(delivery: AudienceDelivery) -> EmailMessage | None:
    """The mail as it is sent now; ``None`` when nobody whom it is about exists any more.

    Raises :class:`~tamis.errors.Refused` without a mail server, or when the colleague has no account or address left.
    """
    if not settings.MAIL:
        raise Refused(say("Ce serveur n'envoie pas de courriel : réglez TAMIS_SMTP."), UNSET)
    to, code = _recipient(delivery.action)
    subjects = [*delivery.effects.values_list("subject", flat=True)]
    there = subject_of(delivery.action.audience).existing().filter(pk__in=subjects)
    if not (n := there.count()):
        return None
    with override(code), speaking(code):
        subject = _told(delivery, n)
        values = {
            "told": subject, "members": [_named(each) for each in there.order_by("pk")[:NAMED]],
            "more": max(n - NAMED, 0), "at": timezone.localtime(delivery.run.now), "address": address_of(delivery),
        }  # fmt: skip
        text = render_to_string("audiences/mail.txt", values)
        headers = {"Message-ID": message_id(delivery), "Auto-Submitted": "auto-generated"}
        return EmailMessage(str(subject), text, to=[to], headers=headers)


def message_id(delivery: AudienceDelivery) -> str:
    """The mail's own name, the same however often it is tried."""
    return f"<{delivery.key}@{settings.DEFAULT_FROM_EMAIL.rpartition('@')[2].strip('>')}>"


def address_of(delivery: AudienceDelivery) -> str:
    """The page of the audience; empty when the console's address is not known."""
    return f"{settings.URL}/audiences/{delivery.action.audience_id}/" if settings.URL else ""


def _recipient(action: AudienceAction) -> tuple[str, str]:
    """An address, and the language that they are written to in."""
    if "to" in action.arguments:
        return action.arguments["to"], Workspace.objects.values_list("language", flat=True).get()
    user = User.objects.filter(pk=action.arguments["user"], is_active=True).first()
    if user is None or not user.email:
        raise Refused(say("Ce collègue n'a plus de compte, ou plus d'adresse."), "mail.nobody")
    return user.email, language_of(user)


def _told(delivery: AudienceDelivery, n: int) -> Message:
    name = delivery.action.audience.name
    if delivery.edge == AudienceAction.Edge.ENTER:
        return say_many("{n} entrée dans « {name} »", "{n} entrées dans « {name} »", n=n, name=name)
    return say_many("{n} sortie de « {name} »", "{n} sorties de « {name} »", n=n, name=name)


def _named(row: Any) -> str:
    if hasattr(row, "siren"):
        return str(row.name)
    name = " ".join(part for part in (row.first_name, row.last_name) if part)
    return name or str(row.email)


def send(mail: EmailMessage) -> Outcome:
    """Send a mail, and say what came of it. Touches no database: it runs in a thread of its own."""
    try:
        mail.send()
    except SMTPRecipientsRefused as error:  # others' mails it takes
        code = max(code for code, _said in error.recipients.values())
        log.error("a mail could not be sent: its recipient is refused (%s)", code)
        return Outcome(False, say("Le serveur de courriel refuse ce destinataire ({code}).", code=code), code)
    except OSError as error:  # smtplib's errors are among them; their texts may name the recipient
        log.error("a mail could not be sent: %s", type(error).__name__)
        return Outcome(False, say("Le serveur de courriel n'a pas pris le message ({error}).",
                                  error=type(error).__name__))  # fmt: skip
    return Outcome(True)
