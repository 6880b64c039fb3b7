"""From claims to lists: a company is in the list of its strongest claim, unless a lock keeps it where it is.

The whole law (design §3) is :data:`_VERDICT`: hand over CRM over import over rule, within a kind the latest, but of
rules the one that the user ranked first; nothing claims it: ``prospect-default``; out of a locked list only by the hand
of a person acting now. It is one SQL question, so that two hundred thousand companies are sorted in a moment, and it
reads the same on SQLite and PostgreSQL.
"""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from tamis.app.models import Act, Claim, ClaimKind, LineStatus, List, Move
from tamis.app.models.lists import UNCLASSIFIED

_STRONGEST = f"""
    FROM tamis_company company
    JOIN tamis_list current_list ON current_list.id = company.list_id
    JOIN tamis_list unclassified ON unclassified.name = '{UNCLASSIFIED}' AND unclassified.deleted_at IS NULL
    LEFT JOIN tamis_claim strongest ON strongest.id = (
        SELECT claim.id FROM tamis_claim claim
        WHERE claim.company_id = company.id AND claim.withdrawn_by_id IS NULL
        ORDER BY claim.kind, claim.rank, claim.at DESC, claim.id DESC
        LIMIT 1)
"""
_VERDICT = (
    _STRONGEST
    + """
    WHERE company.id IN ({scope})
      AND company.merged_into_id IS NULL
      AND company.list_id <> COALESCE(strongest.list_id, unclassified.id)
"""
)
_HELD_BY_LOCK = (
    f"(current_list.locked AND NOT COALESCE(strongest.kind = {ClaimKind.HAND} AND strongest.made_by_id = %s, FALSE))"
)


@dataclass(frozen=True)
class Scope:
    """The companies to sort, as a SQL question for their ids."""

    sql: str
    params: tuple[Any, ...] = ()


def companies(ids: list[int]) -> Scope:
    """These companies."""
    return Scope(f"SELECT id FROM tamis_company WHERE id IN ({','.join(['%s'] * len(ids)) or 'NULL'})", tuple(ids))


def companies_in(target: List) -> Scope:
    """Every company that is in a list now."""
    return Scope("SELECT id FROM tamis_company WHERE list_id = %s", (target.pk,))


def touched_by(act: Act) -> Scope:
    """Every company of which an act made or withdrew a claim."""
    return Scope(
        "SELECT company_id FROM tamis_claim WHERE made_by_id = %s"
        " UNION SELECT company_id FROM tamis_claim WHERE withdrawn_by_id = %s",
        (act.pk, act.pk),
    )


def claimed_by_rules() -> Scope:
    """Every company that a rule claims."""
    return Scope(f"SELECT company_id FROM tamis_claim WHERE kind = {ClaimKind.RULE} AND withdrawn_by_id IS NULL")


def claimed_by(act: Act) -> Scope:
    """Every company of which an act made a claim."""
    return Scope("SELECT company_id FROM tamis_claim WHERE made_by_id = %s", (act.pk,))


def resort(act: Act, scope: Scope) -> int:
    """Move every company of the scope to where its claims say, and remember each move; how many moved.

    Runs within the act's transaction. Companies held by a lock stay; :func:`held_by_lock` counts them.
    """
    return _move(
        "SELECT company.id, company.list_id, COALESCE(strongest.list_id, unclassified.id), %s, strongest.id"
        + _VERDICT.format(scope=scope.sql)
        + f" AND NOT {_HELD_BY_LOCK} ORDER BY company.id",
        (act.pk, *scope.params, act.pk),
    )


