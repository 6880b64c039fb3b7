"""Who visitors are: read from the events that identify them, as often as one likes with the same result.

An identification reaches back to the one before it, and no further: what a visitor did after the previous
identification, up to this one, is of whom this one names; what comes after the last one is of the last. So a second
person on the same browser does not inherit the first.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from tamis.app.models import Company, CompanyDomain, CompanyIdentifier, Contact, Identifying, Stay
from tamis.app.services import lake

if TYPE_CHECKING:
    from tamis.lake.read import Identified, Party, View

OVERLAP = timedelta(minutes=15)
"""Arrivals are read again for as long: they are noted in the order of clocks, not of commits."""
CHUNK = 1_000


def refresh(*, waiting: bool = False) -> int:
    """Tie the visitors about whom an identification came since the last time; how many visitors were looked at.

    ``waiting``: look even when nothing was flushed since, at what waits in the inbox. Raises
    :class:`~tamis.errors.Busy` while somebody is at work on the lake.
    """
    from tamis.lake.read import identified_since

    state = Identifying.objects.first()
    started = timezone.now()
    if not waiting and state and state.received and lake.last_flush() < state.received:
        return 0
    with lake.alone():  # nobody is erased between what is read and what is written
        view = lake.view()
        since = state.received - OVERLAP if state and state.received else None
        visitors = identified_since(view, since)
        for start in range(0, len(visitors), CHUNK):
            _rebuild(view, visitors[start : start + CHUNK])
    Identifying.objects.update_or_create(pk=1, defaults={"received": started})
    return len(visitors)


def rebuild() -> int:
    """Read every identification again; how many stays there are."""
    from tamis.lake.read import identified_since

    view = lake.view()
    visitors = identified_since(view, None)
    with transaction.atomic():
        Stay.objects.exclude(visitor__in=visitors).delete() if len(visitors) < CHUNK else Stay.objects.all().delete()
        for start in range(0, len(visitors), CHUNK):
            _rebuild(view, visitors[start : start + CHUNK])
    return Stay.objects.count()


def _rebuild(view: "View", visitors: Sequence[str]) -> None:
    """Bring the stays of these visitors in line with their identifications; what is right already is left alone."""
    from tamis.lake.read import identifications

    wanted = {
        (each.visitor, each.until): each
        for visitor, found in groupby(identifications(view, visitors), key=lambda each: each.visitor)
        for each in stays_of(visitor, found)
    }
    with transaction.atomic():
        standing = {(each.visitor, each.until): each for each in Stay.objects.filter(visitor__in=visitors)}
        wrong = [each.pk for key, each in standing.items() if key not in wanted or not _same(each, wanted[key])]
        Stay.objects.filter(pk__in=wrong).delete()
        new = [each for key, each in wanted.items() if key not in standing or not _same(standing[key], each)]
        Stay.objects.bulk_create(new, batch_size=CHUNK)


def stays_of(visitor: str, identified: "Iterable[Identified]") -> list[Stay]:
    """The stays that the identifications of one visitor make. Of two at one moment the last one given counts."""
    by_moment = {each.ts: each for each in identified}
    moments = sorted(by_moment)
    ends: list[datetime | None] = [*moments[:-1], None]
    starts: list[datetime | None] = [None, *moments[:-1]]
    return [
        Stay(
            visitor=visitor,
            after=after,
            until=until,
            at=moment,
            event=by_moment[moment].id,
            **_named(by_moment[moment]),
        )
        for moment, after, until in zip(moments, starts, ends, strict=True)
    ]


def _named(identified: "Identified") -> dict[str, str]:
    return {
        "contact_ref": identified.contact_id or "", "contact_email": identified.contact_email or "",
        "company_ref": identified.company_id or "", "company_siren": identified.company_siren or "",
        "company_domain": identified.company_domain or "",
    }  # fmt: skip


_SAID = ("after", "at", "contact_ref", "contact_email", "company_ref", "company_siren", "company_domain", "event")


def _same(one: Stay, other: Stay) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in _SAID)


def party_of_contact(contact: Contact) -> "Party":
    """Everything by which the events of a contact that is known are found."""
    return contact_party(emails=[contact.email_key] if contact.email_key else [], ids=[str(contact.pk)])


def party_of_company(company: Company) -> "Party":
    """Everything by which the events of a company, of all its contacts and of its visitors are found."""
    known = [*Contact.objects.filter(company=company).values_list("pk", "email_key")]
    return company_party(company, emails=[key for _, key in known if key], contact_ids=[str(pk) for pk, _ in known])


def _domains(company: Company) -> list[str]:
    """The domains at and below which events are a company's: the registrable one where it is alone, else its host.

    :mod:`tamis.rules.sql.attribution` says the same.
    """
    own = [*company.domains.values_list("key", "host")]
    keys = {key for key, _ in own}
    others = {*CompanyDomain.objects.filter(key__in=keys).exclude(company=company).values_list("key", flat=True)}
    return sorted({host if key in others else key for key, host in own})


def contact_party(*, emails: Sequence[str] = (), ids: Sequence[str] = ()) -> "Party":
    """Everything by which the events of a contact are found."""
    from tamis.lake.read import Party

    stays = _stays(Q(contact_email__in=emails) | Q(contact_ref__in=ids))
    return Party(contact_ids=[*ids], emails=[*emails], stays=stays)


def company_party(company: Company, *, emails: Sequence[str] = (), contact_ids: Sequence[str] = ()) -> "Party":
    """Everything by which the events of a company, of these contacts of its and of its visitors are found."""
    from tamis.lake.read import Party

    ids = [str(pk) for pk in _with_absorbed(company.pk)]
    sirens = [company.siren] if company.siren else []
    sirens += company.identifiers.filter(type=CompanyIdentifier.Type.SIREN).values_list("value", flat=True)
    domains = _domains(company)
    who = Q(company_ref__in=ids) | Q(company_siren__in=sirens) | Q(contact_email__in=emails)
    who |= Q(contact_ref__in=contact_ids) | Q(company_domain__in=domains)
    for domain in domains:
        who |= Q(company_domain__endswith=f".{domain}")
    return Party(
        contact_ids=[*contact_ids], emails=[*emails], company_ids=ids, sirens=sirens, domains=domains,
        stays=_stays(who),
    )  # fmt: skip


def _with_absorbed(company: int) -> list[int]:
    """A company and those that were merged into it, directly or not."""
    found, latest = [company], [company]
    while latest:
        latest = [*Company.objects.filter(merged_into__in=latest).values_list("pk", flat=True)]
        found += latest
    return found


def _stays(who: Q) -> list[Any]:
    from tamis.lake.read import Stay as Span

    return [Span(*row) for row in Stay.objects.filter(who).values_list("visitor", "after", "until")]
