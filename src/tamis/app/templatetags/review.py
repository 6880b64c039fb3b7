"""How many lines wait for a person, for the navigation of every page."""

from django import template

from tamis.app.services import lists

register = template.Library()


@register.simple_tag
def lines_to_review() -> int:
    """How many lines wait for a person."""
    return lists.review_count()
