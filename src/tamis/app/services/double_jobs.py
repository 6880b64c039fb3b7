"""The search for doubles in the background.

===================  =====================================================  =====
kind                 arguments                                              files
===================  =====================================================  =====
``doubles-search``   ``merge_above``, a score from which on to merge        none
===================  =====================================================  =====

The result has the counts of the search.
"""

from typing import Any

from tamis.app.models import Job
from tamis.app.services import doubles
from tamis.app.services.acting import Actor
from tamis.app.services.jobs import Progress, kind
from tamis.messages import say


@kind("doubles-search", say("Recherche des doublons"), repeatable=True)
def search(actor: Actor, job: Job, progress: Progress) -> dict[str, Any]:
    """The doubles of the whole base, proposed; those of at least a score merged, if one was given."""
    return doubles.search(actor, merge_above=job.arguments.get("merge_above"), progress=progress).as_json()
