"""What a browser says it is, as people call it."""

from tamis.messages import Message, say

_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrom", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


def browser_words(agent: str) -> Message:
    """The browser and the system that a User-Agent header names, as ``Firefox, Windows``."""
    found = [next((name for mark, name in marks if mark in agent), "") for marks in (_BROWSERS, _SYSTEMS)]
    if not any(found):
        return say("navigateur inconnu")
    return say("{names}", names=", ".join(name for name in found if name))
