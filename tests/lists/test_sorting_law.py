"""The law of design §3, against an oracle in plain Python: whatever happens, every company is where the law says."""

from dataclasses import dataclass, field

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tamis.app.models import AudienceAction, AudienceEffect, AudienceRun, Company, Mode
from tamis.app.services import (
    audience_actions,
    audience_effects,
    audiences,
    companies,
    list_imports,
    lists,
    undoing,
)
from tamis.app.services.acting import Actor
from tamis.app.services.audience_actions import Wanted
from tamis.errors import Refused

ALICE = Actor("alice", "cli")
Kind = AudienceAction.Kind
SIRENS = ["732829320", "552100554", "440546018", "005520176", "542110291"]
LABELS = [("client", "or"), ("client", "argent"), ("concurrent", "veille"), ("prospect", "salons")]
HAND, IMPORT, RULE = 1, 3, 4
RULES = 3
"""So many audiences claim, each a list of its own; the first two claim the same."""

companies_some = st.sets(st.integers(0, len(SIRENS) - 1), max_size=4).map(sorted)
some_list = st.integers(0, len(LABELS) - 1)
some_rule = st.integers(0, RULES - 1)
claimed_list = (3, 3, 0)
"""Which list each audience claims."""
operations = st.one_of(
    st.tuples(st.just("replace"), some_list, companies_some),
    st.tuples(st.just("append"), some_list, companies_some),
    st.tuples(st.just("restore"), some_list, st.integers(1, 4)),
    st.tuples(st.just("move"), some_list, companies_some),
    st.tuples(st.just("release"), companies_some),
    st.tuples(st.just("undo"), st.integers(0, 2)),
    st.tuples(st.just("lock"), some_list),
    st.tuples(st.just("unlock"), some_list),
    st.tuples(st.just("delete"), some_list),
    st.tuples(st.just("enter"), some_rule, companies_some),
    st.tuples(st.just("leave"), some_rule, companies_some),
    st.tuples(st.just("order"), st.permutations(range(RULES))),
    st.tuples(st.just("forget"), some_rule),
)


@dataclass
class HandMove:
    """A move by hand: where each company was before, and which pin it took off (list, when, whose)."""

    came_from: dict[int, int | None]
    took_off: dict[int, tuple[int, int, int]]
    undone: bool = False


