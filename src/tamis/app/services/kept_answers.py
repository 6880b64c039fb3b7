"""Asked again with the same key, answered again: what was done once is not done twice."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from tamis.app.models import KeptAnswer, Token
from tamis.app.services.leases import lease
from tamis.errors import Refused
from tamis.messages import say

KEPT = timedelta(hours=24)


def once(
    token: Token, key: str, asked: str, run: Callable[[], Any], *, together: bool, hidden: Sequence[str] = ()
) -> Any:
    """What ``run`` answers, JSON, or what it answered when this key came with the same request before.

    An answer is kept only when ``run`` ends well: what was refused, or killed, can be asked again. With ``together``
    the change and its answer are one transaction, so that neither stays without the other; without it a process killed
    between the two runs again. ``hidden`` fields are given once and never kept. Raises
    :class:`~tamis.errors.Refused` for a key that came with another request, :class:`~tamis.errors.Busy` while the same
    key is being answered.
    """
    with lease(f"api:{token.pk}:{hashlib.sha256(key.encode()).hexdigest()[:40]}", token.owner.username):
        forget_old()
        if kept := KeptAnswer.objects.filter(token=token, key=key).first():
            return _again(kept, asked)
        whole: AbstractContextManager[Any] = transaction.atomic() if together else nullcontext()
        with whole:
            body = run()
            kept_body = body | dict.fromkeys(hidden) if hidden else body
            KeptAnswer.objects.create(token=token, key=key, request=asked, body=kept_body, at=timezone.now())
    return body


def forget_old() -> None:
    """Delete the answers that nobody may ask for again."""
    KeptAnswer.objects.filter(at__lt=timezone.now() - KEPT).delete()


def _again(kept: KeptAnswer, asked: str) -> Any:
    if kept.request != asked:
        raise Refused(say("Cette clé a déjà servi à une autre demande : prenez-en une nouvelle."), "key.reused")
    return kept.body
