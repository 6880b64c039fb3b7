"""Statuses and tags, the users' own: kept, and put on companies and contacts."""

from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from tamis.app.api.companies import MOST
from tamis.app.api.operations import actor_of, operation
from tamis.app.api.shapes import All, Asked, Id, Many
from tamis.app.gates import Right
from tamis.app.services import labels, statuses, tags
from tamis.app.services.subjects import COMPANY, CONTACT
from tamis.errors import Refused
from tamis.messages import say

router = Router(tags=["statuses and tags"])


class StatusOut(Schema):
    """A status, and how many have it."""

    id: int
    name: str
    position: int = Field(description="Its place in the order.")
    for_companies: bool
    for_contacts: bool
    companies: int
    contacts: int


class StatusIn(Asked):
    """A status to add."""

    name: str = Field(min_length=1, max_length=60, examples=["Chaud"])
    for_companies: bool = True
    for_contacts: bool = True


class StatusChange(Asked):
    """What to change of a status; what is left out stays."""

    name: str | None = Field(None, min_length=1, max_length=60)
    for_companies: bool | None = None
    for_contacts: bool | None = None
    place: int | None = Field(None, ge=1, le=1000, description="Its new place in the order, from 1.")


@operation(router, "GET", "/statuses", Right.READ, All[StatusOut])
def get_statuses(request: HttpRequest) -> Any:
    """The statuses in their order."""
    return {"items": [statuses.as_json(each) for each in statuses.statuses_of()]}


@operation(router, "POST", "/statuses", Right.ADMINISTER, StatusOut, status=201)
def add_status(request: HttpRequest, data: StatusIn) -> Any:
    """Add a status, the last one."""
    made = statuses.add(actor_of(request), data.name, companies=data.for_companies, contacts=data.for_contacts)
    return statuses.as_json(made)


@operation(router, "PATCH", "/statuses/{int:status_id}", Right.ADMINISTER, StatusOut)
def change_status(request: HttpRequest, status_id: Id, data: StatusChange) -> Any:
    """Rename a status, say what it is for, or move it in the order."""
    actor, found = actor_of(request), statuses.find_by_id(status_id)
    if data.name is not None or data.for_companies is not None or data.for_contacts is not None:
        statuses.change(actor, found, name=data.name, companies=data.for_companies, contacts=data.for_contacts)
    if data.place is not None:
        statuses.move(actor, found, data.place)
    return statuses.as_json(statuses.find_by_id(status_id))


@operation(router, "DELETE", "/statuses/{int:status_id}", Right.ADMINISTER, StatusOut)
def delete_status(request: HttpRequest, status_id: Id) -> Any:
    """Delete a status; those who have it have none then."""
    found = statuses.find_by_id(status_id)
    told = statuses.as_json(found)
    statuses.delete(actor_of(request), found)
    return told


class TagOut(Schema):
    """A tag of a category, and how many have it."""

    id: int
    category: str
    name: str
    companies: int
    contacts: int


class TagIn(Asked):
    """A tag to add."""

    category: str = Field(min_length=1, max_length=60, examples=["Secteur"], description="Made if it is not there.")
    name: str = Field(min_length=1, max_length=60, examples=["Industrie"])


class TagChange(Asked):
    """A tag's new name."""

    name: str = Field(min_length=1, max_length=60)


@operation(router, "GET", "/tags", Right.READ, All[TagOut])
def get_tags(request: HttpRequest) -> Any:
    """The tags by category."""
    held = tags.counts()
    return {"items": [tags.as_json(each, held) for each in tags.every_tag()]}


@operation(router, "POST", "/tags", Right.ADMINISTER, TagOut, status=201)
def add_tag(request: HttpRequest, data: TagIn) -> Any:
    """Add a tag to a category."""
    return tags.as_json(tags.add(actor_of(request), data.category, data.name), {})


@operation(router, "PATCH", "/tags/{int:tag_id}", Right.ADMINISTER, TagOut)
def rename_tag(request: HttpRequest, tag_id: Id, data: TagChange) -> Any:
    """Rename a tag."""
    return tags.as_json(tags.rename(actor_of(request), tags.find_by_id(tag_id), data.name), tags.counts())


@operation(router, "DELETE", "/tags/{int:tag_id}", Right.ADMINISTER, TagOut)
def delete_tag(request: HttpRequest, tag_id: Id) -> Any:
    """Delete a tag, which comes off everything."""
    found = tags.find_by_id(tag_id)
    told = tags.as_json(found, tags.counts())
    tags.delete(actor_of(request), found)
    return told


class Those(Asked):
    """Companies, contacts, or both, by their numbers."""

    companies: Many[Id] = Field(default_factory=list, max_length=MOST)
    contacts: Many[Id] = Field(default_factory=list, max_length=MOST)

    def by_subject(self) -> list[tuple[Any, list[int]]]:
        """The numbers of each kind. Raises ``Refused`` when there are none."""
        given = [(COMPANY, self.companies), (CONTACT, self.contacts)]
        if not any(ids for _, ids in given):
            raise Refused(say("Choisissez-en au moins un."), "selection.none")
        return [(subject, ids) for subject, ids in given if ids]


class StatusPut(Those):
    """A status for companies and contacts."""

    status: Id | None = Field(description="Its number; null takes theirs away.")


class Changed(Schema):
    """How many it changed."""

    changed: int


@operation(router, "POST", "/statuses/put", Right.SORT, Changed, refuses=(404,))
def put_status(request: HttpRequest, data: StatusPut) -> Any:
    """Give companies and contacts a status by hand; of each kind all of them or, when one does not exist, none."""
    status = statuses.find_by_id(data.status) if data.status else None
    actor = actor_of(request)
    return {"changed": sum(labels.put_status(actor, subject, ids, status) for subject, ids in data.by_subject())}


@operation(router, "POST", "/tags/{int:tag_id}/put", Right.SORT, Changed)
def put_tag(request: HttpRequest, tag_id: Id, data: Those) -> Any:
    """Put a tag on companies and contacts by hand; it stays until somebody takes it off."""
    tag, actor = tags.find_by_id(tag_id), actor_of(request)
    return {"changed": sum(labels.put_tag(actor, subject, ids, tag) for subject, ids in data.by_subject())}


@operation(router, "POST", "/tags/{int:tag_id}/remove", Right.SORT, Changed)
def remove_tag(request: HttpRequest, tag_id: Id, data: Those) -> Any:
    """Take a tag off companies and contacts, whoever put it there."""
    tag, actor = tags.find_by_id(tag_id), actor_of(request)
    return {"changed": sum(labels.take_tag_off(actor, subject, ids, tag) for subject, ids in data.by_subject())}
