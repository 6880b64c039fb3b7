"""Who must be looked at in a refresh: those whose answer can have changed since the last one, or all, and why.

A run keeps in ``seen`` up to what it looked (:class:`~tamis.app.services.engine_tables.Mark`), under which fingerprint
of the rule, and of each audience that it read up to which run. The last run that is done and looked at all, or at all
who could have changed, is what the next one begins from: one that failed, was held, or looked at some by hand is not.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tamis.app.models import Audience, AudienceRun, AudienceVersion, Mode
from tamis.app.services import snapshots
from tamis.audiences import members
from tamis.engines.contract import Stored
from tamis.lake.snapshots import touched
from tamis.messages import Message, say, say_many
from tamis.rules.nodes import Rule, Subject
from tamis.rules.sql import changing
from tamis.rules.sql.changing import Search
from tamis.rules.sql.query import Query
from tamis.rules.vocabulary import Vocabulary

if TYPE_CHECKING:
    from datetime import datetime

    from deltalake import DeltaTable

    from tamis.app.services.engine_tables import Asked
    from tamis.audiences.moving import Moving
    from tamis.audiences.narrowing import Asking
    from tamis.engines.duckdb import DuckDb

LEAST = 1_000
SHARE = 5
"""All are looked at where more than ``LEAST``, and more than one in ``SHARE``, can have changed."""
TURNED = 0.5
"""All are looked at, without a search, where such a share of what the rule's windows hold went in or out of them."""
State, Way = AudienceRun.State, AudienceRun.Way


@dataclass(frozen=True)
class Question:
    """What a refresh asks: an audience's version and its rule, as of which instant, and what the lake's members are."""

    audience: Audience
    version: AudienceVersion
    rule: Rule
    known: Vocabulary
    now: "datetime"
    runs: Mapping[int, int]
    """Up to which run the table of members is, by audience: this one, and those that it reads."""
    by_rule: bool = True
    """Whether the rule still counts: in a static audience it does once."""


@dataclass(frozen=True)
class Bound:
    """Who is looked at (all, without ``among``), and why in a sentence."""

    why: Message
    among: "Sequence[int] | None" = None


def last_looked(audience: Audience) -> AudienceRun | None:
    """The run from which the next one begins."""
    done = audience.runs.filter(state=State.DONE, way__in=[Way.FULL, Way.PART, Way.CHECK])
    return done.order_by("-pk").first()


def runs_of(table: "DeltaTable", audiences: Collection[int]) -> dict[int, int]:
    """Up to which run the table has each audience; 0 for none."""
    epochs = Audience.objects.filter(pk__in=audiences).values_list("pk", "epoch")
    return {pk: members.last_run(table, pk, epoch) or 0 for pk, epoch in epochs}


def seen(question: Question, asked: "Asked") -> dict[str, Any]:
    """What a run keeps, for the next one to begin from."""
    if asked.mark is None:
        return {}
    runs = {str(audience): run for audience, run in question.runs.items()}
    rule = changing.fingerprint(question.rule, question.known) if question.by_rule else ""
    return {**asdict(asked.mark), "rule": rule, "runs": runs}


def moving(engine: "DuckDb", audiences: Iterable[Audience], known: Vocabulary, now: "datetime") -> "Moving":
    """The events by which answers of some audiences can have turned: a hint, each search says itself what it asks."""
    from tamis.audiences.moving import Moving

    made = Moving(engine)
    made.hold(_foreseen(audiences, known, now))
    return made


def _foreseen(audiences: Iterable[Audience], known: Vocabulary, now: "datetime") -> Iterator[Search]:
    for each in audiences:
        last = last_looked(each)
        if last is None or "batch" not in last.seen or each.version.mode == Mode.STATIC:
            continue
        try:
            rule = each.version.read
            if not changing.unbounded(rule):
                since = changing.Since(last.now, int(last.seen["batch"]), defaultdict(int))
                search = changing.changed(rule, known, since, now)
                if search.turned < TURNED:
                    yield search
        except Exception:  # noqa: S112 - whoever breaks says so in its own turn
            continue


