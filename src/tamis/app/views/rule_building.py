"""What the rule builder (static/builder.js) asks: the words, a text or a tree read, figures, values seen."""

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from tamis.app.gates import Right, gate
from tamis.app.services import newest_questions
from tamis.app.services import rule_building as service
from tamis.app.services.rule_words import words as words_of
from tamis.app.services.vocabulary import vocabulary
from tamis.errors import Busy, TamisError, Unreadable
from tamis.rules.nodes import Subject
from tamis.rules.parsing import LONGEST
from tamis.rules.templates import TEMPLATES, Template

LARGEST = 40 * LONGEST
"""Characters of a tree: its form is much longer than the text."""


def component(rule: str = "", subject: Subject | None = None) -> dict[str, Any]:
    """What ``rules/_builder.html`` needs, as ``builder``: the text it starts with, its templates, a slot for questions.

    A page puts it into a form of its own: ``{% include "rules/_builder.html" %}`` makes the field ``rule``, which with
    a ``subject`` is about nobody else, and may stay empty.
    """
    templates = tuple(each for each in TEMPLATES if subject is None or each.rule.startswith(subject))
    return {"rule": rule, "slot": newest_questions.slot(), "templates": _grouped(templates), "subject": subject}


def _grouped(templates: tuple[Template, ...]) -> list[tuple[Any, list[Template]]]:
    groups: dict[str, tuple[Any, list[Template]]] = {}
    for each in templates:
        groups.setdefault(each.group.text, (each.group, []))[1].append(each)
    return [*groups.values()]


@gate(Right.READ)
@require_safe
def words(request: HttpRequest) -> HttpResponse:
    """Every word that a rule may use, and the builder's own texts."""
    return JsonResponse(words_of(vocabulary()))


@gate(Right.READ)
@require_POST
def build(request: HttpRequest) -> HttpResponse:
    """A ``text``, a ``sentence`` or a ``tree`` as the other two, with the mistakes."""
    try:
        if "tree" in request.POST:
            return JsonResponse(service.from_draft(_read(request.POST["tree"])))
        if "sentence" in request.POST:
            return JsonResponse(service.from_sentence(request.POST["sentence"]))
        return JsonResponse(service.from_text(request.POST.get("text", "")))
    except TamisError as error:
        return JsonResponse({"error": str(error), "code": error.code}, status=400)


def _read(tree: str) -> Any:
    try:
        return json.loads(tree) if len(tree) <= LARGEST else None
    except (ValueError, RecursionError):
        return None


@gate(Right.READ)
@require_POST
def figures(request: HttpRequest) -> HttpResponse:
    """A ``part`` of a rule's figures: the count with examples, the funnel, the near misses, as of the last snapshot.

    ``slot`` and ``turn`` say which question of which page this is: one that a newer one replaced has an empty answer.
    """
    given = request.POST
    wanted = newest_questions.note(_number(given.get("slot")), _number(given.get("turn")))
    template, told = _PARTS.get(given.get("part", ""), _PARTS["count"])
    try:
        return render(request, template, {"found": told(given.get("rule", ""), wanted)})
    except TamisError as error:
        if error.code == "rule.late":
            return HttpResponse(status=204)
        status = 503 if isinstance(error, Busy | Unreadable) else 400
        return render(request, "_fault.html", {"fault": error}, status=status)


_PARTS: dict[str, tuple[str, Callable[..., Any]]] = {
    "count": ("rules/_count.html", service.count),
    "funnel": ("rules/_funnel.html", service.funnel),
    "near": ("rules/_near.html", service.near_misses),
}


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 17 else 0


@gate(Right.READ)
@require_safe
def values(request: HttpRequest) -> HttpResponse:
    """Values seen in the data for a field or a property, the most frequent first."""
    try:
        return JsonResponse({"values": service.values(request.GET)})
    except TamisError as error:
        return JsonResponse({"error": str(error), "code": error.code}, status=400)
