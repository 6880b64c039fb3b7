"""The kinds of events of this workspace: those that Tamis knows, and the users' own."""

import re
from collections.abc import Mapping
from typing import Any

from tamis.app.models import Act, EventKind
from tamis.app.services.acting import Actor, acting
from tamis.errors import Refused
from tamis.messages import say
from tamis.sources.event_kinds import BUILT_IN, BY_KEY, TYPES, Kind, Kinds, Phase, Property
from tamis.sources.events import GIVEN

_KEY = re.compile("[a-z][a-z0-9_]{0,49}")
MAX_LABEL = 80
MOST_PROPERTIES = 40


def kinds() -> Kinds:
    """Every kind by its key."""
    return {**BUILT_IN, **{each.key: _kind(each) for each in EventKind.objects.order_by("key")}}


def _kind(stored: EventKind) -> Kind:
    own = tuple(Property(key, key, type) for key, type in stored.properties.items())
    return Kind(stored.key, stored.label, Phase(stored.phase), own=own)


def as_json(kind: Kind) -> dict[str, Any]:
    """A kind as the command line and the API show it, in the language of the moment."""
    types = {key: BY_KEY[key].type for key in kind.properties} | {each.key: each.type for each in kind.own}
    return {
        "key": kind.key, "label": str(kind.label), "phase": kind.phase.value, "properties": types,
        "required": [*kind.required], "built_in": kind.key in BUILT_IN,
    }  # fmt: skip


def add(
    actor: Actor, key: str, label: str, phase: Phase = Phase.BEFORE, properties: Mapping[str, str] | None = None
) -> Kind:
    """A new kind. Raises :class:`~tamis.errors.Refused` for a key that is taken, or properties that cannot be."""
    label, properties = " ".join(label.split()), dict(properties or {})
    if not _KEY.fullmatch(key):
        raise Refused(
            say("La clé « {key} » doit commencer par une lettre et n'avoir que a-z, 0-9 et _.", key=key[:60]),
            "kind.key",
        )
    if not 0 < len(label) <= MAX_LABEL:
        raise Refused(say("Donnez au genre un nom de {max} caractères au plus.", max=MAX_LABEL), "kind.label")
    _refuse_bad(properties)
    with acting(actor, Act.Kind.EVENT_KIND_ADDED, say("Genre d'événement « {label} » ajouté", label=label)):
        if key in kinds():
            raise Refused(say("Un genre d'événement s'appelle déjà « {key} ».", key=key), "kind.taken")
        return _kind(EventKind.objects.create(key=key, label=label, phase=phase, properties=properties))


def _refuse_bad(properties: Mapping[str, str]) -> None:
    for name, type in properties.items():
        if not _KEY.fullmatch(name) or name in GIVEN or name in BY_KEY:
            raise Refused(
                say("« {name} » ne peut pas être une propriété à vous : la forme n'est pas a-z, 0-9, _, ou elle existe "
                    "déjà pour tous les genres.", name=name[:60]),
                "kind.property",
            )  # fmt: skip
        if type not in TYPES:
            raise Refused(
                say("« {type} » n'est pas un type : {types}", type=type[:60], types=", ".join(TYPES)), "kind.type"
            )
    if len(properties) > MOST_PROPERTIES:
        raise Refused(say("{max} propriétés au plus.", max=MOST_PROPERTIES), "kind.property")
