"""The lines that wait for a person: seen beside their candidates, answered one or many at once, and taken back."""

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from tamis.app.gates import Right, actor_of, gate
from tamis.app.models import Company, Judgement, LineStatus, ListLine
from tamis.app.services import companies, company_conditions, lists
from tamis.app.services import review as service
from tamis.app.services.acting import Actor
from tamis.app.views.list_content import page_number
from tamis.app.views.sign_in import next_page
from tamis.errors import NotFound, Refused
from tamis.identity.folding import name_key
from tamis.messages import Message, say, say_many

PAGE = 20
ANSWERS_PAGE = 50
MOST_FOUND = 20
ANSWERED = "answered"
"""Where a session keeps the acts of each answer, the latest last, so that one key takes them back one by one."""
MOST_UNDONE = 50

METHODS = {
    "siren": _("même SIREN"),
    "host": _("même hôte"),
    "domain": _("même domaine"),
    "name": _("même nom"),
    "same-name": _("même nom, à la forme près"),
    "words": _("mots communs"),
    "spelling": _("orthographe voisine"),
    "abbreviations": _("abréviations"),
    "acronym": _("sigle"),
}


def _id(text: str) -> int:
    """A row's number as forms and addresses give it; 0, which no row has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


@gate(Right.READ)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The queue, a page at a time, of every list or of one; ``line`` asks for the page where that line is."""
    wanted, here = _id(request.GET.get("list", "")), _id(request.GET.get("line", ""))
    lines = service.queue().filter(version__list=wanted) if wanted else service.queue()
    counts = lists.review_counts()
    total = counts.get(wanted, 0) if wanted else sum(counts.values())
    page = _page(request, lines, total, here)
    context = {
        "tab": "queue", "total": total, "page": page, "has_next": page * PAGE < total, "here": here,
        "doubts": [(line, service.choices(line)) for line in lines[(page - 1) * PAGE : page * PAGE]],
        "lists": [(each, counts[each.pk]) for each in lists.existing().filter(pk__in=counts)],
        "wanted": wanted, "address": _address(list=wanted, page=page if page > 1 else 0),
    }  # fmt: skip
    return render(request, "review/index.html", context)


