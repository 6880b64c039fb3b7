"""Why a company or a contact is in an audience, or is not [F1]: the rule as a tree, and what counts beside it.

What an exclusion, a hand, the rule and the mode say, in the order of their strength; what the next refresh would make
of it; and every time it entered or left.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from tamis.app.models import Audience, AudiencePin, AudienceRun, AudienceVersion, Company, Contact, Mode
from tamis.app.services import audience_members, audiences, engine_tables, rules
from tamis.app.services.audience_history import freshness, names, run_json, utc
from tamis.app.services.rules import Explained
from tamis.app.services.subjects import COMPANY
from tamis.errors import Refused, TamisError
from tamis.messages import Message, say


@dataclass(frozen=True)
class Edge:
    """A time that it entered, or left: as of which instant, by which run."""

    entered: bool
    instant: datetime
    run: AudienceRun | None


@dataclass(frozen=True)
class Why:
    """Whether somebody is in an audience, and why; ``reasons`` are sentences, the one that decides first."""

    audience: Audience
    version: AudienceVersion
    who: Company | Contact
    as_of: datetime | None
    edges: list[Edge]
    pin: AudiencePin | None
    excluded_by: list[Audience]
    filled: bool
    explained: Explained | None
    broken: Message | None

    @property
    def inside(self) -> bool:
        """Whether it is a member, after the last refresh."""
        return bool(self.edges) and self.edges[-1].entered

    @property
    def since(self) -> datetime | None:
        """As of which instant it entered, if it is in."""
        return self.edges[-1].instant if self.inside else None

    @property
    def matches(self) -> bool | None:
        """Whether the rule holds of it now; ``None`` where the rule cannot be asked."""
        return self.explained.holds if self.explained else None

    @property
    def next(self) -> bool | None:
        """Whether it would be a member after a refresh now; ``None`` where that cannot be said."""
        if self.excluded_by or (self.pin and not self.pin.inside):
            return False
        if self.pin:
            return True
        if self.version.mode == Mode.STATIC and self.filled:
            return self.inside
        if self.version.mode == Mode.ADD_ONLY and self.inside:
            return True
        return self.matches

    @property
    def reasons(self) -> list[Message]:
        """Why, in sentences: what decides first."""
        found = [say("Exclu : membre de « {name} ».", name=each.name) for each in self.excluded_by]
        if self.pin:
            found.append(_told_of(self.pin))
        if self.broken:
            found.append(say("Sa règle ne peut pas être posée : {error}", error=self.broken))
        elif self.matches is not None:
            found.append(say("La règle est vraie.") if self.matches else say("La règle est fausse."))
        if kept := self._kept():
            found.append(kept)
        if self.next is not None and self.next != self.inside:
            found.append(say("Le prochain rafraîchissement l'ajoutera.") if self.next
                         else say("Le prochain rafraîchissement le retirera."))  # fmt: skip
        return found

    def _kept(self) -> Message | None:
        """What the mode has to say, where it is not the rule that decides."""
        if self.excluded_by or self.pin:
            return None
        if self.version.mode == Mode.STATIC and self.filled:
            return say("L'audience est statique : elle a été remplie une fois, et plus personne n'y entre.")
        if self.version.mode == Mode.ADD_ONLY and self.inside and not self.matches:
            return say("L'audience est cumulative : qui y est entré y reste.")
        return None

    def as_json(self) -> dict[str, Any]:
        """For programs, in the language of the moment."""
        last = self.edges[-1].run if self.edges else None
        return {
            "audience": self.audience.name, "id": self.who.pk, "name": self.who.name, "inside": self.inside,
            "as_of": utc(self.as_of), "since": utc(self.since), "next": self.next, "mode": self.version.mode,
            "version": self.version.number, "matches": self.matches, "excluded_by": names(self.excluded_by),
            "pin": self._pin_json(), "reasons": [str(each) for each in self.reasons],
            "run": run_json(last) if last and self.inside else None,
            "edges": [
                {"entered": each.entered, "instant": each.instant.astimezone(UTC),
                 "run": each.run.pk if each.run else None, "version": each.run.version.number if each.run else None}
                for each in self.edges
            ],
            "rule": self.explained.as_json() if self.explained else None,
        }  # fmt: skip

    def _pin_json(self) -> dict[str, Any] | None:
        if self.pin is None:
            return None
        by = self.pin.by_audience
        return {
            "inside": self.pin.inside, "at": utc(self.pin.at), "by": self.pin.act.by,
            "audience": by.name if by else None,
        }  # fmt: skip


def _told_of(pin: AudiencePin) -> Message:
    """Who made somebody a member, or keeps them out, and when."""
    at, by = timezone.localtime(pin.at).strftime("%d/%m/%Y %H:%M"), pin.by_audience
    if by is not None:
        return (say("Ajouté par une action de l'audience « {name} » le {at}.", name=by.name, at=at) if pin.inside
                else say("Retiré par une action de l'audience « {name} » le {at}.", name=by.name, at=at))  # fmt: skip
    return (say("Ajouté à la main par {by} le {at}.", by=pin.act.by, at=at) if pin.inside
            else say("Retiré à la main par {by} le {at}.", by=pin.act.by, at=at))  # fmt: skip


def explain(audience: Audience, *, company: str = "", contact: str = "") -> Why:
    """Why a company (number, SIREN, name) or a contact (number, address, key, name) is in an audience, or is not.

    Raises :class:`~tamis.errors.NotFound`, and ``Refused`` for one of the other kind.
    """
    who = _who(audience, company, contact)
    version, run = audience.version, audience_members.run_as_of(audience)
    filled = audiences.is_filled(audience)
    explained, broken = _asked(version, who)
    return Why(
        audience, version, who, run.now if run else None, _edges(audience, who.pk, run.pk if run else 0),
        _pin_of(audience, who.pk),
        [each for each in audiences.exclusions_of(version) if audience_members.since(each, [who.pk])],
        filled, explained, broken,
    )  # fmt: skip


def _pin_of(audience: Audience, subject: int) -> AudiencePin | None:
    """What a hand, or another audience's action, says of somebody."""
    pins = AudiencePin.objects.filter(audience=audience, subject=subject)
    return pins.select_related("act", "by_action__audience").first()