@dataclass
class Oracle:
    """What the law says, one company at a time."""

    place: dict[int, int | None] = field(default_factory=lambda: dict.fromkeys(range(len(SIRENS))))
    claims: dict[tuple[int, int, int], int] = field(default_factory=dict)  # (company, list, kind) → when
    versions: dict[int, list[list[int]]] = field(default_factory=dict)  # list → content after each version
    locked: set[int] = field(default_factory=set)
    deleted: set[int] = field(default_factory=set)
    moves: list["HandMove"] = field(default_factory=list)
    pinned_by: dict[int, int] = field(default_factory=dict)  # company → the move whose pin stands
    rules: dict[tuple[int, int], int] = field(default_factory=dict)  # (company, rule) → when it entered
    order: list[int] = field(default_factory=lambda: [*range(RULES)])
    forgotten: set[int] = field(default_factory=set)
    clock: int = 0

    def settle(self, touched, by_hand=()):
        for company in touched:
            standing = [(kind, 0, -when, to) for (who, to, kind), when in self.claims.items() if who == company]
            standing += [
                (RULE, self.order.index(rule), -when, claimed_list[rule])
                for (who, rule), when in self.rules.items()
                if who == company and claimed_list[rule] not in self.deleted
            ]
            to = min(standing)[3] if standing else None
            if self.place[company] in self.locked and company not in by_hand:
                continue
            self.place[company] = to

    def pin(self, company, into, when, move):
        self.claims[company, into, HAND] = when
        self.pinned_by[company] = move

    def unpin(self, company):
        for key in [key for key in self.claims if key[0] == company and key[2] == HAND]:
            return key[1], self.claims.pop(key), self.pinned_by.pop(company)
        return None

    def undo(self, number):
        move = self.moves[number]
        move.undone = True
        for company in [company for company, by in self.pinned_by.items() if by == number]:
            self.unpin(company)
            former = move.took_off.get(company)
            if former and former[0] not in self.deleted:
                self.pin(company, *former)
            if move.came_from[company] in self.locked - self.deleted:
                self.place[company] = move.came_from[company]
            else:
                self.settle([company], by_hand=[company])

    def load(self, into, content, append):
        before = self.versions.setdefault(into, [])
        held = before[-1] if before else []
        withdrawn = content if append else [who for who, to, kind in self.claims if (to, kind) == (into, IMPORT)]
        for company in withdrawn:
            self.claims.pop((company, into, IMPORT), None)
        for company in content:
            self.claims[company, into, IMPORT] = self.clock
        before.append(sorted({*held, *content}) if append else content)
        self.settle({*withdrawn, *content})

    def do(self, what, *given):
        self.clock += 1
        if what in ("replace", "append"):
            self.load(*given, append=what == "append")
        elif what == "restore":
            into, number = given
            self.load(into, self.versions[into][number - 1], append=False)
        elif what == "move":
            into, chosen = given
            took_off = {company: pin for company in chosen if (pin := self.unpin(company))}
            self.moves.append(HandMove({company: self.place[company] for company in chosen}, took_off))
            for company in chosen:
                self.pin(company, into, self.clock, len(self.moves) - 1)
            self.settle(chosen, by_hand=chosen)
        elif what == "release":
            for company in given[0]:
                self.unpin(company)
            self.settle(given[0])
        elif what == "undo":
            self.undo(len(self.moves) - 1 - given[0])
        elif what == "lock":
            self.locked.add(given[0])
        elif what == "unlock":
            self.locked.discard(given[0])
            self.settle([company for company, place in self.place.items() if place == given[0]])
        elif what == "delete":
            self.claims = {key: when for key, when in self.claims.items() if key[1] != given[0]}
            self.pinned_by = {
                who: by
                for who, by in self.pinned_by.items()
                if any((who, to, HAND) in self.claims for to in range(len(LABELS)))
            }
            self.deleted.add(given[0])
            self.rules = {key: when for key, when in self.rules.items() if claimed_list[key[1]] != given[0]}
            self.settle([company for company, place in self.place.items() if place == given[0]])

        elif what == "enter":
            rule, chosen = given
            for company in chosen:
                self.rules.setdefault((company, rule), self.clock)
            self.settle(chosen)
        elif what in ("leave", "forget"):
            rule = given[0]
            chosen = given[1] if what == "leave" else range(len(SIRENS))
            gone = [company for company in chosen if self.rules.pop((company, rule), None)]
            self.settle(gone)
            if what == "forget":
                self.forgotten.add(rule)
        elif what == "order":
            self.order = given[0]
            self.settle({company for company, _rule in self.rules})

    def allows(self, what, *given):
        """Whether the operation makes sense now; the refusals have tests of their own."""
        if what == "order":
            return not self.forgotten
        if what in ("enter", "leave", "forget"):
            return given[0] not in self.forgotten and not (what == "enter" and claimed_list[given[0]] in self.deleted)
        if what == "release":
            return any(key[0] in given[0] and key[2] == HAND for key in self.claims)
        if what == "undo":
            number = len(self.moves) - 1 - given[0]
            return number >= 0 and not self.moves[number].undone and number in self.pinned_by.values()
        if given[0] in self.deleted:
            return False
        if what == "restore":
            return 0 < given[1] <= len(self.versions.get(given[0], []))
        return not (what == "delete" and given[0] in self.locked)


