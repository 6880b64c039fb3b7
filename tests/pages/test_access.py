"""Who passes where: every address of the console, with every role."""

from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

from tamis.app.gates import RIGHTS
from tamis.app.models import Erasure, Job
from tamis.app.urls import urlpatterns as addresses

OPEN = {
    "sign-in", "sign-out", "language", "password-forgotten", "password-choose", "oidc-start", "oidc-callback",
    "api-openapi", "api-events",
}  # fmt: skip
urlpatterns = [each for each in addresses if isinstance(each, URLPattern)]  # the API has tests/api/test_access.py
NAMES = sorted(pattern.name or "" for pattern in urlpatterns)
GATED = sorted(set(NAMES) - OPEN)
VIEWS: dict[str | None, Any] = {pattern.name: pattern.callback for pattern in urlpatterns}


@pytest.fixture
def field(alice: Any) -> Any:
    """A field of the users' own."""
    from tamis.app.models import CustomField
    from tamis.app.services import custom_fields

    return custom_fields.add(alice, "Potentiel", CustomField.Type.CHOICE, choices=["fort", "faible"])


@pytest.fixture
def lea(workspace: Any) -> Any:
    """Somebody to administer."""
    from tamis.app.models import User

    return User.objects.create_user("lea", role="viewer")


@pytest.fixture
def labels(alice: Any) -> Any:
    """A status and a tag of the users' own."""
    from tamis.app.services import statuses, tags

    return statuses.add(alice, "Chaud"), tags.add(alice, "Salon", "Lyon")


@pytest.fixture
def address(
    alice: Any, company: Any, make_list: Any, import_lines: Any, field: Any, lea: Any, labels: Any
) -> Any:  # fmt: skip
    """An address of each name that leads somewhere."""
    from tamis.app.models import AudienceAction, Mode
    from tamis.app.services import audience_actions, audiences, contacts

    contact = contacts.add(alice, {"email": "a.durand@acme.fr", "last_name": "Durand"})
    erasure = Erasure.objects.create(at=timezone.now(), by="alice", via="cli", digest="0" * 64)
    status, tag = labels
    audience = audiences.create(
        alice, "Lyonnais", audiences.Definition('contacts where city = "Lyon"', Mode.DYNAMIC)
    )  # fmt: skip
    hook = audience_actions.Wanted(AudienceAction.Kind.WEBHOOK, "https://exemple.fr/tamis")
    action = audience_actions.add(alice, audience, hook)
    acme, target = company("Acme", siren="732829320"), make_list("prospect", "salons")
    import_lines(target, "Acme;732829320;;")
    job = Job.objects.create(kind="company-export", by="alice", created_at=timezone.now(), not_before=timezone.now())
    given = {
        "pk": target.pk, "number": 1, "token": "0" * 32, "key": field.key, "whose": "MQ", "name": "refused.csv",
    }  # fmt: skip

    def of(name: str) -> str:
        pattern = next(each for each in urlpatterns if each.name == name)
        arguments = {key: given[key] for key in pattern.pattern.converters}
        if name.startswith("company"):
            arguments["pk"] = acme.pk
        if name.startswith("contact") and "pk" in arguments:
            arguments["pk"] = contact.pk
        if name.startswith("audience") and "pk" in arguments:
            arguments["pk"] = audience.pk
        if name == "audience-action-delete":
            arguments["number"] = action.pk
        if name == "erasure":
            arguments["pk"] = erasure.pk
        if name in ("status", "status-move"):
            arguments["pk"] = status.pk
        if name in ("tag", "tag-category"):
            arguments["pk"] = tag.pk if name == "tag" else tag.category_id
        if name in ("user", "user-change", "user-link", "user-switch", "user-unblock"):
            arguments["pk"] = lea.pk
        if name.startswith("job") and "pk" in arguments:
            arguments["pk"] = job.pk
        return reverse(name, kwargs={key: arguments[key] for key in pattern.pattern.converters})

    return of


def test_every_page_but_signing_in_has_a_gate() -> None:
    assert {name for name, view in VIEWS.items() if not hasattr(view, "right")} == OPEN


def test_nobody_passes_without_signing_in(address: Any) -> None:
    for name in GATED:
        for method in ("get", "post"):
            answer = getattr(Client(HTTP_HOST="localhost"), method)(address(name))
            assert answer.status_code == 302, name
            assert answer["Location"].startswith("/sign-in/"), name


@pytest.mark.parametrize("role", ["admin", "editor", "viewer"])
@pytest.mark.parametrize("name", GATED)
def test_a_role_passes_where_it_has_the_right(name: str, role: str, address: Any, client_as: Any, request: Any) -> None:
    client = client_as(request.getfixturevalue(role))
    allowed = VIEWS[name].right in RIGHTS[role]
    for method in ("get", "post"):
        status = getattr(client, method)(address(name)).status_code
        assert (status != 403) is allowed, method
        assert status < 500, method


def test_a_change_without_its_token_is_refused(address: Any, admin: Any, client_as: Any) -> None:
    browser = client_as(admin, enforce_csrf_checks=True)
    for name in GATED:
        answer = browser.post(address(name))
        assert answer.status_code == 403, name
        assert "Page trop vieille" in answer.content.decode(), name


def test_every_answer_has_the_content_policy_and_nothing_inline(address: Any, admin: Any, client_as: Any) -> None:
    for name in NAMES:
        answer = client_as(admin).get(address(name))
        policy = answer["Content-Security-Policy"]
        assert "default-src 'self'" in policy, name
        assert "frame-ancestors 'none'" in policy, name
        assert "unsafe" not in policy, name
        page = "" if answer.streaming else answer.content.decode()
        for inline in (" style=", "<style", "<script>", " onclick"):
            assert inline not in page, name


def test_a_viewer_is_offered_nothing_to_change(victor: Client, address: Any) -> None:
    for name in (
        "overview", "lists", "list", "list-versions", "list-version", "companies", "company", "audit", "act", "jobs",
        "job", "contacts", "contact", "events", "contact-events", "company-events",
        "audience-actions",
    ):  # fmt: skip
        page = victor.get(address(name)).content.decode()
        forms = [part for part in page.split("<form")[1:] if 'method="post"' in part.split(">")[0]]
        actions = {part.split('action="')[1].split('"')[0] for part in forms if 'action="' in part.split(">")[0]}
        assert actions <= {"/language/", "/sign-out/"}, name
        assert "/lists/new/" not in page, name
        assert "/companies/new/" not in page, name
        assert "/companies/import/" not in page, name
        assert "/contacts/new/" not in page, name
        assert "/contacts/import/" not in page, name
