"""How requests are read: JSON that is JSON, texts that are texts, parameters that exist."""

import json
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser

from tamis.app.api.errors import Invalid, Malformed, OtherKind, TooLarge
from tamis.errors import did_you_mean
from tamis.messages import say

MAX_JSON = 5_000_000  # bytes


class Strict(Parser):
    """Reads JSON as its standard writes it, and no text that a database could not keep."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The value that a body holds."""
        if request.content_type and request.content_type != "application/json":
            raise OtherKind(say("Envoyez du JSON : « Content-Type: application/json »."), "body.kind", where="body")
        try:
            value = json.loads(request.body, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):  # a number of thousands of digits, brackets within brackets
            raise Malformed(
                say("Le corps de la demande n'est pas du JSON lisible."), "json.unreadable", where="body"
            ) from None
        if _has_escapes(request.body):
            _refuse_unreadable(_texts(value))
        return value

    def parse_querydict(
        self, data: "MultiValueDict[str, Any]", list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        """The values of an address or of a form."""
        for name, values in data.lists():
            _refuse_unreadable([name, *(value for value in values if isinstance(value, str))])
        return super().parse_querydict(data, list_fields, request)


def refuse_large(request: HttpRequest) -> None:
    """Refuse a JSON body over the limit, before it is read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if request.content_type != "multipart/form-data" and length.isdigit() and int(length) > MAX_JSON:
        raise TooLarge(
            say("Le corps dépasse {max} Mo : envoyez-le en plusieurs fois.", max=MAX_JSON // 10**6),
            "request.large",
            where="body",
        )


def refuse_unknown(request: HttpRequest, known: Iterable[str]) -> None:
    """Refuse a parameter that the operation does not have: a filter with a slip of the pen would let all through."""
    names = {*known}
    for name in request.GET:
        if name not in names:
            raise Invalid(
                say("Aucun paramètre ne s'appelle « {name} ».{hint}", name=name[:60], hint=did_you_mean(name, names)),
                "parameter.unknown",
                field=name[:60],
                where="query",
            )


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _has_escapes(body: bytes) -> bool:
    """Whether a text within could be unreadable: JSON writes such characters as escapes; UTF-16 has zero bytes."""
    return b"\\u" in body or b"\0" in body


def _texts(value: Any) -> Iterable[str]:
    """Every text within a JSON value, the names of fields included."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str(text):
                yield text
            case list(values):
                waiting.extend(values)
            case dict(fields):
                waiting.extend(fields)
                waiting.extend(fields.values())


def _refuse_unreadable(texts: Iterable[str]) -> None:
    for text in texts:
        if "\x00" in text or (not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text)):
            raise Invalid(say("Un texte contient des caractères illisibles : retapez-le."), "text.unreadable")
