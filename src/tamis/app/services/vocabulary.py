"""The words that rules may use in this workspace: its fields, kinds of events, lists, tags, statuses, its zone."""

from zoneinfo import ZoneInfo

from tamis.app.models import Audience, CustomField, List, Status, Tag, Workspace
from tamis.app.services import event_kinds
from tamis.rules.fields import BUILT_IN, own_field
from tamis.rules.nodes import Subject
from tamis.rules.vocabulary import AudienceWord, ListWord, StatusWord, TagWord, Vocabulary, Word


def vocabulary() -> Vocabulary:
    """Every word as it is now."""
    workspace = Workspace.objects.get()
    return Vocabulary(
        fields={"companies": _fields("companies"), "contacts": _fields("contacts")},
        kinds=event_kinds.kinds(),
        lists=tuple(ListWord(*row) for row in List.objects.filter(deleted_at=None).values_list("pk", "name")),
        tags=tuple(TagWord(*row) for row in Tag.objects.values_list("pk", "name", "category__name")),
        statuses=tuple(_status(each) for each in Status.objects.all()),
        audiences=tuple(
            AudienceWord(each.pk, each.name, "companies" if each.subject == "companies" else "contacts")
            for each in Audience.objects.only("name", "subject")
        ),
        zone=ZoneInfo(workspace.time_zone),
        currency=workspace.currency,
    )


def _fields(subject: Subject) -> dict[str, Word]:
    of = CustomField.Subject.COMPANY if subject == "companies" else CustomField.Subject.CONTACT
    own = CustomField.objects.filter(subject=of).order_by("label")
    return {
        **BUILT_IN[subject],
        **dict(own_field(subject, each.key, each.label, each.type, each.choices) for each in own),
    }


def _status(status: Status) -> StatusWord:
    who: list[tuple[bool, Subject]] = [(status.for_companies, "companies"), (status.for_contacts, "contacts")]
    return StatusWord(status.pk, status.name, tuple(subject for allowed, subject in who if allowed))