class Tamis:
    """The same operations on the real thing."""

    def __init__(self, folder):
        self.folder = folder
        self.lists = [lists.create(ALICE, lists.find_segment(segment), label) for segment, label in LABELS]
        self.moves = []
        self.rules = [self.audience(f"Règle {n}", n) for n in range(RULES)]
        self.ids = [companies.add(ALICE, {"name": f"C {siren}", "siren": siren}).pk for siren in SIRENS]

    def audience(self, name, rule):
        """An audience that claims a list; who enters it is said by hand."""
        made = audiences.create(ALICE, name, audiences.Definition('companies where name = "personne"', Mode.DYNAMIC))
        audience_actions.add(ALICE, made, Wanted(Kind.LIST, self.lists[claimed_list[rule]].name))
        return made

    def edges(self, rule, edge, chosen):
        """A run of an audience in which some enter, or leave."""
        audience, now = self.rules[rule], timezone.now()
        run = AudienceRun.objects.create(
            audience=audience, version=audience.version, state="done", way="full", now=now, started_at=now,
            ended_at=now, by="alice", via="cli",
        )  # fmt: skip
        action = audience.actions.get()
        AudienceEffect.objects.bulk_create(
            AudienceEffect(run=run, action=action, subject=self.ids[company], edge=edge) for company in chosen
        )
        audience_effects.perform(run)

    def do(self, what, *given):
        if what in ("enter", "leave"):
            self.edges(given[0], what, given[1])
            return
        if what == "order":
            audiences.put_in_order(ALICE, [self.rules[rule] for rule in given[0]])
            return
        if what == "forget":
            audience_actions.delete(ALICE, self.rules[given[0]].actions.get())
            return
        if what == "release":
            companies.release(ALICE, [self.ids[company] for company in given[0]])
            return
        if what == "undo":
            undoing.undo_move(ALICE, self.moves[len(self.moves) - 1 - given[0]])
            return
        target = self.lists[given[0]]
        target.refresh_from_db()
        if what in ("replace", "append"):
            file = self.folder / "list.csv"
            rows = [f"C {SIRENS[company]};{SIRENS[company]};;" for company in given[1]]
            file.write_text("\n".join(["Nom;SIREN;Domaine email;Website", *rows]))
            list_imports.import_file(ALICE, target, file, append=what == "append")
        elif what == "restore":
            list_imports.restore(ALICE, target, given[1])
        elif what == "move":
            self.moves.append(companies.move(ALICE, target, [self.ids[company] for company in given[1]]).act)
        else:
            {"lock": lists.lock, "unlock": lists.unlock}.get(what, lambda a, t: lists.delete(a, t[0]))(ALICE, [target])

    def places(self):
        found = dict(Company.objects.values_list("pk", "list__name"))
        names = {f"{segment}-{label}": n for n, (segment, label) in enumerate(LABELS)}
        return {n: names.get(found[id]) for n, id in enumerate(self.ids)}


histories = st.lists(operations, min_size=1, max_size=14)
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(histories)
@settings(unhurried, max_examples=60)
def test_every_company_is_where_the_law_says(workspace, tmp_path, steps):
    live_through(steps, tmp_path)


@pytest.mark.soak
@given(histories)
@settings(unhurried, max_examples=3000)
def test_every_company_is_where_the_law_says_three_thousand_times(workspace, tmp_path, steps):
    live_through(steps, tmp_path)


def live_through(steps, tmp_path):
    """Do the same to Tamis and to the oracle, and compare after each step."""
    with transaction.atomic():
        tamis, oracle = Tamis(tmp_path), Oracle()
        for step in steps:
            if oracle.allows(*step):
                oracle.do(*step)
                tamis.do(*step)
                assert tamis.places() == oracle.place, step
        transaction.set_rollback(True)


def test_the_oracle_refuses_to_release_what_is_not_pinned(alice, company):
    with pytest.raises(Refused, match="épinglée"):
        companies.release(alice, [company("Acme").pk])
