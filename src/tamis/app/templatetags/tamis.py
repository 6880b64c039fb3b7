"""Small things the pages say often."""

from django import template

register = template.Library()
