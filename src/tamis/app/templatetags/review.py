"""How many lines wait for a person, for the navigation of every page."""

from django import template

from tamis.app.models import LineStatus
from tamis.app.services.lists import held_counts

register = template.Library()


@register.simple_tag
def lines_to_review() -> int:
    """How many lines wait for a person."""
    return sum(of_list.get(LineStatus.REVIEW, 0) for of_list in held_counts().values())
