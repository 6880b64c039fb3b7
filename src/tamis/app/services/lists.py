"""Lists: made, named, locked and deleted, with clear refusals."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Max, OuterRef, QuerySet, Subquery
from django.utils import timezone

from tamis.app.models import (
    Act,
    Claim,
    Company,
    LineStatus,
    List,
    ListLine,
    ListVersion,
    Merge,
    Plan,
    RefusedLine,
    Segment,
    Workspace,
)
from tamis.app.models.lists import DEFAULT_LABEL, STARTING_LISTS, UNCLASSIFIED
from tamis.app.services import sorting
from tamis.app.services.acting import Actor, acting
from tamis.errors import NotFound, Refused, did_you_mean
from tamis.identity.folding import fold
from tamis.messages import say, say_many

MAX_LABEL = 80


def existing() -> QuerySet[List]:
    """The lists there are, in the order of the segments, each segment's default list first."""
    return List.objects.filter(deleted_at=None).order_by(*_segment_order(), "label")


def _segment_order() -> list[Any]:
    from django.db.models import Case, IntegerField, Value, When

    place = Case(
        *(When(segment=segment, then=Value(n)) for n, segment in enumerate(Segment)), output_field=IntegerField()
    )
    first = Case(When(label=DEFAULT_LABEL, then=Value(0)), default=Value(1), output_field=IntegerField())
    return [place, first]


def find(name: str) -> List:
    """The list of this name, however it is spelt. Raises :class:`~tamis.errors.NotFound` with the nearest name."""
    try:
        return List.objects.get(key=fold(name), deleted_at=None)
    except List.DoesNotExist:
        names = existing().values_list("name", flat=True)
        raise NotFound(
            say("Aucune liste ne s'appelle « {name} ».{hint}", name=name, hint=did_you_mean(name, names))
        ) from None


def find_by_id(pk: int) -> List:
    """The list of this number. Raises :class:`~tamis.errors.NotFound`."""
    if found := existing().filter(pk=pk).first():
        return found
    raise NotFound(say("Cette liste n'existe pas, ou elle a été supprimée."), "list.gone")


def find_segment(name: str) -> Segment:
    """The segment of this name. Raises :class:`~tamis.errors.NotFound` with the nine names."""
    for segment in Segment:
        if fold(name) in (segment.value, fold(segment.value.replace("-", " "))):
            return segment
    raise NotFound(
        say(
            "Le segment « {name} » n'existe pas.{hint} Les neuf segments sont fixes : {segments}.",
            name=name,
            hint=did_you_mean(name, Segment.values),
            segments=", ".join(Segment.values),
        )
    )


def start_lists() -> None:
    """Make the lists that every workspace has, within the caller's transaction."""
    for segment in Segment:
        _make(segment, DEFAULT_LABEL)
    for segment, label in STARTING_LISTS:
        _make(segment, label)


def create(actor: Actor, segment: Segment, label: str) -> List:
    """A new, empty list; its name is the segment's, a hyphen, and the label."""
    label = _checked_label(label)
    with acting(actor, Act.Kind.LIST_CREATED, say("Liste « {name} » créée", name=f"{segment}-{label}")) as act:
        _refuse_taken(segment, label)
        target = _make(segment, label)
        act.list = target
        act.save(update_fields=["list"])
    return target


def rename(actor: Actor, target: List, label: str) -> List:
    """Give a list another name within its segment."""
    label = _checked_label(label)
    _refuse_default(target, say("renommée"))
    note = say("Liste « {old} » renommée « {new} »", old=target.name, new=f"{target.segment}-{label}")
    with acting(actor, Act.Kind.LIST_RENAMED, note, target):
        if fold(label) != fold(target.label):
            _refuse_taken(Segment(target.segment), label)
        target.label, target.name = label, f"{target.segment}-{label}"
        target.key = fold(target.name)
        target.save(update_fields=["label", "name", "key"])
    return target


@dataclass(frozen=True)
class Deletion:
    """What deleting a list would do: how many companies it holds, and where each of them would go."""

    companies: int
    destinations: dict[str, int]


def rehearse_deletion(actor: Actor, target: List) -> Deletion:
    """What :func:`delete` would do; nothing is changed."""
    with acting(actor, Act.Kind.LIST_DELETED, say("essai"), target) as act:
        outcome = _delete(act, target)
        transaction.set_rollback(True)
    return outcome


def delete(actor: Actor, target: List) -> Deletion:
    """Delete a list; its companies go where their other claims say."""
    with acting(actor, Act.Kind.LIST_DELETED, say("Liste « {name} » supprimée", name=target.name), target) as act:
        return _delete(act, target)


