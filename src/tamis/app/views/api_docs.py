"""The page that documents the API, made from its description."""

from django.http import HttpRequest, HttpResponse

from tamis.app.gates import Right, gate


@gate(Right.READ)
def show(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")
