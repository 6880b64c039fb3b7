"""Mails to the owners of accounts: sent beside the work, and what changed of their account told to them.

Sources: OWASP ASVS 4.0.3, 2.2.3 and 2.5.5.
"""

import logging
from threading import Thread

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from tamis.app.models import User, Workspace
from tamis.messages import Message, speaking

log = logging.getLogger("django.tamis.mail")


def send_beside(mail: EmailMessage) -> None:
    """Send a mail in a thread of its own: the answer waits for no mail server, and tells nothing by its time."""
    Thread(target=_send, args=(mail,)).start()


def _send(mail: EmailMessage) -> None:
    try:
        mail.send()
    except OSError as error:  # smtplib's errors are among them; their texts may name the recipient
        log.error("a mail could not be sent: %s", type(error).__name__)


def language_of(user: User) -> str:
    """The language that somebody is written to in."""
    return user.language or Workspace.objects.values_list("language", flat=True).get()


def tell_owner(user: User, what: Message, *also: str) -> None:
    """Mail the owner of an account what changed of it, once it is so; also to these other addresses of theirs.

    Without a mail server or an address, nothing is sent: the audit trail has it all the same.
    """
    to = [*dict.fromkeys(address for address in (user.email, *also) if address)]
    if not settings.MAIL or not to:
        return
    code = language_of(user)
    with override(code), speaking(code):
        values = {"user": user, "what": str(what), "at": timezone.localtime(), "address": settings.URL}
        subject, text = _("Votre compte Tamis a changé"), render_to_string("account/notice.txt", values)
    for address in to:
        mail = EmailMessage(subject, text, to=[address])
        transaction.on_commit(lambda mail=mail: send_beside(mail))  # type: ignore[misc]
