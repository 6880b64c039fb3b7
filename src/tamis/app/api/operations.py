"""What every operation of the API shares: a token, a right, a rate, a key against doing twice, documented refusals."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from http import HTTPStatus
from inspect import cleandoc
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponseBase
from ninja import Router, Status
from ninja.security import HttpBearer
from pydantic import TypeAdapter

from tamis.app.api.errors import ErrorOut, Forbidden, Invalid, TooMany
from tamis.app.api.reading import refuse_large, refuse_unknown
from tamis.app.gates import Right, bearer_may
from tamis.app.models import Token
from tamis.app.services import rates, tokens
from tamis.app.services.acting import Actor
from tamis.app.services.kept_answers import once
from tamis.messages import say

Operation = Callable[..., Any]
SAFE = "GET"
MAX_KEY = 200


class BearerToken(HttpBearer):
    """Lets a token in that has the right, and has requests left this minute. The right stands here to be walked."""

    openapi_description = "A token from the page « Réglages › Jetons », `tamis tokens create`, or `POST /tokens`."

    def __init__(self, right: Right, rate: str) -> None:
        super().__init__()
        self.right = right
        self.rate = rate

    def authenticate(self, request: HttpRequest, token: str) -> Token:
        """The token; raises :class:`NotLetIn` (401), :class:`TooMany` (429) or :class:`Forbidden` (403)."""
        found = tokens.let_in(token.strip())
        _spend(found, self.rate)
        if not bearer_may(found, self.right):
            raise Forbidden(say("Ni ce jeton, ni un compte de ce rôle, n'a le droit de faire cela."), "right.missing")
        refuse_large(request)
        return found


_counters = {"API_RATE": rates.Counter("spent"), "EVENTS_RATE": rates.Counter("events_spent")}
"""What is counted of a token, by the setting that says how much of it a minute has."""


def _spend(token: Token, setting: str) -> None:
    """Count a request of this token; raises :class:`TooMany` beyond the rate."""
    rate = getattr(settings, setting)
    if wait := _counters[setting].spend(token.pk, rate):
        raise TooMany(say("Plus de {n} demandes en une minute : attendez, puis recommencez.", n=rate), wait=wait)


def token_of(request: HttpRequest) -> Token:
    """The token that a request came with."""
    token: Token = request.auth  # type: ignore[attr-defined]
    return token


def actor_of(request: HttpRequest) -> Actor:
    """Who acts through the API: the owner of the token."""
    owner = token_of(request).owner
    return Actor(by=owner.username, via="api", user=owner)


REFUSALS: Mapping[int, str] = {
    400: "The body cannot be read as what it says it is.",
    401: "No token, or one that opens nothing: unknown, expired, revoked, its owner's account closed.",
    403: "The token, or its owner's role, does not have the right.",
    404: "What the address names does not exist.",
    409: "Not as things stand: a name taken, a quota, a lock, somebody at work (`Retry-After`).",
    413: "Too large to be taken at once.",
    415: "A body of another kind than the operation reads.",
    422: "A value that the operation does not take; `faults` names every one.",
    429: "More requests than a token has a minute; `Retry-After` says how many seconds to wait.",
    500: "A fault of Tamis, noted in its log.",
    503: "The database does not answer, or the workspace waits for an upgrade.",
}
"""What each status means: what operations document, and the page of the API explains."""

_ALWAYS = (401, 403, 422, 429, 500, 503)
_KEY_HEADER: dict[str, Any] = {
    "in": "header", "name": "Idempotency-Key", "required": False,
    "schema": {"type": "string", "pattern": f"^[!-~]{{1,{MAX_KEY}}}$"},
    "description": "A text of your choice, new for each thing you want done. The same request with the same "
    "key within 24 hours is answered as the first was, and changes nothing again.",
    "example": "import-salon-2026-03-31",
}  # fmt: skip


def operation(
    router: Router,
    method: str,
    path: str,
    right: Right,
    answers: Any,
    *,
    status: int = 200,
    refuses: Sequence[int] = (),
    together: bool = True,
    hidden: Sequence[str] = (),
    file: str = "",
    rate: str = "API_RATE",
) -> Callable[[Operation], Operation]:
    """Register an operation: who may, what it answers, and how it refuses beyond the refusals of all.

    ``together`` keeps the answer to a key in the transaction of the change itself; an import, which has many
    transactions, keeps it after. ``hidden`` are fields of the answer that are never kept. ``file`` describes an answer
    that is a file, not JSON. ``rate`` is the setting that says how many requests a minute a token has.
    """

    def register(view: Operation) -> Operation:
        @wraps(view)
        def guarded(request: HttpRequest, **values: Any) -> Any:
            refuse_unknown(request, _query_names(guarded))
            key = _key_of(request) if method != SAFE else None
            if key is None:
                result = view(request, **values)
                return result if isinstance(result, HttpResponseBase) else Status(status, result)
            body = once(
                token_of(request), key, _fingerprint(request), lambda: _plain(answers, view(request, **values)),
                together=together, hidden=hidden,
            )  # fmt: skip
            return Status(status, body)

        summary, _, description = cleandoc(view.__doc__ or "").partition("\n")
        guarded.__doc__ = None  # the framework would say it once more in the place of an empty description
        body_refusals = () if method == SAFE else (400, 409, 413, 415)
        statuses = sorted({*_ALWAYS, *body_refusals, *refuses, *((404,) if "{" in path else ())})
        router.add_api_operation(
            path, [method], guarded, auth=BearerToken(right, rate), operation_id=view.__name__, url_name=view.__name__,
            by_alias=True, response={status: None if file else answers, **dict.fromkeys(statuses, ErrorOut)},
            summary=summary.rstrip("."), description=" ".join(description.split()),
            openapi_extra=_extra(method, right, status, statuses, file),
        )  # fmt: skip
        return guarded

    return register


def _extra(method: str, right: Right, status: int, statuses: Sequence[int], file: str) -> dict[str, Any]:
    """What the framework cannot know of an operation."""
    responses: dict[int, Any] = {each: {"description": REFUSALS[each]} for each in statuses}
    responses[429]["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}}
    responses[status] = {"description": HTTPStatus(status).phrase}
    if file:
        kinds = ("text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        schema = {"schema": {"type": "string", "format": "binary"}}
        responses[status] = {"description": file, "content": dict.fromkeys(kinds, schema)}
    extra: dict[str, Any] = {"responses": responses, "x-right": right.value}
    return extra if method == SAFE else extra | {"parameters": [_KEY_HEADER]}


def _query_names(view: Operation) -> set[str]:
    models = view._ninja_operation.models  # type: ignore[attr-defined]
    return {name for model in models if model.__ninja_param_source__ == "query" for name in model.__ninja_flatten_map__}


def _key_of(request: HttpRequest) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not (0 < len(key) <= MAX_KEY and key.isascii() and all("!" <= char <= "~" for char in key)):
        raise Invalid(
            say("La clé a de 1 à {max} caractères, lettres, chiffres et signes sans accent ni espace.", max=MAX_KEY),
            "key.form", field="Idempotency-Key", where="header",
        )  # fmt: skip
    return key


def _fingerprint(request: HttpRequest) -> str:
    """What was asked, in short: method, address, body; of a form its fields and files, whatever parts them."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type != "multipart/form-data":
        digest.update(request.body)
        return digest.hexdigest()
    digest.update(repr(sorted((name, request.POST.getlist(name)) for name in request.POST)).encode())
    for name, file in sorted(request.FILES.dict().items()):
        assert isinstance(file, UploadedFile)
        digest.update(f"\n{name} {file.name}\n".encode())
        for chunk in file.chunks():
            digest.update(chunk)
        file.seek(0)
    return digest.hexdigest()


def _plain(answers: Any, result: Any) -> Any:
    """An answer as the JSON that it will be."""
    assert not isinstance(result, HttpResponseBase)
    adapter = TypeAdapter(answers)
    return adapter.dump_python(adapter.validate_python(result), mode="json", by_alias=True)
