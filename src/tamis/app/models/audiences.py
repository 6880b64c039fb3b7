"""Audiences [D1]: what each is (and was), its runs, its members by hand, what it sets off.

The definition, its versions, and what its refreshes did are kept apart. Members themselves are in the lake:
``tamis.audiences.members``.
"""

import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from tamis.messages import Message

if TYPE_CHECKING:
    from tamis.rules.nodes import Rule


def new_epoch() -> str:
    """A name that no other life of an audience has."""
    return uuid.uuid4().hex


class Mode(models.TextChoices):
    """How an audience keeps itself [D1]."""

    STATIC = "static", _("statique")
    ADD_ONLY = "add-only", _("cumulative")
    DYNAMIC = "dynamic", _("dynamique")


class Audience(models.Model):
    """An audience as it is defined now; its rule, mode and exclusions are those of its latest version.

    ``every`` is in minutes; without it, it is refreshed when somebody asks. ``most_leaving`` is the share, in percent
    of the members, beyond which a refresh is held until a person confirms; without it none is. ``position`` ranks it
    among the rules that claim lists, the first being the strongest. ``epoch`` is part of the name under which the lake
    knows its runs: brought back from a backup, it gets another.
    """

    class Subject(models.TextChoices):
        """What it holds."""

        COMPANIES = "companies", _("entreprises")
        CONTACTS = "contacts", _("contacts")

    name = models.CharField(max_length=100)
    key = models.CharField(max_length=200, unique=True)
    subject = models.CharField(max_length=9, choices=Subject.choices)
    every = models.PositiveIntegerField(null=True)
    most_leaving = models.PositiveSmallIntegerField(null=True)
    position = models.PositiveIntegerField()
    epoch = models.CharField(max_length=32, default=new_epoch)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position", "pk"]
        indexes = [models.Index(fields=["next_at"], name="audience_due")]

    def __str__(self) -> str:
        return self.name

    @property
    def version(self) -> "AudienceVersion":
        """What is in force now."""
        return self.versions.latest("number")


class AudienceVersion(models.Model):
    """A rule, a mode and exclusions that were in force together, the first being number 1; never changed afterwards.

    ``rule`` is the stored form of the language, ``exclusions`` the numbers of the audiences that are subtracted.
    """

    audience = models.ForeignKey(Audience, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    rule = models.JSONField()
    mode = models.CharField(max_length=8, choices=Mode.choices)
    exclusions = models.JSONField(default=list)
    at = models.DateTimeField()
    act = models.ForeignKey("Act", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["audience", "number"], name="audience_version_once")]

    @property
    def read(self) -> "Rule":
        """The rule as nodes. Raises :class:`~tamis.errors.Refused` when it cannot be read."""
        from tamis.rules.storing import read

        return read(self.rule)


class AudienceRun(models.Model):
    """A refresh: as of which instant (``now``), under which version, what came of it. Its number names it in the lake.

    ``way`` says whether all were looked at, or only those whose answer could have changed, and ``why``. ``seen`` is up
    to what of the state and the lake it looked: the next one begins there. ``confirmed_by`` let a held one through.
    """

    class State(models.TextChoices):
        """Where it stands: prepared, it is done as soon as the lake has it; abandoned, the lake never got it."""

        PREPARED = "prepared", _("préparé")
        DONE = "done", _("fait")
        HELD = "held", _("retenu")
        FAILED = "failed", _("échoué")
        ABANDONED = "abandoned", _("abandonné")

    class Way(models.TextChoices):
        """Who was looked at."""

        FULL = "full", _("tous")
        PART = "part", _("ceux qui ont pu changer")
        HAND = "hand", _("ceux qu'une personne a nommés")
        CHECK = "check", _("vérification de tous")

    audience = models.ForeignKey(Audience, on_delete=models.CASCADE, related_name="runs")
    version = models.ForeignKey(AudienceVersion, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(max_length=9, choices=State.choices)
    way = models.CharField(max_length=5, choices=Way.choices)
    why_stored = models.JSONField(default=dict)
    now = models.DateTimeField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    looked_at = models.PositiveIntegerField(null=True)
    entered = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    size = models.PositiveIntegerField(default=0)
    seen = models.JSONField(default=dict)
    error_stored = models.JSONField(default=dict)
    by = models.CharField(max_length=150)
    via = models.CharField(max_length=10)
    confirmed_by = models.CharField(max_length=150, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["audience", "state", "-id"], name="run_of_audience"),
            models.Index(fields=["audience", "now", "id"], name="run_as_of"),
        ]

    @property
    def why(self) -> Message | None:
        """Why all were looked at, as a sentence."""
        return Message.read(self.why_stored) if self.why_stored else None

    @property
    def size_after(self) -> int:
        """How many members there were after it; one that was held says who would come and go, and changed nobody."""
        return self.size + self.left - self.entered if self.state == self.State.HELD else self.size

    @property
    def error(self) -> Message | None:
        """Why it failed."""
        return Message.read(self.error_stored["message"]) if self.error_stored else None


