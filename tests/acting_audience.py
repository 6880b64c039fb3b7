"""A process in which an audience acts: ``python acting_audience.py VERB STEP ROUND``, in a home that is there.

``make``    twelve companies, an audience of those in Lyon that claims a list, puts a tag, fills another and tells of it
``round``   some move in or out, then it is refreshed; what that sets off is killed at the STEP (0: never)
``rounds``  ROUND times as ``round``, side by side with whoever else does so
``tell``    refreshes once more, and prints what there is, as JSON
"""

import random
import sys

from living_audience import run

LYON = 'companies where city = "Lyon"'
MANY = 12


def make(actor):
    """The workspace that every story starts from."""
    from tamis.app.models import Mode
    from tamis.app.services import audience_actions, audiences, companies, lists, refreshing, tags
    from tamis.app.services.audience_actions import Edge, Kind, Wanted

    for n in range(MANY):
        companies.add(actor, {"name": f"C {n}", "city": "Lyon" if n % 2 else "Albi"})
    lists.create(actor, lists.find_segment("prospect"), "Lyon")
    tags.add(actor, "Ville", "Lyon")
    one = audiences.create(actor, "Lyonnaises", audiences.Definition(LYON, Mode.DYNAMIC))
    audiences.create(actor, "Suite", audiences.Definition('companies where city = "Nulle part"', Mode.DYNAMIC))
    for kind, target, edge in (
        (Kind.LIST, "prospect-Lyon", Edge.ENTER), (Kind.TAG, "Lyon", Edge.ENTER), (Kind.ADD, "Suite", Edge.ENTER),
        (Kind.REMOVE, "Suite", Edge.LEAVE), (Kind.WEBHOOK, "https://exemple.fr/", Edge.ENTER),
        (Kind.WEBHOOK, "https://exemple.fr/", Edge.LEAVE), (Kind.MAIL, "chef@exemple.fr", Edge.ENTER),
    ):  # fmt: skip
        audience_actions.add(actor, one, Wanted(kind, target, edge))
    refreshing.refresh_all(actor)


def arm(step):
    """Die at a statement of what a refresh sets off, or around a commit, counted from its beginning."""
    from django.db import connection
    from interrupted import Stops

    from tamis.app.services import audience_effects

    stops, perform = Stops(str(step)), audience_effects.perform

    def performing(run):
        audience_effects.perform = perform
        stops.heed(connection)
        return perform(run)

    audience_effects.perform = performing


def refresh(actor):
    """Refresh, unless somebody else is at it."""
    from tamis.app.services import audiences, refreshing

    refreshing.refresh(actor, [audiences.find("Lyonnaises")], patience=0.0)


def change(seed):
    """Some move to Lyon, others away."""
    from tamis.app.models import Company

    for company in random.Random(seed).sample([*Company.objects.order_by("pk")], 4):
        company.city = "Albi" if company.city == "Lyon" else "Lyon"
        company.save(update_fields=["city"])  # what others sort meanwhile stays theirs


def tell(actor):
    """What there is, after one more refresh."""
    from django.db.models import Count

    from tamis.app.models import (
        Act,
        AudienceDelivery,
        AudienceEffect,
        Claim,
        Company,
        CompanyTag,
        Move,
        TagHold,
    )
    from tamis.app.services import audience_effects, audiences, engine_tables, refreshing
    from tamis.audiences.members import History

    refreshing.refresh_all(actor)
    for each in audience_effects.waits():
        audience_effects.go_on(each)
    one, other = audiences.find("Lyonnaises"), audiences.find("Suite")
    folder = engine_tables.members_folder()
    there = [
        [*rows.order_by(column).values_list(column, flat=True)]
        for rows, column in (
            (Company.objects.filter(city="Lyon"), "pk"),
            (Company.objects.filter(list__name="prospect-Lyon"), "pk"),
            (Claim.objects.filter(withdrawn_by=None), "company_id"),
            (CompanyTag.objects.all(), "company_id"),
            (TagHold.objects.all(), "subject"),
        )
    ]
    edges = History(folder, one.pk)._ask("SELECT subject, entered, run FROM edges").to_pylist()
    acted = AudienceEffect.objects.exclude(act=None).values("run", "action").annotate(n=Count("act", distinct=True))
    return {
        "there": [*there, History(folder, other.pk).members().column("subject").to_pylist()],
        "edges": len(edges), "entered": sum(each["entered"] for each in edges),
        "claims": Claim.objects.count(), "withdrawn": Claim.objects.exclude(withdrawn_by=None).count(),
        "moves": Move.objects.exclude(from_list=None).count(),
        "states": [*AudienceEffect.objects.order_by().values_list("state", flat=True).distinct()],
        "acts": Act.objects.filter(kind="audience.acted").count(),
        "acted": [each["n"] for each in acted],
        "told": AudienceEffect.objects.filter(action__kind="webhook", delivery__action__kind="webhook").count(),
        "sizes": sum(AudienceDelivery.objects.filter(action__kind="webhook").values_list("size", flat=True)),
        "mails": AudienceDelivery.objects.filter(action__kind="mail").count(),
        "mailed": AudienceEffect.objects.filter(action__kind="mail").values("run").distinct().count(),
    }  # fmt: skip


if __name__ == "__main__":
    from tamis.cli.shell import django_ready

    django_ready()
    from tamis.app.services import audience_effects

    audience_effects.PART = 2  # so that few make several parts
    run(sys.modules[__name__])