def bound(question: Question, asked: "Asked", engine: "DuckDb", moving: "Moving") -> Bound:
    """Who is looked at: those whose answer can have changed, if that can be said and they are not too many."""
    last = last_looked(question.audience)
    if last is None:
        return Bound(say("premier remplissage"))
    if why := _why_all(question, asked, last):
        return Bound(why)
    files = _touched_files(asked, last)
    if files is None:
        return Bound(say("l'instantané de l'état a été refait depuis le dernier rafraîchissement"))
    only = f"SELECT name, of, id FROM {{edges}} WHERE number > {int(last.seen['number']):d}"
    engine.put("touched", Stored(touched.SCHEMA.empty_table(), tuple(files), made=only))
    if question.by_rule and changing.reads_segments(question.rule) and _ask(engine, _SEGMENTS):
        return Bound(say("une liste a changé de segment"))
    return _candidates(question, last, engine, moving)


_SEGMENTS = f"SELECT id FROM touched WHERE of = '{touched.SEGMENTS}' LIMIT 1"


def _ask(engine: "DuckDb", sql: str) -> int:
    return len(engine.ask(Query(sql)))


def _why_all(question: Question, asked: "Asked", last: AudienceRun) -> Message | None:
    """Why what was seen the last time does not help; ``None`` where it does."""
    was, mark = last.seen, asked.mark
    if last.version_id != question.version.pk:
        return say("une autre version de l'audience est en vigueur")
    if not mark or "runs" not in was or {str(each) for each in question.runs} - was["runs"].keys():
        return say("le dernier rafraîchissement ne dit pas ce qu'il avait vu")
    if mark.epoch != was["epoch"] or mark.batch < was["batch"]:
        return say("la boîte d'arrivée des événements a changé depuis le dernier rafraîchissement")
    if mark.erasure is None or mark.erasure != was["erasure"]:
        return say("quelqu'un a été effacé depuis le dernier rafraîchissement")
    if not question.by_rule:
        return None
    if changing.fingerprint(question.rule, question.known) != was["rule"]:
        return say("un mot de la règle n'a plus le même sens (un tag, une liste, un champ, le fuseau horaire)")
    return changing.unbounded(question.rule)


def _touched_files(asked: "Asked", last: AudienceRun) -> list[str] | None:
    manifest = asked.snapshot.manifest if asked.snapshot else None
    if manifest is None:
        return None
    return touched.files_since(manifest, snapshots.folder(), last.seen["chain"], last.seen["number"])


def _candidates(question: Question, last: AudienceRun, engine: "DuckDb", moving: "Moving") -> Bound:
    """Those whose answer can have changed since the last run."""
    runs = {int(audience): int(run) for audience, run in last.seen["runs"].items()}
    audience, subject = question.audience.pk, question.rule.subject
    also = [changing.edges_since(audience, runs[audience], but=last.pk), changing.pinned_since(audience)]
    also += [changing.edges_since(each, runs[each]) for each in question.version.exclusions if each in runs]
    since = changing.Since(last.now, int(last.seen["batch"]), runs)
    if question.by_rule:
        search = changing.changed(question.rule, question.known, since, question.now, also)
    else:
        search = changing.changed_itself(subject, also)
    if search.turned >= TURNED:
        return Bound(say("trop de temps a passé pour les périodes de la règle : autant regarder tout le monde"))
    moving.hold([search])
    among: list[int] = engine.ask(search.query).column("id").to_pylist()
    if too_many(engine, subject, len(among)):
        everybody = count(engine, subject)
        return Bound(say("{n} sur {all} ont pu changer : autant regarder tout le monde", n=len(among), all=everybody))
    if not among:
        return Bound(say("personne n'a pu changer depuis le dernier rafraîchissement"), among)
    return Bound(
        say_many("{n} seul a pu changer depuis le dernier rafraîchissement",
                 "{n} seulement ont pu changer depuis le dernier rafraîchissement", n=len(among)),
        among,
    )  # fmt: skip


def too_many(engine: "DuckDb", subject: Subject, some: int) -> bool:
    """Whether so many are not worth being looked at one by one."""
    return some > LEAST and some > count(engine, subject) // SHARE


def as_many_as_fit(engine: "DuckDb", asked: Iterable["Asking"]) -> list["Asking"]:
    """Of what some rules ask, the smallest first, as much as is not about too many all together."""
    those: dict[Subject, set[int]] = {"companies": set(), "contacts": set()}
    found = []
    for each in sorted(asked, key=lambda each: len(each.among)):
        more = those[each.rule.subject].union(each.among)
        if not too_many(engine, each.rule.subject, len(more)):
            those[each.rule.subject] = more
            found.append(each)
    return found


def count(engine: "DuckDb", subject: Subject) -> int:
    """How many of a subject the tables have."""
    [everybody] = engine.ask(Query(f"SELECT count(*) AS n FROM {subject}")).column("n").to_pylist()
    return int(everybody)
