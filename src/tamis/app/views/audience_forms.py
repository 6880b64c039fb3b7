"""An audience defined or changed: what saving would do is shown before anything is saved."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from tamis.app.gates import Right, actor_of, gate
from tamis.app.models import Audience, Mode
from tamis.app.services import audience_previews, filter_rules
from tamis.app.services import audiences as service
from tamis.app.views.audiences import FREQUENCIES, about, started, the_audience
from tamis.app.views.company_filter import TABLES, table_address
from tamis.app.views.rule_building import component
from tamis.errors import Refused, TamisError
from tamis.messages import say
from tamis.rules.errors import RuleError

MODES = (
    (Mode.DYNAMIC, gettext_lazy("Dynamique"), gettext_lazy("on entre et on sort avec la règle")),
    (Mode.ADD_ONLY, gettext_lazy("Cumulative"), gettext_lazy("on entre avec la règle, personne ne sort")),
    (Mode.STATIC, gettext_lazy("Statique"), gettext_lazy("remplie une fois par la règle")),
)


@dataclass
class Typed:
    """What stands in the form."""

    name: str = ""
    rule: str = ""
    mode: str = Mode.DYNAMIC
    exclusions: list[str] = field(default_factory=list)
    every: str = ""
    most_leaving: str = ""

    @classmethod
    def of(cls, audience: Audience) -> "Typed":
        """What is in force."""
        now = service.definition_of(audience)
        share = "" if audience.most_leaving is None else str(audience.most_leaving)
        excluded = [str(each.pk) for each in now.exclusions]
        return cls(audience.name, now.rule, now.mode, excluded, service.every_said(audience.every), share)

    @classmethod
    def read(cls, given: QueryDict) -> "Typed":
        """What somebody typed."""
        return cls(
            given.get("name", ""), given.get("rule", ""), given.get("mode", Mode.DYNAMIC),
            given.getlist("exclude"), given.get("every", ""), given.get("most_leaving", "").strip(),
        )  # fmt: skip

    @property
    def definition(self) -> service.Definition:
        """What is to be in force. Raises :class:`~tamis.errors.TamisError`."""
        numbers = [int(each) for each in self.exclusions if each.isascii() and each.isdigit() and len(each) < 19]
        return service.Definition(self.rule, service.read_mode(self.mode), [service.find_by_id(pk) for pk in numbers])

    @property
    def settings(self) -> dict[str, int | None]:
        """How often, and the breaker. Raises :class:`~tamis.errors.Refused`."""
        share = self.most_leaving
        if share and not (share.isascii() and share.isdigit() and len(share) < 4):
            raise Refused(say("La part qui peut sortir est un pourcentage, de 0 à 100."), "audience.share")
        return {
            "every": service.read_every(self.every) if self.every else None,
            "most_leaving": int(share) if share else None,
        }  # fmt: skip


@gate(Right.SORT)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Define an audience, from nothing or from a rule in the address."""
    if request.method != "POST":
        return _form(request, None, Typed(rule=request.GET.get("rule", "")))
    return _answered(request, None)


@gate(Right.SORT)
@require_safe
def of_filter(request: HttpRequest, of: str) -> HttpResponse:
    """Begin an audience of what the filters of a table leave; what no rule says comes back to the table, by name."""
    filters = TABLES[of].filters.read(request.GET)
    try:
        rule = filter_rules.rule_of(filters)
    except Refused as error:
        messages.error(request, str(error))
        return redirect(table_address(filters))
    return redirect(f"{reverse('audience-new')}?{urlencode({'rule': rule})}")


@gate(Right.SORT)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an audience; what is refused comes back with the reason and all that was typed."""
    audience = the_audience(pk)
    if request.method != "POST":
        return _form(request, audience, Typed.of(audience))
    return _answered(request, audience)


def _answered(request: HttpRequest, audience: Audience | None) -> HttpResponse:
    """What saving would do, or what it did."""
    typed = Typed.read(request.POST)
    try:
        if request.POST.get("do") != "save":
            return _previewed(request, audience, typed)
        saved = _saved(request, audience, typed)
    except TamisError as error:
        context = {"fault": error, "misplaced": isinstance(error, RuleError)}
        if request.htmx:  # type: ignore[attr-defined]
            return render(request, "audiences/_preview.html", context, status=409)
        return _form(request, audience, typed, 409, **context)
    said = _("Audience « %s » enregistrée.") if audience else _("Audience « %s » créée.")
    messages.success(request, said % saved.name)
    if request.POST.get("refresh"):
        return redirect("job", started(request, saved))
    return redirect("audience", saved.pk)


def _previewed(request: HttpRequest, audience: Audience | None, typed: Typed) -> HttpResponse:
    settings = typed.settings
    audience_previews.rehearse(actor_of(request), typed.definition, audience, typed.name.strip() or None, **settings)
    found = audience_previews.preview(typed.definition, audience, most_leaving=settings["most_leaving"])
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "audiences/_preview.html", {"preview": found})
    return _form(request, audience, typed, preview=found)


def _saved(request: HttpRequest, audience: Audience | None, typed: Typed) -> Audience:
    definition, settings = typed.definition, typed.settings
    if audience is None:
        return service.create(actor_of(request), typed.name, definition, **settings)
    seen = request.POST.get("seen", "")
    return service.edit(actor_of(request), audience, name=typed.name, definition=definition, seen=seen, **settings)


def _form(
    request: HttpRequest, audience: Audience | None, typed: Typed, status: int = 200, **more: Any
) -> HttpResponse:  # fmt: skip
    others = service.every_audience().exclude(pk=audience.pk if audience else 0)
    frequencies = [*FREQUENCIES]
    if typed.every not in dict(frequencies):
        frequencies.append((typed.every, typed.every))  # type: ignore[arg-type]  # words as they were typed
    context = (about(audience, "edit") if audience else {}) | {
        "seen": service.as_seen(audience) if audience else "",
        "typed": typed, "modes": MODES, "frequencies": frequencies,
        "others": [(each, str(each.pk) in typed.exclusions) for each in others],
        "fixed": bool(audience and typed.mode == Mode.STATIC and service.is_filled(audience)),
        "builder": component(typed.rule), **more,
    }  # fmt: skip
    return render(request, "audiences/edit.html" if audience else "audiences/new.html", context, status=status)
