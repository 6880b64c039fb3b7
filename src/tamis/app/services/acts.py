"""The audit trail, read: who did what, when, and through what."""

from typing import Any

from django.db.models import QuerySet

from tamis.app.models import Act


def trail(*, kind: str = "", by: str = "", via: str = "", target: int | None = None) -> QuerySet[Act]:
    """What was done, of this kind, by this person, through this, to this list; empty asks nothing."""
    asked = {"kind": kind, "by": by, "via": via, "list": target}
    return Act.objects.select_related("list").filter(**{name: value for name, value in asked.items() if value})


def as_json(act: Act) -> dict[str, Any]:
    """An act as the command line and the API show it."""
    return {
        "id": act.pk,
        "at": act.at,
        "kind": act.kind,
        "what": act.note,
        "by": act.by,
        "via": act.via,
        "list": act.list.name if act.list else None,
    }
