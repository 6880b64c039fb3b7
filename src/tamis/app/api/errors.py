"""Whatever goes wrong is told in one shape: ``{"error": {"code", "message", "field", "where", "help", "faults"}}``."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, UnreadablePostError
from ninja import Field, NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from tamis.app.middleware import asked_language, is_api
from tamis.app.services.companies import BadFields
from tamis.app.services.tokens import NotLetIn
from tamis.errors import Busy, NotFound, NotReady, Refused, TamisError, Unreadable
from tamis.messages import Message, say, speaking
from tamis.rules.errors import RuleError
from tamis.sources.company_fields import field_of

HELP = "/api/docs#error-{status}"
logger = logging.getLogger("django.request")

Where = Literal["path", "query", "header", "body", "form", "file"]


class FaultOut(Schema):
    """One thing that is wrong."""

    field: str = Field(description="The field, as `companies.0.siren`; empty when no single field is at fault.")
    code: str = Field(description="A stable name of what is wrong, for programs.")
    message: str = Field(description="What is wrong, for people.")


class PlaceOut(Schema):
    """Where in a rule the mistake stands."""

    line: int = Field(description="From 1.")
    column: int = Field(description="From 1.")
    start: int = Field(description="The first character at fault, of the whole text, from 0.")
    end: int = Field(description="The first one after it.")
    reason: str = Field(description="What is wrong, without the place.")
    hint: str = Field(description="The word that was meant, if one is near; else empty.")


class Problem(Schema):
    """What went wrong, where, and what to do."""

    code: str = Field(description="A stable name of the error, for programs.", examples=["list.taken"])
    message: str = Field(
        description="What was wrong and what to do, in the language of `Accept-Language` (fr, en).",
        examples=["Une liste s'appelle déjà « prospect-salons »."],
    )
    field: str | None = Field(None, description="The field at fault, if there is one.")
    where: Where | None = Field(None, description="The part of the request that the field is in.")
    help: str = Field(description="Where this kind of error is explained.", examples=[HELP.format(status=409)])
    faults: list[FaultOut] = Field(default_factory=list, description="Everything that is wrong, when it is several.")
    place: PlaceOut | None = Field(None, description="Where in a rule the mistake stands.")


class ErrorOut(Schema):
    """The answer to whatever could not be done. Nothing was changed."""

    error: Problem


class ApiError(TamisError):
    """A request that cannot be taken, before any service sees it."""

    status = 400
    where: Where | None = None

    def __init__(self, message: Message, code: str, *, field: str = "", where: Where | None = None) -> None:
        super().__init__(message, code)
        self.field = field
        self.where = where


class Malformed(ApiError):
    """A body that is not what it says it is."""


class Forbidden(ApiError):
    """A token, or its owner, without the right."""

    status = 403


class TooLarge(ApiError):
    """More than is taken at once."""

    status = 413


class OtherKind(ApiError):
    """A body of a kind that the operation does not read."""

    status = 415


class Invalid(ApiError):
    """A value that the operation does not take."""

    status = 422


class TooMany(ApiError):
    """More requests than a token has a minute."""

    status = 429

    def __init__(self, message: Message, wait: int) -> None:
        super().__init__(message, "rate")
        self.wait = wait


_STATUSES: tuple[tuple[type[TamisError], int], ...] = (
    (NotLetIn, 401), (NotFound, 404), (BadFields, 422), (RuleError, 422), (Unreadable, 422), (NotReady, 503),
    (Refused, 409),
)  # fmt: skip
_BY_CODE: Mapping[str, int] = {
    "file.long": 413, "file.big": 413, "engine.failed": 503, "snapshot.failed": 503, "lake.unreadable": 503,
    **dict.fromkeys(
        ("filter.number", "list.name", "setting", "field.key", "field.choices", "field.unknown", "token.name",
         "token.days", "user.name", "map.heading", "map.field", "kind.unknown", "kind.key", "kind.label",
         "kind.property", "kind.type", "contact.form", "email.form", "domain.form", "domain.suffix", "domain.public",
         "rule.now", "rule.who", "rule.long", "filter.subject"),
        422,
    ),
}  # fmt: skip
"""Refusals of a value, not of the moment: asking again later would not help."""


def status_of(error: TamisError) -> int:
    """The HTTP status of an error."""
    if isinstance(error, ApiError):
        return error.status
    by_kind = next((status for kind, status in _STATUSES if isinstance(error, kind)), 400)
    return _BY_CODE.get(error.code, by_kind)


def told(error: TamisError) -> HttpResponse:
    """The answer to an error."""
    faults = [
        {"field": _key(fault.column), "code": fault.code, "message": str(fault.reason)}
        for fault in getattr(error, "faults", ())
    ] or getattr(error, "places", [])
    field, where = getattr(error, "field", ""), getattr(error, "where", None)
    response = answer(status_of(error), error.code, str(error), field=field, where=where, faults=faults,
                      place=error.place)  # fmt: skip
    if isinstance(error, NotLetIn):
        response["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooMany | Busy):
        response["Retry-After"] = str(getattr(error, "wait", 1))
    return response


def _key(heading: str) -> str:
    """The field of a company that a heading names: programs know it by its key."""
    named = field_of(heading)
    return named.key if named else heading


def answer(
    status: int,
    code: str,
    message: str,
    *,
    field: str = "",
    where: Where | None = None,
    faults: Sequence[Mapping[str, str]] = (),
    place: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """An error in its shape."""
    problem = {
        "code": code, "message": message, "field": field or None, "where": where,
        "help": HELP.format(status=status), "faults": [*faults], "place": place or None,
    }  # fmt: skip
    return JsonResponse({"error": problem}, status=status, json_dumps_params={"ensure_ascii": False})


def install(api: NinjaAPI) -> None:
    """Make the API tell its errors so."""
    handlers: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
        TamisError: lambda _request, error: told(error),
        AuthenticationError: lambda _request, _error: told(NotLetIn(_NO_TOKEN, "token.missing")),
        HttpError: lambda _request, error: told(_cause(error)),
        ValidationError: lambda _request, error: _invalid(error),
        RequestDataTooBig: lambda _request, _error: _of_status(413),
        UnreadablePostError: lambda _request, _error: _of_status(400),
        SuspiciousOperation: lambda _request, _error: _of_status(400),
        BadRequest: lambda _request, _error: _of_status(400),
        OperationalError: _busy_database,
        Exception: _broken,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


_NO_TOKEN = say("Il manque un jeton : envoyez l'en-tête « Authorization: Bearer … ». Les réglages en donnent.")
_NOT_JSON = say("Le corps de la demande n'est pas du JSON lisible.")


def _cause(error: HttpError) -> TamisError:
    """What a reader of bodies found; the framework wraps it."""
    cause = error.__cause__
    return cause if isinstance(cause, TamisError) else Malformed(_NOT_JSON, "json.unreadable", where="body")


def _broken(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.error("%s %s", request.method, request.path, exc_info=error)
    return _of_status(500)


def _busy_database(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.error("%s %s", request.method, request.path, exc_info=error)
    return _of_status(503)


def _invalid(error: ValidationError) -> HttpResponse:
    """Every value that does not fit, the first in front."""
    faults = [*{fault["field"]: fault for fault in map(_fault, reversed(error.errors))}.values()][::-1]
    where, first = error.errors[0]["loc"][0], faults[0]
    message = say("{column} : {reason}", column=first["field"], reason=first["message"])
    text = str(message) if first["field"] else first["message"]
    return answer(422, "invalid", text, field=first["field"], where=where, faults=faults)


_NO_FIELDS = frozenset({"data", "str", "int", "float", "bool"})
"""Parts of a place that name no field: what operations call their body, and the types that a value may have."""


def _fault(error: Mapping[str, Any]) -> dict[str, str]:
    path = [str(part) for part in error["loc"][1:] if str(part) not in _NO_FIELDS]
    reason = _REASONS.get(error["type"], say("la valeur ne convient pas"))
    values = {key: str(value).replace(" or ", ", ") for key, value in error.get("ctx", {}).items()}
    return {"field": ".".join(path), "code": error["type"], "message": str(Message(reason.text, values))}


_WRITTEN = say("écrivez un texte")
_WHOLE = say("écrivez un nombre entier")
_YES_NO = say("écrivez true ou false")
_OBJECT = say("un objet JSON est attendu")
_REASONS: Mapping[str, Message] = {
    "missing": say("le champ manque"),
    "extra_forbidden": say("ce champ n'existe pas"),
    "string_type": _WRITTEN,
    "string_unicode": say("le texte contient des caractères illisibles"),
    "string_too_long": say("{max_length} caractères au plus"),
    "string_too_short": say("{min_length} caractères au moins"),
    "string_pattern_mismatch": say("la forme attendue est {pattern}"),
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": _WHOLE,
    "whole": _WHOLE,
    "bool_type": _YES_NO,
    "bool_parsing": _YES_NO,
    "list_type": say("une liste est attendue"),
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "too_long": say("{max_length} au plus"),
    "too_short": say("{min_length} au moins"),
    "greater_than_equal": say("{ge} au moins"),
    "less_than_equal": say("{le} au plus"),
    "literal_error": say("choisissez parmi {expected}"),
    "none_required": say("laissez ce champ vide"),
}

_BY_STATUS: Mapping[int, tuple[str, Message]] = {
    400: ("request.unreadable", say("La demande est illisible.")),
    404: ("address.unknown", say("Rien n'est à cette adresse : voyez la documentation de l'API.")),
    405: ("method.unknown", say("Cette adresse ne connaît pas cette méthode : l'en-tête Allow dit lesquelles.")),
    413: ("request.large", say("La demande est trop grande : envoyez-la en plusieurs fois.")),
    500: ("fault", say("Panne de Tamis, notée dans son journal : voyez ce qui a été fait avant de recommencer.")),
    503: ("database.busy", say("La base de données ne répond pas : recommencez dans un instant.")),
}


def _of_status(status: int) -> HttpResponse:
    code, message = _BY_STATUS.get(status, _BY_STATUS[400])
    response = answer(status, code, str(message))
    if status == 503:
        response["Retry-After"] = "5"
    return response


def one_shape(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: give what no operation answered (unknown address, wrong method, a fault of ours) the same shape."""

    def shaped(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not is_api(request) or response.status_code < 400 or _is_json(response):
            return response
        with speaking(asked_language(request, None)):
            mine = _of_status(response.status_code)
        mine.status_code = response.status_code
        for name, value in response.headers.items():
            if name not in ("Content-Type", "Content-Length"):
                mine.headers.setdefault(name, value)
        return mine

    return shaped


def _is_json(response: HttpResponseBase) -> bool:
    return str(response.headers.get("Content-Type", "")).startswith("application/json")
