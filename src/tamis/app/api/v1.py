"""Version 1 of the API: every operation under ``/api/v1/``, and their description."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import resolve
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from ninja import NinjaAPI

from tamis import __version__
from tamis.app.api import (
    audience_actions,
    audience_members,
    audiences,
    audit,
    companies,
    company_imports,
    company_selection,
    contacts,
    doubles,
    errors,
    events,
    fields,
    insights,
    jobs,
    labels,
    list_comparing,
    list_content,
    list_mending,
    lists,
    long_imports,
    review,
    rules,
    saved_views,
    sheets,
    tokens,
    users,
    workspace,
)
from tamis.app.api.reading import Strict

PREFIX = "api/v1/"

DESCRIPTION = """Everything that the console does, for programs. Send a token with every request:
`Authorization: Bearer tamis_...`. Bodies and answers are JSON in UTF-8; moments are ISO 8601 with their time zone.
Answers of many items come in pages: ask again with `cursor` set to `next`, until it is null. A request that changes
something may bear an `Idempotency-Key`: sent twice, it is done once. Errors have one shape, in the language of
`Accept-Language` (fr, en)."""

api = NinjaAPI(
    title="Tamis", version=__version__, description=DESCRIPTION, openapi_url=None, docs_url=None, parser=Strict(),
    urls_namespace="api-v1",
)  # fmt: skip
errors.install(api)
for noun in (
    workspace, lists, list_content, list_comparing, list_mending, sheets, company_selection, companies, company_imports,
    saved_views, contacts, labels, rules, audiences, audience_members, audience_actions, insights, review, doubles,
    events, jobs, long_imports, fields, audit, users, tokens,
):  # fmt: skip
    api.add_router("", noun.router)


@cache
def description() -> dict[str, Any]:
    """The OpenAPI description of every operation."""
    return dict(api.get_openapi_schema(path_prefix=PREFIX))


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI description, open to all: it says what there is, not what is in it."""
    return JsonResponse(description(), json_dumps_params={"ensure_ascii": False})


@csrf_exempt
def events_view(request: HttpRequest) -> HttpResponseBase:
    """``/api/events``: the address that collectors know, whatever the version of the API behind it."""
    view: HttpResponseBase = resolve(f"/{PREFIX}events").func(request)
    return view
