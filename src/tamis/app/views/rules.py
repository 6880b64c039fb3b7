"""A rule written by hand: counted while it is typed, its first examples, why it holds of one and not of another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from tamis.app.gates import Right, gate
from tamis.app.services import rules as service
from tamis.app.services.rule_words import SUBJECTS
from tamis.app.services.vocabulary import vocabulary
from tamis.app.views.list_content import page_number
from tamis.app.views.rule_building import component
from tamis.errors import Busy, TamisError, Unreadable
from tamis.messages import Message, say
from tamis.rules.errors import RuleError
from tamis.rules.operators import operators_of
from tamis.rules.vocabulary import Type, Vocabulary, Word
from tamis.sources.event_kinds import Kind

if TYPE_CHECKING:
    from tamis.rules.explaining import Explanation

PAGE = 50
"""So many of those that a rule selects stand on a page."""

TYPES = {
    Type.TEXT: say("texte"), Type.CODE: say("code"), Type.CHOICE: say("choix"), Type.STATUS: say("statut"),
    Type.NUMBER: say("nombre"), Type.DAY: say("jour"), Type.INSTANT: say("instant"), Type.YES_NO: say("oui ou non"),
}  # fmt: skip


@gate(Right.READ)
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The page; with a rule, its answer too. What is typed without a button is counted on the last snapshot.

    While somebody types, a rule that is not one yet is no mistake of theirs: the answer that says so is an answer.
    """
    given = request.POST if request.method == "POST" else request.GET
    text, who, do = given.get("rule", ""), given.get("who", "").strip(), given.get("do", "")
    context: dict[str, Any] = {"rule": text, "who": who}
    status = 200
    if text.strip() and (do or request.method == "POST"):  # a link without a button fills the builder, which counts
        try:
            context |= _answer(text, who, do, page_number(request))
        except TamisError as error:
            context["fault"], context["misplaced"] = error, isinstance(error, RuleError)
            status = 503 if isinstance(error, Busy | Unreadable) else 400 if do else 200
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "rules/_answer.html", context, status=status)
    context |= {"help": help_of(vocabulary()), "builder": component(text)}
    return render(request, "rules/index.html", context, status=status)


def _answer(text: str, who: str, do: str, number: int) -> dict[str, Any]:
    """What the button that was pressed asks for; without one, a count as of the last snapshot."""
    if do == "explain":
        explained = service.explain(text, company=who, contact=who)
        return {"explained": explained, "question": explained.question, "steps": [*steps(explained.explanation)]}
    if do != "show":
        counted = service.count(text, recent=do != "count")
        return {"found": counted, "question": counted.question}
    selected = service.select(text)
    address = f"{reverse('rules')}?{urlencode({'rule': text, 'do': 'show'})}"
    last = min(number * PAGE, selected.count)
    return {
        "found": selected, "question": selected.question, "rows": selected.page(number, PAGE), "page": number,
        "first": (number - 1) * PAGE + 1, "last": last, "has_next": last < selected.count, "address": address,
    }  # fmt: skip


class Step(NamedTuple):
    """A node on the way through a tree, and how many levels end behind it."""

    node: "Explanation"
    ends: range


def steps(explanation: "Explanation") -> Iterator[Step]:
    """The nodes of a tree one after the other, so that a page draws it without recursion."""
    waiting: list[tuple[Explanation, int]] = [(explanation, 0)]
    while waiting:
        node, ends = waiting.pop()
        below = [(part, 0) for part in node.parts]
        if below:
            below[-1] = (below[-1][0], ends + 1)
        waiting += reversed(below)
        yield Step(node, range(0 if below else ends))


@dataclass(frozen=True)
class Help:
    """The words of this workspace: its fields by subject, the operators of each type, kinds and their properties."""

    fields: Sequence[tuple[Message, Sequence[tuple[Word, Message]]]]
    operators: Sequence[tuple[Message, Sequence[str]]]
    kinds: Sequence[tuple[Kind, Sequence[str]]]


def help_of(known: Vocabulary) -> Help:
    """The foldable help, made from what the language is made from."""
    return Help(
        [(SUBJECTS[of], [(word, TYPES[word.type]) for word in words.values()]) for of, words in known.fields.items()],
        [(label, [each.key for each in operators_of(type)]) for type, label in TYPES.items()],
        [(kind, [*kind.properties, *kind.types]) for kind in known.kinds.values()],
    )
