"""Views of the two tables under a name: one's own, and those that others share."""

from dataclasses import replace
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from tamis.app.api.companies import filters_among
from tamis.app.api.errors import Forbidden, Invalid
from tamis.app.api.operations import actor_of, operation, token_of
from tamis.app.api.shapes import All, Asked, Id, SubjectWord
from tamis.app.gates import Right, bearer_may
from tamis.app.models import SavedView, User
from tamis.app.services import company_columns
from tamis.app.services import saved_views as service
from tamis.app.services.company_filters import Filters
from tamis.app.services.subjects import SUBJECTS, Subject
from tamis.errors import NotFound, did_you_mean
from tamis.messages import say
from tamis.rules.parsing import LONGEST

router = Router(tags=["views"])

Name = Field(min_length=1, max_length=service.MAX_NAME, examples=["PME de Lyon"])
Where = list[Annotated[str, Field(max_length=1_000)]]


class ViewOut(Schema):
    """A view of a table."""

    id: int
    subject: SubjectWord = Field(description="Of which table it is.")
    name: str
    owner: str
    mine: bool = Field(description="Whether it belongs to this token's owner, who alone changes it.")
    shared: bool
    default: bool = Field(description="Whether this token's owner sees it first.")
    query: str = Field(description="What follows `/companies/?`, or `/contacts/?`, in the console's address.")
    q: str
    where: list[str] = Field(description="Its conditions, as `GET /companies` or `GET /contacts` takes them.")
    rule: str = Field(description="Its rule, as they take one.")
    sort: str
    columns: list[str]


class Shown(Asked):
    """What a view shows."""

    q: str = Field("", max_length=300, description="What the search box would hold.")
    where: Where = Field(
        default_factory=list, max_length=20, description="Conditions, as `GET /companies` (or `/contacts`) takes them."
    )
    rule: str = Field("", max_length=LONGEST, description="A rule, as they take one.")
    sort: str = Field("name", max_length=60, description="A column; a hyphen in front turns the order round.")
    columns: list[str] = Field(
        default_factory=list, max_length=60, description="Keys of columns, in order; none: the usual ones."
    )


class ViewIn(Shown):
    """A view to keep."""

    name: str = Name
    subject: SubjectWord = Field("company", description="Of which table.")
    shared: bool = Field(False, description="With the workspace: for tokens that may sort.")


class ViewChange(Asked):
    """What to change of a view; what is left out stays."""

    name: str | None = Field(None, min_length=1, max_length=service.MAX_NAME)
    shared: bool | None = Field(None, description="With the workspace: for tokens that may sort.")
    shows: Shown | None = Field(None, description="Show this from now on.")


class DefaultIn(Asked):
    """The view to see first."""

    view: Id | None = Field(None, description="The number of a view; null: every company, or every contact.")
    subject: SubjectWord = Field("company", description="Of which table.")


class ViewDeleted(Schema):
    """A view that is no more."""

    id: int
    name: str


def _owner(request: HttpRequest) -> User:
    return token_of(request).owner


def _as_json(request: HttpRequest, view: SavedView) -> dict[str, Any]:
    default = service.default_of(_owner(request), SUBJECTS[view.subject])
    return service.as_json(view) | {"mine": service.may_change(_owner(request), view), "default": view == default}


def _filters(shown: Shown, subject: str) -> Filters:
    """What a view shows. Raises :class:`Invalid` for what the table does not have."""
    table = service.TABLES[subject]
    asked = filters_among(table, shown.q, shown.where, shown.rule, "body")
    try:
        found = company_columns.find(shown.columns or table.usual, table.every_column)
    except NotFound as error:
        raise Invalid(error.message, error.code, field="columns", where="body") from error
    name = shown.sort.removeprefix("-")
    if not table.sortable(name):
        keys = [each.key for each in table.built_in if each.order]
        said = say("Aucun tri ne s'appelle « {name} ».{hint}", name=name, hint=did_you_mean(name, keys))
        raise Invalid(said, "sort", field="sort", where="body")
    return replace(asked, sort=shown.sort, columns=tuple(each.key for each in found))


def _refuse_sharing(request: HttpRequest, *shared: bool) -> None:
    """Let only tokens that may sort change what everybody sees."""
    if any(shared) and not bearer_may(token_of(request), Right.SORT):
        raise Forbidden(say("Ni ce jeton, ni un compte de ce rôle, n'a le droit de faire cela."), "right.missing")


@operation(router, "GET", "/views", Right.READ, All[ViewOut])
def get_views(request: HttpRequest, subject: Query[SubjectWord] = "company") -> Any:
    """The views of a table that this token's owner sees: their own and the shared ones."""
    return _seen(request, SUBJECTS[subject])


def _seen(request: HttpRequest, subject: Subject) -> dict[str, Any]:
    return {"items": [_as_json(request, view) for view in service.seen_by(_owner(request), subject)]}


@operation(router, "POST", "/views", Right.READ, ViewOut, status=201)
def save_view(request: HttpRequest, data: ViewIn) -> Any:
    """Keep a view of a table under a name."""
    _refuse_sharing(request, data.shared)
    filters = _filters(data, data.subject)
    return _as_json(request, service.save(actor_of(request), data.name, filters, shared=data.shared))


@operation(router, "PUT", "/views/default", Right.READ, All[ViewOut], refuses=(404,))
def choose_default_view(request: HttpRequest, data: DefaultIn) -> Any:
    """Open one of the console's tables with a view of it from now on, or with everything."""
    subject = SUBJECTS[data.subject]
    view = service.find(_owner(request), data.view, subject) if data.view is not None else None
    service.make_default(_owner(request), subject, view)
    return _seen(request, subject)


@operation(router, "GET", "/views/{int:view_id}", Right.READ, ViewOut)
def get_view(request: HttpRequest, view_id: Id) -> Any:
    """One view."""
    return _as_json(request, service.find(_owner(request), view_id))


@operation(router, "PATCH", "/views/{int:view_id}", Right.READ, ViewOut)
def change_view(request: HttpRequest, view_id: Id, data: ViewChange) -> Any:
    """Rename a view, share it or keep it to oneself, make it show something else."""
    view = service.find(_owner(request), view_id)
    shared = view.shared if data.shared is None else data.shared
    _refuse_sharing(request, view.shared, shared)
    filters = _filters(data.shows, view.subject) if data.shows else None
    changed = service.change(actor_of(request), view, name=data.name or view.name, shared=shared, filters=filters)
    return _as_json(request, changed)


@operation(router, "DELETE", "/views/{int:view_id}", Right.READ, ViewDeleted)
def delete_view(request: HttpRequest, view_id: Id) -> Any:
    """Delete a view of one's own."""
    view = service.find(_owner(request), view_id)
    _refuse_sharing(request, view.shared)
    service.delete(actor_of(request), view)
    return {"id": view_id, "name": view.name}