def _who(audience: Audience, company: str, contact: str) -> Company | Contact:
    from tamis.app.services import whom

    if bool(company) == bool(contact):
        raise Refused(say("Nommez une entreprise ou un contact."), "rule.who")
    if audiences.subject_of(audience) is COMPANY:
        if not company:
            raise Refused(say("Cette audience est faite d'entreprises : nommez une entreprise, pas un contact."),
                          "rule.who")  # fmt: skip
        return whom.company(company)
    if not contact:
        raise Refused(say("Cette audience est faite de contacts : nommez un contact, pas une entreprise."), "rule.who")
    return whom.contact(contact)


def _asked(version: AudienceVersion, who: Company | Contact) -> tuple[Explained | None, Message | None]:
    """The rule explained, or why it cannot be."""
    company, contact = (str(who.pk), "") if isinstance(who, Company) else ("", str(who.pk))
    try:
        return rules.explain(audience_members.rule_of(version), company=company, contact=contact), None
    except TamisError as error:
        return None, error.message


def _edges(audience: Audience, subject: int, last: int) -> list[Edge]:
    """Every time it entered or left up to a run, the earliest first."""
    from tamis.audiences.members import History

    rows = History(engine_tables.members_folder(), audience.pk).of([subject]).to_pylist()
    runs: Mapping[int, AudienceRun] = AudienceRun.objects.select_related("version", "audience").in_bulk(
        [row["run"] for row in rows]
    )
    return [Edge(row["entered"], row["instant"], runs.get(row["run"])) for row in rows if row["run"] <= last]


def audiences_of(subject: str, pk: int) -> list[tuple[Audience, datetime]]:
    """The audiences that a company or a contact is in, each with since when, in the order that the user gave."""
    from tamis.audiences.members import standing

    mine = {each.pk: each for each in audiences.every_audience().filter(subject=subject)}
    found = standing(engine_tables.members_folder(), mine, pk)
    return [(mine[pk], found[pk]) for pk in mine if pk in found]


def other_audiences(subject: str, pk: int) -> list[Audience]:
    """The audiences of its kind that a company or a contact is not in, in the order that the user gave."""
    mine = {each.pk for each, _ in audiences_of(subject, pk)}
    return [each for each in audiences.every_audience().filter(subject=subject) if each.pk not in mine]


def memberships(subject: str, pk: int) -> list[dict[str, Any]]:
    """The same for programs: each audience with its mode, since when, and as of when it is."""
    found = audiences_of(subject, pk)
    known = {each.audience.pk: each for each in freshness(Audience.objects.filter(pk__in=[one.pk for one, _ in found]))}
    return [
        {"id": each.pk, "name": each.name, "mode": known[each.pk].version.mode, "since": utc(since),
         "as_of": utc(known[each.pk].as_of)}
        for each, since in found
    ]  # fmt: skip