def _delete(act: Act, target: List) -> Deletion:
    target.refresh_from_db()
    _refuse_default(target, say("supprimée"))
    if target.locked:
        raise Refused(
            say("« {name} » est verrouillée : déverrouillez-la avant de la supprimer.", name=target.name), "list.locked"
        )
    scope = sorting.companies_in(target)
    Claim.objects.filter(list=target, withdrawn_by=None).update(withdrawn_by=act)
    sorting.resort(act, scope)
    target.deleted_at = timezone.now()
    target.save(update_fields=["deleted_at"])
    went = act.moves.values_list("to_list__name").annotate(n=Count("pk")).order_by("-n", "to_list__name")
    destinations = dict(went)
    return Deletion(sum(destinations.values()), destinations)


def lock(actor: Actor, lists: list[List]) -> None:
    """Lock lists: nothing but a person takes a company out of them until they are unlocked."""
    for target in lists:
        if target.name == UNCLASSIFIED:
            raise Refused(
                say(
                    "« {name} » ne peut pas être verrouillée : c'est là qu'arrivent les entreprises non classées.",
                    name=target.name,
                ),
                "list.unlockable",
            )
    for target in lists:
        if not target.locked:
            with acting(actor, Act.Kind.LIST_LOCKED, say("Liste « {name} » verrouillée", name=target.name), target):
                List.objects.filter(pk=target.pk).update(locked=True)


def unlock(actor: Actor, lists: list[List]) -> dict[str, int]:
    """Unlock lists and sort their companies anew at once; how many left each list."""
    left: dict[str, int] = {}
    for target in lists:
        note = say("Liste « {name} » déverrouillée", name=target.name)
        with acting(actor, Act.Kind.LIST_UNLOCKED, note, target) as act:
            List.objects.filter(pk=target.pk).update(locked=False)
            left[target.name] = sorting.resort(act, sorting.companies_in(target))
    return left


def of_segment(segment: Segment) -> list[List]:
    """The lists of a segment that can be locked: all but ``prospect-default``."""
    return [found for found in existing().filter(segment=segment) if found.name != UNCLASSIFIED]


@dataclass(frozen=True)
class Summary:
    """A list with its figures: companies in it, lines it holds, how many of these wait or want a person, refusals."""

    list: List
    companies: int
    lines: int
    waiting: int
    review: int
    refused: int
    last_import: Any

    @property
    def sheet(self) -> Any:
        """The sheet that it follows, if it follows one; templates would look for the missing one at length."""
        return getattr(self.list, "sheet", None)

    def as_json(self) -> dict[str, Any]:
        """The list as the command line and the API show it."""
        return {
            "id": self.list.pk,
            "name": self.list.name,
            "segment": self.list.segment,
            "default": self.list.is_default,
            "locked": self.list.locked,
            "companies": self.companies,
            "lines": self.lines,
            "waiting": self.waiting,
            "review": self.review,
            "refused": self.refused,
            "last_import": self.last_import,
        }


def held_lines() -> QuerySet[ListLine]:
    """The lines that lists hold now, waiting ones included: what the plan's limit counts [A4]."""
    return ListLine.objects.filter(removed_by=None, version__list__deleted_at=None).exclude(version__act=None)


def line_counts(lines: QuerySet[ListLine] | None = None, by: Sequence[str] = ("status",)) -> dict[int, dict[Any, int]]:
    """How many lines each list holds, by state (and by method): from an index alone, which knows versions, not lists.

    Grouped as an index is ordered, and nothing else asked: SQLite then takes it, whatever statistics it has.
    """
    applied = ListVersion.objects.exclude(act=None).filter(list__deleted_at=None)
    lists = dict(applied.values_list("pk", "list"))
    lines = ListLine.objects.filter(removed_by=None) if lines is None else lines
    counts: dict[int, dict[Any, int]] = {}
    for version, *words, n in lines.values_list("version", *by).annotate(n=Count("*")).order_by():
        if version in lists:
            of_list, word = counts.setdefault(lists[version], {}), words[0] if len(words) == 1 else tuple(words)
            of_list[word] = of_list.get(word, 0) + n
    return counts


def review_counts() -> dict[int, int]:
    """How many lines of each list wait for a person."""
    doubts = ListLine.objects.filter(status=LineStatus.REVIEW, removed_by=None)
    return {pk: sum(of_list.values()) for pk, of_list in line_counts(doubts).items()}