def _page(request: HttpRequest, lines: QuerySet[ListLine], total: int, here: int) -> int:
    """The page asked for, that of a line, or the last one when answers have emptied those behind it."""
    asked = page_number(request)
    if here and "page" not in request.GET:
        asked = lines.filter(pk__lt=here).count() // PAGE + 1
    return max(1, min(asked, -(-total // PAGE)))


def _address(**parameters: int) -> str:
    query = QueryDict(mutable=True)
    query.update({key: str(value) for key, value in parameters.items() if value})
    return f"{reverse('review')}?{query.urlencode()}" if query else reverse("review")


@gate(Right.SORT)
@require_safe
def other(request: HttpRequest, pk: int) -> HttpResponse:
    """Any company as the answer: found by its name, SIREN, domain or number."""
    line, text = service.find_line(pk), request.GET.get("q", "").strip()
    found = companies.existing().filter(_called(text)).select_related("list").order_by("name_key", "pk")
    context = {"line": line, "q": text, "found": found[:MOST_FOUND] if text else [], "most": MOST_FOUND}
    return render(request, "review/other.html", context | {"address": _address(line=pk), "open": _is_open(line)})


def _called(text: str) -> Q:
    return company_conditions.named(text) | Q(pk=_id(text))


def _is_open(line: ListLine) -> bool:
    return line.status == LineStatus.REVIEW


Answered = tuple[ListLine, Company | None]


@gate(Right.SORT)
@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    """Answer a line, or the ticked ones; those that somebody answered meanwhile are left alone, and counted."""
    word, company = _verdict(request.POST.get("verdict", ""))
    ids = {_id(text) for text in request.POST.getlist("line")}
    if not ids:
        raise Refused(say("Cochez d'abord une ligne au moins."), "line.none")
    answered: dict[str, Answered] = {}
    decided = 0
    lines = [*lists.held_lines().filter(pk__in=ids).select_related("version__list").order_by("pk")]
    for line in lines:
        if line.fingerprint not in answered:  # an equal line was decided with the first of them
            chosen = _first_shown(line, request.POST) if word == "first" else company
            n = _give(actor_of(request), line, word, chosen)
            decided += n
            answered |= {line.fingerprint: (line, chosen)} if n else {}
    if answered:
        _tell(request, [*answered.values()], word, decided)
    if gone := len(ids) - sum(line.fingerprint in answered for line in lines):
        _tell_gone(request, gone)
    return redirect(next_page(request, reverse("review")))


def _verdict(text: str) -> tuple[str, Company | None]:
    """What a form says of its lines: ``first``, ``none``, ``accept:12`` or ``refuse:12``."""
    word, colon, number = text.partition(":")
    if word in ("first", "none") and not colon:
        return word, None
    if word in ("accept", "refuse"):
        return word, companies.find(number)
    raise Refused(say("Choisissez une réponse."), "verdict.none")


def _first_shown(line: ListLine, given: QueryDict) -> Company | None:
    """The first candidate; none when it is not the one that the person was shown."""
    first = next((choice.company for choice in service.choices(line)), None)
    shown = given.get(f"first-{line.pk}")
    return first if first is None or shown in (None, str(first.pk)) else None


def _give(actor: Actor, line: ListLine, word: str, company: Company | None) -> int:
    """Give an answer; how many lines it decided, 0 when the line does not wait for it any more."""
    is_open = line.status == LineStatus.REVIEW
    match word, company:
        case "refuse", Company() if is_open or line.company_id == company.pk:
            return service.refuse(actor, line, company)
        case (("accept" | "first"), Company()) if is_open:
            return service.accept(actor, line, company)
        case "none", None if is_open and service.choices(line):
            return service.none_of_these(actor, line)
    return 0


def _sentence(answered: list[Answered], word: str, decided: int) -> Message:
    [(line, company), *others] = answered
    if others or (decided > 1 and company is None):
        return say_many("{n} ligne décidée", "{n} lignes décidées", n=decided)
    if company is None:
        return say("« {line} » n'est aucune des entreprises proposées", line=line.name)
    return _said(line.name, company, same=word != "refuse")


def _said(line: str, company: Company, *, same: bool) -> Message:
    if same:
        return say("« {line} » est « {company} »", line=line, company=company.name)
    return say("« {line} » n'est pas « {company} »", line=line, company=company.name)


def _tell(request: HttpRequest, answered: list[Answered], word: str, decided: int) -> None:
    """Say what was done, with the way back."""
    acts = [_act_of(line) for line, _company in answered]
    request.session[ANSWERED] = [*request.session.get(ANSWERED, []), acts][-MOST_UNDONE:]
    messages.success(request, _notice(request, _sentence(answered, word, decided), acts))


def _tell_gone(request: HttpRequest, gone: int) -> None:
    sentence = say_many(
        "{n} ligne n'attendait plus cette réponse : elle est restée telle quelle.",
        "{n} lignes n'attendaient plus cette réponse : elles sont restées telles quelles.",
        n=gone,
    )
    messages.info(request, str(sentence))


def _act_of(line: ListLine) -> int:
    """The act of the latest answer about a line."""
    return service.judgements().filter(fingerprint=line.fingerprint).values_list("made_by", flat=True)[0]


def _notice(request: HttpRequest, sentence: Message, acts: list[int]) -> SafeString:
    """A sentence with its « Annuler » on the queue's page, and elsewhere with the way to the answers."""
    on_queue = next_page(request, reverse("review")).startswith(reverse("review"))
    context = {"sentence": sentence, "acts": ",".join(map(str, acts)), "on_queue": on_queue}
    return render_to_string("review/_notice.html", context)


@gate(Right.SORT)
@require_POST
def undo_last(request: HttpRequest) -> HttpResponse:
    """Take back the answer that the form names, else the latest of this session that still stands."""
    wanted = [_id(text) for text in request.POST.get("acts", "").split(",") if text]
    said = [*service.judgements().filter(made_by__in=wanted)] if wanted else _latest_said(request)
    if not said:
        raise Refused(say("Il n'y a plus de réponse à annuler."), "judgement.nothing")
    for each in said:
        service.undo(actor_of(request), each)
    _tell_undone(request, {each.name: None for each in said})
    back = service.queue().filter(fingerprint__in=[each.fingerprint for each in said]).first()
    return redirect(_address(list=_id(request.POST.get("list", "")), line=back.pk if back else 0))


def _latest_said(request: HttpRequest) -> list[Judgement]:
    answered: list[list[int]] = request.session.get(ANSWERED, [])
    while answered:
        *answered, acts = answered
        request.session[ANSWERED] = answered
        if said := [*service.judgements().filter(made_by__in=acts)]:
            return said
    return []


def _tell_undone(request: HttpRequest, names: dict[str, None]) -> None:
    name = next(iter(names))
    sentence = say("Réponse retirée pour « {line} »", line=name)
    if len(names) > 1:
        sentence = say("Réponses retirées pour {n} lignes", n=len(names))
    messages.success(request, str(sentence))


@gate(Right.READ)
@require_safe
def answers(request: HttpRequest) -> HttpResponse:
    """What people said and stands, the latest first, by the line's name or the company."""
    text, page = request.GET.get("q", "").strip(), page_number(request)
    found = service.judgements().filter(_about(text)) if text else service.judgements()
    said = [*found[(page - 1) * ANSWERS_PAGE : page * ANSWERS_PAGE + 1]]
    context = {
        "tab": "answers", "q": text, "page": page, "has_next": len(said) > ANSWERS_PAGE,
        "answers": [(each, _said(each.name, each.company, same=each.same)) for each in said[:ANSWERS_PAGE]],
    }  # fmt: skip
    return render(request, "review/answers.html", context)


def _about(text: str) -> Q:
    """The condition that an answer is about a line or a company called so, accents and case apart."""
    condition = Q(name__icontains=text) | Q(company__in=Company.objects.filter(company_conditions.named(text)))
    if key := name_key(text):
        lines = ListLine.objects.filter(name_key__contains=key)
        condition |= Q(fingerprint__in=lines.values("fingerprint"))
    return condition


@gate(Right.SORT)
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one answer back: its lines are matched as if it had not been given."""
    said = Judgement.objects.filter(pk=pk).first()
    if said is None:
        raise NotFound(say("Aucune réponse n° {id}.", id=pk))
    service.undo(actor_of(request), said)
    _tell_undone(request, {said.name: None})
    return redirect(next_page(request, reverse("review-answers")))


@gate(Right.READ)
@require_safe
def quality(request: HttpRequest) -> HttpResponse:
    """How good automatic matching was, as far as people have said."""
    found = service.quality()
    automatic = sum(found.automatic.values())
    context = {
        "tab": "quality", "quality": found, "automatic": automatic,
        "methods": [(METHODS.get(method, method), n, method) for method, n in found.automatic.items()],
        "most": max(found.automatic.values(), default=0),
        "undone": _share(found.automatic_refused, automatic + found.automatic_refused),
        "first": _share(found.accepted_first, found.accepted),
    }  # fmt: skip
    return render(request, "review/quality.html", context)


@gate(Right.READ)
@require_safe
def matched(request: HttpRequest) -> HttpResponse:
    """The lines that were matched automatically in one way, with their company, a page at a time."""
    method, page = request.GET.get("method", ""), page_number(request)
    lines = service.matched_by(method)
    found = [*lines[(page - 1) * ANSWERS_PAGE : page * ANSWERS_PAGE + 1]]
    context = {
        "tab": "quality", "method": METHODS.get(method, method), "lines": found[:ANSWERS_PAGE], "page": page,
        "total": lines.count(), "has_next": len(found) > ANSWERS_PAGE, "previous": page - 1, "next": page + 1,
    }  # fmt: skip
    return render(request, "review/matched.html", context)


def _share(part: int, whole: int) -> float | None:
    """So many hundredths; nothing out of nothing."""
    return 100 * part / whole if whole else None
