"""A process in which an audience lives: ``python living_audience.py VERB STEP ROUND``, in a home that is there.

``make``    twenty contacts, an audience of those in Lyon, and what entering and leaving sets off
``round``   some move in or out, then the audience is refreshed, and killed at the STEP (0: never)
``rounds``  the same ROUND times, side by side with whoever else does so
``tell``    refreshes once more, and prints what there is, as JSON
"""

import json
import random
import sys

from interrupted import Stops

LYON = 'contacts where city = "Lyon"'
MANY = 20


def make(actor):
    """The workspace that every story starts from."""
    from django.utils import timezone

    from tamis.app.models import AudienceAction, Mode
    from tamis.app.services import audiences, contacts, refreshing

    for n in range(MANY):
        contacts.add(actor, {"email": f"c{n}@a.fr", "city": "Lyon" if n % 2 else "Albi"})
    one = audiences.create(actor, "Lyonnais", audiences.Definition(LYON, Mode.DYNAMIC))
    audiences.create(actor, "Les mêmes", audiences.Definition('contacts where in audience "Lyonnais"', Mode.DYNAMIC))
    for edge in AudienceAction.Edge:
        AudienceAction.objects.create(audience=one, edge=edge, kind="webhook", created_at=timezone.now(),
                                      arguments={"url": "https://exemple.fr/"})  # fmt: skip
    refreshing.refresh_all(actor)


def change(seed):
    """Some move to Lyon, others away."""
    from tamis.app.models import Contact

    draw = random.Random(seed)
    for contact in draw.sample([*Contact.objects.order_by("pk")], 6):
        contact.city = "Albi" if contact.city == "Lyon" else "Lyon"
        contact.save(update_fields=["city"])  # what others sort meanwhile stays theirs


def refresh(actor):
    """Refresh, unless somebody else is at it."""
    from tamis.app.services import refreshing

    refreshing.refresh(actor, refreshing.audiences.every_audience(), patience=0.0)


def arm(step):
    """Die at a statement, around a commit of the state, or around one of the lake, counted from here."""
    from django.db import connection

    from tamis.audiences import members

    stops = Stops(str(step))
    stops.heed(connection)
    members.commit = stops.around(members.commit)


def tell(actor):
    """What the state and the lake hold, after one more refresh."""
    from tamis.app.models import Audience, AudienceEffect, AudienceRun, Contact
    from tamis.app.services import engine_tables, refreshing
    from tamis.audiences.members import History

    refreshing.refresh_all(actor)
    one, other = Audience.objects.order_by("pk")
    histories = {each.name: History(engine_tables.members_folder(), each.pk) for each in (one, other)}
    return {
        "in Lyon": [*Contact.objects.filter(city="Lyon").order_by("pk").values_list("pk", flat=True)],
        "members": {name: each.members().column("subject").to_pylist() for name, each in histories.items()},
        "edges": [
            [*row.values()] for row in histories["Lyonnais"]._ask(
                "SELECT subject, entered, run FROM edges ORDER BY subject, run").to_pylist()
        ],
        "runs": dict(AudienceRun.objects.filter(audience=one).values_list("pk", "state")),
        "sizes": [
            [each.entered, each.left, each.size]
            for each in one.runs.filter(state="done").order_by("pk")
        ],
        "effects": [*map(list, AudienceEffect.objects.values_list("subject", "edge", "run"))],
    }  # fmt: skip


def run(story):
    """Do what the command line says with the functions of a story."""
    from tamis.app.services.acting import Actor

    verb, step, round = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    actor = Actor("alice", "cli")
    if verb == "make":
        story.make(actor)
    elif verb == "round":
        story.change(round)
        story.arm(step)
        story.refresh(actor)
    elif verb == "rounds":
        for each in range(round):
            story.change(step * 1000 + each)
            story.refresh(actor)
    else:
        sys.stdout.write(json.dumps(story.tell(actor)))


if __name__ == "__main__":
    from tamis.cli.shell import django_ready

    django_ready()
    run(sys.modules[__name__])