class AudiencePin(models.Model):
    """Somebody is a member, or is none, whatever the rule says: by a person's hand, or by another audience's action.

    ``subject`` is the number of a company or a contact. An exclusion is stronger than a pin.
    """

    audience = models.ForeignKey(Audience, on_delete=models.CASCADE, related_name="pins")
    subject = models.BigIntegerField()
    inside = models.BooleanField()
    at = models.DateTimeField()
    act = models.ForeignKey("Act", on_delete=models.PROTECT, related_name="+")
    by_action = models.ForeignKey("AudienceAction", on_delete=models.CASCADE, null=True, related_name="pins")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["audience", "subject"], name="pinned_once")]

    @property
    def by_audience(self) -> Audience | None:
        """The other audience whose action it was; ``None`` for a person's hand."""
        return self.by_action.audience if self.by_action else None


class AudienceAction(models.Model):
    """What entering or leaving an audience sets off. What ``kind`` needs to know is in ``arguments``.

    A list that is claimed and a tag that is put on go again when the member leaves: nothing has to be said of it.
    """

    class Edge(models.TextChoices):
        """When it fires."""

        ENTER = "enter", _("en entrant")
        LEAVE = "leave", _("en sortant")

    class Kind(models.TextChoices):
        """What it does."""

        LIST = "list", _("réclamer une liste")
        TAG = "tag", _("poser un tag")
        UNTAG = "untag", _("retirer un tag")
        STATUS = "status", _("donner un statut")
        ADD = "add", _("ajouter à une audience")
        REMOVE = "remove", _("retirer d'une audience")
        WEBHOOK = "webhook", _("webhook")
        MAIL = "mail", _("e-mail à un collègue")

    audience = models.ForeignKey(Audience, on_delete=models.CASCADE, related_name="actions")
    edge = models.CharField(max_length=5, choices=Edge.choices)
    kind = models.CharField(max_length=7, choices=Kind.choices)
    arguments = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]


class TagHold(models.Model):
    """An action holds a tag on a member, from entering to leaving.

    The tag itself is on them once, by its strongest hand; a rule's goes when nothing holds it any more. Taken off by a
    person meanwhile, it is held and not there.
    """

    action = models.ForeignKey(AudienceAction, on_delete=models.CASCADE, related_name="holds")
    tag = models.ForeignKey("Tag", on_delete=models.CASCADE, related_name="+", db_index=False)
    subject = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["action", "subject"], name="tag_held_once")]
        indexes = [models.Index(fields=["tag", "subject"], name="tag_held")]


class AudienceDelivery(models.Model):
    """One thing to be sent outside: a webhook's request, or a mail, about the members whose effects point to it.

    ``key`` stays the same however often it is tried. Who tries counts ``attempts`` up and puts ``next_at`` to when
    others may take it for dead. What is said of members is read when it is sent, and kept nowhere.
    """

    class State(models.TextChoices):
        """Where it stands; a dead one was given up, and may be replayed."""

        WAITING = "waiting", _("en attente")
        SENT = "sent", _("envoyé")
        SKIPPED = "skipped", _("sans objet")
        DEAD = "dead", _("abandonné")

    run = models.ForeignKey(AudienceRun, on_delete=models.CASCADE, related_name="deliveries")
    action = models.ForeignKey(AudienceAction, on_delete=models.CASCADE, related_name="deliveries")
    edge = models.CharField(max_length=5, choices=AudienceAction.Edge.choices)
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    host = models.CharField(max_length=255)
    size = models.PositiveIntegerField()
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    answer_stored = models.JSONField(default=dict)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["next_at", "id"], condition=models.Q(state="waiting"), name="delivery_due")]

    @property
    def answer(self) -> Message | None:
        """What came of the last attempt, when it failed."""
        return Message.read(self.answer_stored) if self.answer_stored else None


class AudienceEffect(models.Model):
    """The outbox: one member's edge in one run, and one action that it sets off.

    What goes outside is done as soon as a ``delivery`` carries it. ``act`` is that of the action in this run.
    """

    class State(models.TextChoices):
        """Where it stands; a dead one was given up, and may be replayed."""

        WAITING = "waiting", _("en attente")
        DONE = "done", _("fait")
        SKIPPED = "skipped", _("sans objet")
        DEAD = "dead", _("abandonné")

    run = models.ForeignKey(AudienceRun, on_delete=models.CASCADE, related_name="effects")
    action = models.ForeignKey(AudienceAction, on_delete=models.CASCADE, related_name="effects")
    subject = models.BigIntegerField()
    edge = models.CharField(max_length=5, choices=AudienceAction.Edge.choices)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    done_at = models.DateTimeField(null=True)
    act = models.ForeignKey("Act", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    delivery = models.ForeignKey(AudienceDelivery, on_delete=models.SET_NULL, null=True, related_name="effects")
    why_stored = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "subject", "edge", "action"], name="effect_happens_once")]
        indexes = [
            models.Index(fields=["action", "id"], condition=models.Q(state="waiting"), name="effect_waiting"),
            models.Index(fields=["subject"], name="effect_of_subject"),
        ]

    @property
    def why(self) -> Message | None:
        """Why it was given up."""
        return Message.read(self.why_stored) if self.why_stored else None