def review_count() -> int:
    """How many lines wait for a person in all, for every page: versions that do not count are fewer than the others."""
    doubts = ListLine.objects.filter(status=LineStatus.REVIEW, removed_by=None)
    left_out = {*ListVersion.objects.exclude(act__isnull=False, list__deleted_at=None).values_list("pk", flat=True)}
    found = doubts.values_list("version").annotate(n=Count("*")).order_by()
    return sum(n for version, n in found if version not in left_out)


def company_counts() -> dict[int, int]:
    """How many companies each list has: of all, from an index alone, less those that were merged."""
    counts = dict(Company.objects.values_list("list").annotate(n=Count("*")).order_by())
    for pk in Merge.objects.filter(undone_by=None).values_list("absorbed__list", flat=True):
        counts[pk] -= 1
    return counts


@dataclass(frozen=True)
class Figures:
    """How many companies each list has, and how many lines by state: counted once for a page that shows both."""

    companies: dict[int, int] = field(default_factory=company_counts)
    lines: dict[int, dict[str, int]] = field(default_factory=line_counts)


def quota(lines: dict[int, dict[str, int]] | None = None) -> tuple[int, int | None]:
    """How many lines the lists hold, and how many the plan allows (``None``: without limit)."""
    lines = line_counts() if lines is None else lines
    held = sum(n for of_list in lines.values() for n in of_list.values())
    return held, Plan(Workspace.objects.get().plan).line_limit


def refused_counts() -> dict[int, int]:
    """How many refused lines each list leaves open: those of its last import, and of what was added since."""
    last = ListVersion.objects.filter(list=OuterRef("version__list")).exclude(act=None)
    since = last.exclude(kind=ListVersion.Kind.APPEND).order_by("-number").values("number")[:1]
    open_lines = RefusedLine.objects.filter(settled_by=None, version__list__deleted_at=None).exclude(version__act=None)
    current = open_lines.alias(since=Subquery(since)).exclude(version__number__lt=F("since"))
    return dict(current.values_list("version__list").annotate(n=Count("pk")))


def summary(target: List) -> Summary:
    """One list with its figures."""
    return next(each for each in summaries() if each.list.pk == target.pk)


def summaries(figures: Figures | None = None) -> list[Summary]:
    """Every list with its figures."""
    figures, refused = figures or Figures(), refused_counts()
    companies, lines = figures.companies, figures.lines
    imported = dict(
        Act.objects.filter(kind__in=[Act.Kind.LIST_IMPORTED, Act.Kind.LIST_RESTORED])
        .order_by()
        .values_list("list")
        .annotate(last=Max("at"))
    )
    return [
        Summary(
            each,
            companies.get(each.pk, 0),
            sum(lines.get(each.pk, {}).values()),
            lines.get(each.pk, {}).get(LineStatus.WAITING, 0),
            lines.get(each.pk, {}).get(LineStatus.REVIEW, 0),
            refused.get(each.pk, 0),
            imported.get(each.pk),
        )
        for each in existing().select_related("sheet")
    ]


def _make(segment: Segment, label: str) -> List:
    name = f"{segment.value}-{label}"
    return List.objects.create(segment=segment, label=label, name=name, key=fold(name), created_at=timezone.now())


def _checked_label(label: str) -> str:
    label = " ".join(label.split())
    if not fold(label):
        raise Refused(say("Donnez un nom à la liste."), "list.name")
    if len(label) > MAX_LABEL:
        raise Refused(
            say_many("Le nom dépasse {n} caractère.", "Le nom dépasse {n} caractères.", n=MAX_LABEL), "list.name"
        )
    if not label.isprintable():
        raise Refused(say("Le nom contient des caractères illisibles."), "list.name")
    return label


def _refuse_taken(segment: Segment, label: str) -> None:
    name = f"{segment.value}-{label}"
    if List.objects.filter(key=fold(name), deleted_at=None).exists():
        raise Refused(say("Une liste s'appelle déjà « {name} ».", name=name), "list.taken")


def refuse_gone(target: List) -> None:
    """Refuse a list that somebody deleted meanwhile; asked within the transaction that is about to use it."""
    if not existing().filter(pk=target.pk).exists():
        raise Refused(say("La liste « {name} » a été supprimée entre-temps.", name=target.name), "list.gone")


def _refuse_default(target: List, what: object) -> None:
    if target.is_default:
        raise Refused(
            say(
                "« {name} » est la liste par défaut de son segment : elle ne peut pas être {what}.",
                name=target.name,
                what=what,
            ),
            "list.default",
        )
