"""What is worth doing first in a new workspace, step by step, until each step is done."""

from dataclasses import dataclass

from tamis.app.models import List
from tamis.app.models.lists import PROPOSED_LOCKS
from tamis.app.services import lists
from tamis.app.services.companies import existing
from tamis.messages import Message, say

FIRST_LISTS = (
    ("client-default", say("vos clients : ils ne seront plus démarchés comme des prospects")),
    ("concurrent-default", say("vos concurrents : ils sortent des chiffres et des campagnes")),
    ("prospect-in pipe", say("vos affaires en cours : un commercial suit déjà ces entreprises")),
    ("interne-default", say("vos propres sociétés et filiales : elles ne comptent pas")),
)
"""The lists worth filling first, and why."""


@dataclass(frozen=True)
class FirstSteps:
    """What is left to do: companies to bring in, lists to fill with the reason, and locks to set."""

    companies: bool
    lists: list[tuple[List, Message]]
    locks: bool
    done: int
    total: int

    @property
    def left(self) -> int:
        """How many steps are left."""
        return self.total - self.done


def proposed_locks() -> list[List]:
    """The lists worth locking at the start; none once anything is locked [A7]."""
    if lists.existing().filter(locked=True).exists():
        return []
    return [*lists.existing().filter(name__in=PROPOSED_LOCKS)]


def first_steps(figures: lists.Figures) -> FirstSteps:
    """The steps that are left."""
    held, there = figures.lines, {each.name: each for each in lists.existing()}
    wanted = [(there[name], why) for name, why in FIRST_LISTS if name in there and there[name].pk not in held]
    locks = not any(each.locked for each in there.values())
    companies = not existing().exists()
    left = companies + len(wanted) + locks
    total = len(FIRST_LISTS) + 2
    return FirstSteps(companies, wanted, locks, total - left, total)
