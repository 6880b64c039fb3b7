"""Statuses and tags in the columns of files, for companies and contacts alike.

``Statut`` holds one status; ``Tag:Secteur`` the tags of one category, ``Tags`` those of any, as ``Catégorie: Tag`` or
by the tag's name alone; several share a cell: ``a | b``.
"""

import re
from dataclasses import dataclass, field

from tamis.identity.folding import fold
from tamis.sources.company_fields import SEPARATOR

STATUS, TAGS = "Statut", "Tags"
_STATUS = frozenset(fold(word) for word in (STATUS, "status"))
_TAGS = frozenset(fold(word) for word in (TAGS, "tag", "étiquettes", "étiquette"))
_OF_CATEGORY = re.compile(r"(?:tags?|étiquettes?)\s*:\s*(\S.*)", re.IGNORECASE)


@dataclass(frozen=True)
class Label:
    """What a column of labels holds: the status, or tags, of one category where it names one."""

    status: bool
    category: str = ""


@dataclass
class Labels:
    """The labels that one line gives: a status or none, and tags as ``(category, name)``, the category maybe empty."""

    status: str = ""
    tags: list[tuple[str, str]] = field(default_factory=list)

    def take(self, label: Label, cell: str) -> None:
        """Take what a cell under the label says."""
        if label.status:
            self.status = " ".join(cell.split())
            return
        for part in cell.split(SEPARATOR):
            if text := " ".join(part.split()):
                self.tags.append((label.category, text))


def label_of(heading: str) -> Label | None:
    """The labels that a heading names, or ``None``."""
    if fold(heading) in _STATUS:
        return Label(True)
    if fold(heading) in _TAGS:
        return Label(False)
    of_category = _OF_CATEGORY.fullmatch(heading.strip())
    return Label(False, " ".join(of_category[1].split())) if of_category else None


def tag_heading(category: str) -> str:
    """The heading of the tags of a category in Tamis's own exports."""
    return f"Tag:{category}"
