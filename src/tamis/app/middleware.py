"""What happens around every page: a strict content policy, the reader's language, and errors told as sentences."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation.trans_real import parse_accept_lang_header

from tamis.app.models import Session, User, Workspace
from tamis.app.services.kept_files import MAX_UPLOAD
from tamis.app.views.sign_in import LANGUAGE_COOKIE, address_of
from tamis.errors import NotFound, NotReady, Refused, TamisError
from tamis.messages import LANGUAGES, say, speaking

GetResponse = Callable[[HttpRequest], HttpResponseBase]

SEEN_EVERY = timedelta(minutes=5)
_MAX_BODY = MAX_UPLOAD + 1_000_000  # the file, and what a form puts around it
_POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; "
    "script-src 'self'; style-src 'self'"
)


def content_security_policy(get_response: GetResponse) -> GetResponse:
    """Let a page load only what this server ships: no inline script or style, no frame, no other host.

    What somebody sees when signed in stays in no cache: after signing out, the back button shows nothing of it. Nor
    does what a program is answered, which no browser takes for a page either.
    """

    def policed(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", _POLICY)
        if request.user.is_authenticated or is_api(request):
            response.headers.setdefault("Cache-Control", "no-store")
        if is_api(request):
            response.headers.setdefault("Content-Disposition", 'attachment; filename="api.json"')
        return response

    return policed


def sessions_seen(get_response: GetResponse) -> GetResponse:
    """Remember when each session was last seen, to five minutes: reading a page should seldom write."""

    def seen(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        row = getattr(request.session, "row", None)
        if row and row.user_id and timezone.now() - row.last_seen > SEEN_EVERY:
            Session.objects.filter(pk=row.pk).update(last_seen=timezone.now(), address=address_of(request))
        return response

    return seen


def language(get_response: GetResponse) -> GetResponse:
    """Speak the reader's language, else the cookie's, else the workspace's, in the workspace's time zone."""

    def spoken(request: HttpRequest) -> HttpResponseBase:
        workspace = Workspace.objects.first()
        code = asked_language(request, workspace) if is_api(request) else _language_of(request, workspace)
        zone = ZoneInfo(workspace.time_zone if workspace else settings.TIME_ZONE)
        with translation.override(code), speaking(code), timezone.override(zone):
            response = get_response(request)
        response.headers.setdefault("Content-Language", code)
        patch_vary_headers(response, ("Accept-Language",) if is_api(request) else ("Cookie",))
        return response

    return spoken


def is_api(request: HttpRequest) -> bool:
    """Whether a program is asking: no cookie counts then, and errors are JSON."""
    return request.path_info.startswith("/api/") and not request.path_info.startswith("/api/docs")


def asked_language(request: HttpRequest, workspace: Workspace | None) -> str:
    """The language that a program asks for with ``Accept-Language``, else the workspace's."""
    for code, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", "").lower()):
        if code[:2] in LANGUAGES:
            return code[:2]
    return workspace.language if workspace else "fr"


def _language_of(request: HttpRequest, workspace: Workspace | None) -> str:
    user = request.user
    wished = (
        user.language if isinstance(user, User) else "",
        request.COOKIES.get(LANGUAGE_COOKIE, ""),
        workspace.language if workspace else "",
    )
    return next((code for code in wished if code in LANGUAGES), "fr")


_STATUSES: tuple[tuple[type[TamisError], int], ...] = ((NotFound, 404), (NotReady, 503), (Refused, 409))


def errors_as_sentences(get_response: GetResponse) -> GetResponse:
    """Tell what somebody did wrong in a sentence: beside the form that they sent, or on a page of its own."""

    def telling(request: HttpRequest) -> HttpResponseBase:
        if _length(request) > _MAX_BODY:
            sentence = say("Le fichier dépasse {max} Mo : importez-le en ligne de commande.", max=MAX_UPLOAD // 10**6)
            return _page(request, str(sentence), 413)
        return get_response(request)

    telling.process_exception = _tell  # type: ignore[attr-defined]
    return telling


def _length(request: HttpRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdigit() else 0


def _tell(request: HttpRequest, error: Exception) -> HttpResponse | None:
    if not isinstance(error, TamisError):
        return None
    status = next((status for kind, status in _STATUSES if isinstance(error, kind)), 400)
    if getattr(request, "htmx", False):
        return _fragment(request, str(error), status)
    if request.method == "POST" and (back := _came_from(request)):
        messages.error(request, str(error))
        return redirect(back)
    return _page(request, str(error), status)


def _fragment(request: HttpRequest, sentence: str, status: int) -> HttpResponse:
    response = render(request, "errors/_fragment.html", {"sentence": sentence}, status=status)
    response["HX-Retarget"], response["HX-Reswap"], response["HX-Reselect"] = "#flash", "innerHTML", ".flash"
    return response


def _page(request: HttpRequest, sentence: str, status: int) -> HttpResponse:
    context: dict[str, Any] = {"sentence": sentence, "status": status}
    return render(request, "errors/sentence.html", context, status=status)


def _came_from(request: HttpRequest) -> str | None:
    """The page of this console that a form was sent from, when the browser says."""
    address = request.META.get("HTTP_REFERER", "")
    if not url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure()):
        return None
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
