"""What audiences hold on their members, from entering to leaving: claims of lists [A9], and tags [B2].

Everything happens within the caller's act. A claim by rule ranks as its audience does; a tag by rule is the weakest of
a tag's hands, and goes when no audience holds it any more. One that a person took off meanwhile stays off.
"""

from collections.abc import Collection, Iterable

from django.utils import timezone

from tamis.app.models import (
    Act,
    Audience,
    AudienceAction,
    AudiencePin,
    Claim,
    ClaimKind,
    Company,
    List,
    Source,
    Tag,
    TagHold,
)
from tamis.app.services import labels, sorting
from tamis.app.services.subjects import COMPANY, CONTACT, Subject

BATCH = 1_000


def subject_of(audience: Audience) -> Subject:
    """What it holds."""
    return COMPANY if audience.subject == Audience.Subject.COMPANIES else CONTACT


def source_of(act: Act, audience: Audience) -> Source:
    """Where what an audience writes comes from: one row for each act."""
    values = {"label": audience.name[:255], "as_of": timezone.localdate(act.at)}
    return Source.objects.get_or_create(act=act, kind=Source.Kind.RULE, defaults=values)[0]


def claim(act: Act, audience: Audience, target: List, companies: Collection[int]) -> int:
    """Claim a list for companies by an audience's rule, and sort them; how many it did not claim before."""
    held = Claim.objects.filter(audience=audience, list=target, withdrawn_by=None, company__in=companies)
    new = {*companies} - {*held.values_list("company", flat=True)}
    there = Company.objects.filter(pk__in=new, merged_into=None).values_list("pk", flat=True)
    made = [
        Claim(
            company_id=company, list=target, kind=ClaimKind.RULE, rank=audience.position, at=act.at, audience=audience,
            made_by=act,
        )
        for company in sorted(there)
    ]  # fmt: skip
    Claim.objects.bulk_create(made, batch_size=BATCH)
    sorting.settle(act, [each.company_id for each in made])
    return len(made)


def unclaim(act: Act, audience: Audience, companies: Collection[int] | None = None) -> int:
    """Withdraw what an audience claims, of some companies or of all, and sort them; how many claims it was."""
    standing = Claim.objects.filter(audience=audience, withdrawn_by=None)
    if companies is not None:
        standing = standing.filter(company__in=companies)
    withdrawn = standing.update(withdrawn_by=act)
    if withdrawn:
        scope = sorting.touched_by(act) if companies is None else sorting.companies([*companies])
        sorting.resort(act, scope)
    return withdrawn


def rank_anew(act: Act) -> int:
    """Let standing claims rank as their audiences do now, and sort what rules claim; how many companies moved."""
    for each in Audience.objects.filter(actions__kind=AudienceAction.Kind.LIST):
        Claim.objects.filter(audience=each, withdrawn_by=None).exclude(rank=each.position).update(rank=each.position)
    return sorting.resort(act, sorting.claimed_by_rules())


def hold_tag(act: Act, action: AudienceAction, tag: Tag, subjects: Collection[int]) -> int:
    """Put a tag on members, and hold it there; on how many it was not yet."""
    held = TagHold.objects.filter(action=action, subject__in=subjects).values_list("subject", flat=True)
    new = {*subjects} - {*held}
    TagHold.objects.bulk_create(
        (TagHold(action=action, tag=tag, subject=each) for each in sorted(new)), batch_size=BATCH
    )
    return labels.put_by_rule(subject_of(action.audience), subjects, tag, source_of(act, action.audience))


def release_tag(action: AudienceAction, subjects: Collection[int] | None = None) -> int:
    """Hold the tag of an action no more, on some or on all; off how many it came."""
    holds = TagHold.objects.filter(action=action)
    if subjects is not None:
        holds = holds.filter(subject__in=subjects)
    tags: dict[int, list[int]] = {}
    for tag, subject in holds.values_list("tag", "subject"):
        tags.setdefault(tag, []).append(subject)
    holds.delete()
    return sum(_take_off(action.audience, tag, gone) for tag, gone in tags.items())


def _take_off(audience: Audience, tag: int, subjects: Collection[int]) -> int:
    """Take a rule's tag off those on whom no audience holds it."""
    off = 0
    for chunk in labels.chunks([*subjects]):
        others = TagHold.objects.filter(tag=tag, action__audience__subject=audience.subject, subject__in=chunk)
        free = {*chunk} - {*others.values_list("subject", flat=True)}
        off += labels.take_rules_off(subject_of(audience), free, tag)
    return off


def withdraw(act: Act, action: AudienceAction) -> None:
    """Take back what an action holds on members, because it is being deleted."""
    if action.kind == AudienceAction.Kind.LIST:
        unclaim(act, action.audience)
    if action.kind == AudienceAction.Kind.TAG:
        release_tag(action)


def pinned_by(actions: Iterable[AudienceAction]) -> dict[int, list[int]]:
    """Whom actions pinned into other audiences, or out of them, by the numbers of these."""
    found: dict[int, list[int]] = {}
    for target, subject in AudiencePin.objects.filter(by_action__in=actions).values_list("audience", "subject"):
        found.setdefault(target, []).append(subject)
    return found


def hand_pins_over(absorbed: int, kept: int) -> list[int]:
    """Give what hands said of a company to the one it is merged into, where none said anything of that; which pins."""
    pins = AudiencePin.objects.filter(audience__subject=Audience.Subject.COMPANIES)
    there = pins.filter(subject=kept).values("audience")
    ids = [*pins.filter(subject=absorbed, by_action=None).exclude(audience__in=there).values_list("pk", flat=True)]
    pins.filter(pk__in=ids).update(subject=kept)
    return ids


def give_pins_back(pins: Collection[int], kept: int, absorbed: int) -> None:
    """Give back what :func:`hand_pins_over` gave, as far as it still stands."""
    AudiencePin.objects.filter(pk__in=pins, subject=kept).update(subject=absorbed)


def put_tags_again(act: Act, company: int, tags: Collection[int]) -> None:
    """Put the tags that audiences hold on a company back on it, where a merge had brought a stronger one."""
    companies = {"subject": company, "action__audience__subject": Audience.Subject.COMPANIES}
    for hold in TagHold.objects.filter(tag__in=tags, **companies).select_related("action__audience", "tag"):
        labels.put_by_rule(COMPANY, [company], hold.tag, source_of(act, hold.action.audience))
