"""Companies that are in the base twice: the pairs that are proposed, merged or kept apart."""

from typing import Any, Literal

from django.db import transaction
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from tamis.app.api.cursors import NEWEST, page
from tamis.app.api.jobs import JobOut
from tamis.app.api.operations import actor_of, operation
from tamis.app.api.shapes import Asked, Id, Page, Paging, Said
from tamis.app.gates import Right
from tamis.app.models import Double, Merge
from tamis.app.services import companies, jobs
from tamis.app.services import doubles as service
from tamis.app.services.acting import Actor

router = Router(tags=["doubles"])


class Side(Schema):
    """One of the two companies."""

    id: int
    name: str
    siren: str | None
    list: str


class DoubleOut(Schema):
    """Two companies that may be one."""

    id: int
    score: float = Field(description="From 0 to 1.")
    kept: Side = Field(description="The one that would stay: the one with a SIREN, else the older one.")
    absorbed: Side
    evidence: Said


class DoublesAsked(Paging):
    """Which pairs."""

    state: Literal["proposed", "apart"] = Field("proposed", description="Those that wait, or those kept apart.")


@operation(router, "GET", "/doubles", Right.READ, Page[DoubleOut])
def get_doubles(request: HttpRequest, asked: Query[DoublesAsked]) -> Any:
    """The pairs that wait for an answer, or those that a person kept apart; the latest found first."""
    pairs = service.kept_apart() if asked.state == "apart" else service.proposed()
    found, beyond = page(pairs, asked, NEWEST)
    return {"items": [service.as_json(each) for each in found], "next": beyond}


class SearchIn(Asked):
    """How to search."""

    merge_above: float | None = Field(
        None, ge=0.6, le=1, description="Merge the pairs of at least this score at once; without it none is merged."
    )


@operation(router, "POST", "/doubles/search", Right.SORT, JobOut, status=202)
def search_doubles(request: HttpRequest, data: SearchIn) -> Any:
    """Look for doubles in the whole base, in the background."""
    return jobs.as_json(jobs.start(actor_of(request), "doubles-search", data.model_dump(exclude_none=True)))


class MergeIn(Asked):
    """Which company to keep."""

    keep: Id | None = Field(None, description="One of the two; left out, the one proposed.")


class MergedOut(Schema):
    """A merge, which can be undone."""

    merge: int
    kept: int
    absorbed: int


@operation(router, "POST", "/doubles/{int:double_id}/merge", Right.SORT, MergedOut)
def merge_double(request: HttpRequest, double_id: Id, data: MergeIn) -> Any:
    """Make the two one."""
    merged = _merged(actor_of(request), double_id, data.keep)
    return {"merge": merged.pk, "kept": merged.kept_id, "absorbed": merged.absorbed_id}


def _merged(actor: Actor, double_id: int, keep: int | None) -> Merge:
    kept = companies.find_by_id(keep) if keep is not None else None
    return service.merge(actor, service.find(double_id), kept)


@operation(router, "POST", "/doubles/{int:double_id}/keep-apart", Right.SORT, DoubleOut)
def keep_double_apart(request: HttpRequest, double_id: Id) -> Any:
    """The two are two companies: no later search proposes them."""
    service.keep_apart(actor_of(request), service.find(double_id))
    return service.as_json(Double.objects.select_related("one__list", "other__list").get(pk=double_id))


@operation(router, "POST", "/doubles/{int:double_id}/reopen", Right.SORT, DoubleOut)
def reopen_double(request: HttpRequest, double_id: Id) -> Any:
    """Take that word back: the pair is proposed again."""
    service.propose_again(actor_of(request), service.find(double_id))
    return service.as_json(service.find(double_id))


class PairAnswer(Asked):
    """What a person says of a pair."""

    double: Id
    verdict: Literal["merge", "apart"] = Field(description="The two are one, or two.")
    keep: Id | None = Field(None, description="Of a merge, which of the two to keep; left out, the one proposed.")


class PairAnswers(Asked):
    """What a person says of many pairs."""

    answers: list[PairAnswer] = Field(min_length=1, max_length=500)


class PairsAnswered(Schema):
    """What answering many pairs did."""

    merged: int
    kept_apart: int


@operation(router, "POST", "/doubles/answers", Right.SORT, PairsAnswered, refuses=(404,))
def answer_doubles(request: HttpRequest, data: PairAnswers) -> Any:
    """Answer many pairs: all of them or, when one cannot be, none."""
    merged = sum(said.verdict == "merge" for said in data.answers)
    with transaction.atomic():
        for said in data.answers:
            if said.verdict == "merge":
                _merged(actor_of(request), said.double, said.keep)
            else:
                service.keep_apart(actor_of(request), service.find(said.double))
    return {"merged": merged, "kept_apart": len(data.answers) - merged}
