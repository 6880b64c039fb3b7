"""A frozen copy: a static audience whose members are those that another one had as of an instant.

Its rule is the one that was in force then: it says where they came from, and is never asked again. Exclusions and hands
stay behind: a copy that kept them would change. Who exists no more is not copied. What is to be copied stands in the
copy's first run, prepared together with the copy itself: whoever ends what died ends it.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from tamis.app.models import Act, Audience, AudienceRun, AudienceVersion, Mode
from tamis.app.services import audience_members, audiences, engine_tables
from tamis.app.services.acting import Actor, acting
from tamis.errors import Refused
from tamis.messages import say

if TYPE_CHECKING:
    import pyarrow as pa

COPIED = "copied"
"""Where a run says what it copies: ``{"audience": 3, "run": 17}``."""


def prepare(actor: Actor, source: Audience, name: str, instant: datetime | None = None) -> Audience:
    """A copy that is defined, its first run prepared, as of the instant of the run that is copied.

    Raises :class:`~tamis.errors.Refused` for a name that is taken, or an instant before the first refresh.
    """
    name, copied = audiences.checked_name(name), audience_members.run_as_of(source, instant)
    if copied is None:
        raise Refused(
            say("« {name} » n'était pas encore remplie à cet instant : il n'y a rien à copier.", name=source.name),
            "audience.empty",
        )  # fmt: skip
    moment = timezone.localtime(copied.now).strftime("%d/%m/%Y %H:%M")
    why = say("Copie de « {name} » telle qu'elle était le {moment}", name=source.name, moment=moment)
    with acting(actor, Act.Kind.AUDIENCE_CREATED, say("Audience « {name} » créée", name=name)) as act:
        copy = audiences.add(name, source.subject, act)
        version = AudienceVersion.objects.create(audience=copy, number=1, rule=copied.version.rule, mode=Mode.STATIC,
                                                 exclusions=[], at=act.at, act=act)  # fmt: skip
        AudienceRun.objects.create(
            audience=copy, version=version, state=AudienceRun.State.PREPARED, way=AudienceRun.Way.FULL, now=copied.now,
            why_stored=why.stored(), started_at=act.at, ended_at=act.at, by=actor.by, via=actor.via,
            seen={COPIED: {"audience": source.pk, "run": copied.pk}},
        )  # fmt: skip
    return copy


def to_be_copied(run: AudienceRun) -> "pa.ChunkedArray":
    """The members that a run copies, those who exist today."""
    from tamis.audiences.members import History
    from tamis.engines.contract import Stored
    from tamis.engines.duckdb import DuckDb
    from tamis.rules.sql.query import Query, present

    source, subject = run.seen[COPIED], run.audience.subject
    members = History(engine_tables.members_folder(), source["audience"]).members(source["run"])
    there = f"SELECT x.id FROM {subject} x WHERE {present(subject, 'x')}"
    with DuckDb({**engine_tables.current().tables, "copied": Stored(members)}) as engine:
        found = engine.ask(Query(f"SELECT c.subject FROM copied c WHERE c.subject IN ({there})"))
    return found.column("subject")
