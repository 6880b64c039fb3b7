"""The page that documents the API, made from its description: nothing to load, and it says what the code says."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tamis.app.api import french
from tamis.app.api.operations import REFUSALS
from tamis.app.api.v1 import description
from tamis.app.gates import Right, gate
from tamis.messages import language

Json = Mapping[str, Any]


@gate(Right.READ)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Every operation under its noun, with what it takes, what it answers, and how it refuses."""
    spoken = language.get()
    return render(request, "api/docs.html", {"nouns": _nouns(spoken), "statuses": _statuses(spoken)})


def _statuses(spoken: str) -> Sequence[tuple[int, str]]:
    return sorted(french.STATUSES.items()) if spoken == "fr" else STATUSES


STATUSES = sorted({**REFUSALS, 405: "The address does not know the method; `Allow` says which it does."}.items())


@cache
def _nouns(spoken: str) -> dict[str, list[dict[str, Any]]]:
    """The operations under their nouns: both in French for who reads it, the fields always in English."""
    described = description()
    nouns: dict[str, list[dict[str, Any]]] = {}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            shown = _operation(method.upper(), path, operation, described["components"]["schemas"])
            noun = operation["tags"][0]
            if spoken == "fr":
                noun, shown["summary"] = french.NOUNS[noun], french.SUMMARIES[shown["id"]]
            nouns.setdefault(noun, []).append(shown)
    return nouns


def _operation(method: str, path: str, operation: Json, schemas: Json) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {})
    kind = next(iter(body), "")
    good = next(answer for status, answer in operation["responses"].items() if int(status) < 400)
    answered = good.get("content", {}).get("application/json", {}).get("schema", {})
    return {
        "id": operation["operationId"],
        "method": method,
        "path": path,
        "right": operation["x-right"],
        "summary": operation["summary"],
        "description": operation.get("description", ""),
        "parameters": [_parameter(each) for each in operation["parameters"]],
        "body_kind": kind,
        "body": [*_fields(body[kind]["schema"], schemas)] if kind else [],
        "answer_kinds": [*good.get("content", {})],
        "answer": [*_fields(answered, schemas)],
        "refusals": [status for status in operation["responses"] if int(status) >= 400],
    }


def _parameter(parameter: Json) -> dict[str, Any]:
    return {
        "name": parameter["name"],
        "where": parameter["in"],
        "type": _type(parameter["schema"]),
        "required": parameter["required"],
        "description": parameter.get("description", ""),
    }


def _fields(schema: Json, schemas: Json, prefix: str = "", deep: int = 0) -> Iterator[dict[str, Any]]:
    """The fields of a shape, those within fields after them, by their place: ``items[].name``."""
    schema = _resolved(schema, schemas)
    required: Sequence[str] = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        yield {
            "name": prefix + name,
            "type": _type(field),
            "required": name in required,
            "description": field.get("description", ""),
        }
        inner, mark = (field["items"], "[].") if "items" in field else (field, ".")
        if deep < 2:
            yield from _fields(inner, schemas, prefix + name + mark, deep + 1)


def _resolved(schema: Json, schemas: Json) -> Json:
    name = schema.get("$ref", "").rpartition("/")[2]
    return schemas[name] if name else schema


def _type(schema: Json) -> str:
    """A type as one reads it: ``integer, 1 to 500``, ``string or null``, ``"csv" or "xlsx"``."""
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(each) for each in schema["anyOf"]))
    if "enum" in schema:
        return " | ".join(f'"{value}"' for value in schema["enum"])
    if "$ref" in schema:
        return "object"
    if schema.get("type") == "array":
        return f"[{_type(schema['items'])}]"
    word = str(schema.get("format") or schema.get("type") or "any")
    bounds = [schema[key] for key in ("minimum", "maximum") if key in schema and schema[key] < 2**53]
    return f"{word} {'–'.join(map(str, bounds))}" if len(bounds) == 2 else word