def put_back(act: Act, moved: Act) -> int:
    """Take companies whose pins an act has just withdrawn back from where another act moved them; how many moved.

    A company that the move took out of a list that is locked goes back there, as the lock would have kept it, and one
    that the move only pinned where it was stays there, likewise; any other goes where its claims say. That the list it
    is in now is locked does not hold it otherwise: a person takes it out.
    """
    place = "COALESCE(held.id, strongest.list_id, unclassified.id)"
    scope = touched_by(act)
    return _move(
        f"SELECT company.id, company.list_id, {place}, %s, CASE WHEN held.id IS NULL THEN strongest.id END {_STRONGEST}"
        " LEFT JOIN tamis_move went ON went.id ="
        " (SELECT MAX(id) FROM tamis_move WHERE act_id = %s AND company_id = company.id)"
        " LEFT JOIN tamis_list held ON held.id = COALESCE(went.from_list_id, %s)"
        " AND held.locked AND held.deleted_at IS NULL"
        f" WHERE company.id IN ({scope.sql}) AND company.merged_into_id IS NULL AND company.list_id <> {place}"
        " ORDER BY company.id",
        (act.pk, moved.pk, moved.list_id, *scope.params),
    )


def _move(select: str, params: tuple[Any, ...]) -> int:
    """Remember the moves that a SQL question names, and let the companies follow; how many moved."""
    last = Move.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tamis_move (company_id, from_list_id, to_list_id, act_id, claim_id) " + select, params
        )
        cursor.execute(
            "UPDATE tamis_company SET list_id = (SELECT to_list_id FROM tamis_move"
            " WHERE tamis_move.company_id = tamis_company.id AND tamis_move.id > %s)"
            " WHERE id IN (SELECT company_id FROM tamis_move WHERE id > %s)",
            (last, last),
        )
        return int(cursor.rowcount)


def held_by_lock(act: Act, scope: Scope) -> int:
    """How many companies of the scope would be elsewhere but for a lock."""
    return _count(_VERDICT.format(scope=scope.sql) + f" AND {_HELD_BY_LOCK}", (*scope.params, act.pk))


def held_ids(act: Act, scope: Scope) -> list[int]:
    """The companies of the scope that would be elsewhere but for a lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT company.id " + _VERDICT.format(scope=scope.sql) + f" AND {_HELD_BY_LOCK} ORDER BY company.id",
            (*scope.params, act.pk),
        )
        return [id for (id,) in cursor.fetchall()]


def would_leave(target: List) -> int:
    """How many companies a locked list holds against their claims: those that unlocking would send on."""
    scope = companies_in(target)
    return _count(_VERDICT.format(scope=scope.sql), scope.params)


def _count(sql: str, params: tuple[Any, ...]) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) " + sql, params)
        return int(cursor.fetchone()[0])


def claim_by_hand(act: Act, target: List, ids: list[int]) -> None:
    """Pin companies to a list; an earlier pin of theirs is withdrawn."""
    pins = Claim.objects.filter(company__in=ids, kind=ClaimKind.HAND, withdrawn_by=None)
    pins.update(withdrawn_by=act)
    Claim.objects.bulk_create(
        Claim(company_id=company, list=target, kind=ClaimKind.HAND, at=act.at, made_by=act) for company in ids
    )


def claim_lines(act: Act, lines: Scope) -> None:
    """Claim the companies of matched lines for their lists, dated as their imports; a standing claim is kept."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tamis_claim (company_id, list_id, kind, rank, at, line_id, made_by_id)"
            f" SELECT line.company_id, version.list_id, {ClaimKind.IMPORT}, 0, imported.at, MIN(line.id), %s"
            " FROM tamis_listline line"
            " JOIN tamis_listversion version ON version.id = line.version_id"
            " JOIN tamis_act imported ON imported.id = version.act_id"
            f" WHERE line.status = '{LineStatus.MATCHED}' AND line.id IN ({lines.sql})"
            " GROUP BY line.company_id, version.list_id, imported.at"
            " ORDER BY imported.at DESC, line.company_id"
            " ON CONFLICT DO NOTHING",
            (act.pk, *lines.params),
        )


def ids_of_lines(ids: list[int]) -> Scope:
    """These lines."""
    return Scope(f"SELECT id FROM tamis_listline WHERE id IN ({','.join(['%s'] * len(ids)) or 'NULL'})", tuple(ids))


def unclassified() -> List:
    """The list of companies that nothing claims."""
    return List.objects.get(name=UNCLASSIFIED, deleted_at=None)


def settle(act: Act, ids: list[int]) -> int:
    """Sort these companies anew within an act; how many moved."""
    return resort(act, companies(ids)) if ids else 0
