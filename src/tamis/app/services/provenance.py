"""Where values came from, in words."""

from tamis.app.models import Source
from tamis.messages import Message, say


def source_words(source: Source | None) -> Message | None:
    """Where a value came from, in words."""
    if source is None:
        return None
    if source.kind == Source.Kind.IMPORT:
        return say("import {file}", file=source.label)
    if source.kind == Source.Kind.HAND:
        return say("saisi par {by}", by=source.label)
    if source.kind == Source.Kind.RULE:
        return say("règle {name}", name=source.label)
    return say("fusion avec {name}", name=source.label)
