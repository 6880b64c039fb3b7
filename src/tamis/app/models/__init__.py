"""What Tamis keeps: one file a noun."""

from tamis.app.models.accounts import RIGHTS, ExternalIdentity, Right, Role, Session, Tries, User
from tamis.app.models.acts import Act
from tamis.app.models.answers import KeptAnswer
from tamis.app.models.audiences import (
    Audience,
    AudienceAction,
    AudienceDelivery,
    AudienceEffect,
    AudiencePin,
    AudienceRun,
    AudienceVersion,
    Mode,
    TagHold,
)
from tamis.app.models.changes import Change, LastSnapshot
from tamis.app.models.claims import Claim, ClaimKind, Move
from tamis.app.models.companies import (
    Company,
    CompanyDomain,
    CompanyIdentifier,
    CompanyName,
    CompanyValue,
    CustomField,
    Merge,
    Source,
)
from tamis.app.models.contacts import Contact, ContactValue
from tamis.app.models.doubles import Double
from tamis.app.models.erasures import Erasure
from tamis.app.models.events import EventKind, Intake, RefusalCount, RefusedEvent
from tamis.app.models.identities import Identifying, Stay
from tamis.app.models.jobs import Due, Job
from tamis.app.models.judgements import Judgement
from tamis.app.models.leases import Lease
from tamis.app.models.lists import LineStatus, List, ListLine, ListVersion, RefusedLine, Segment
from tamis.app.models.name_changes import NameChange
from tamis.app.models.sheets import FollowedSheet
from tamis.app.models.statuses import Status
from tamis.app.models.tags import CompanyTag, ContactTag, Tag, TagCategory, Tagged
from tamis.app.models.tokens import Token
from tamis.app.models.views import SavedView
from tamis.app.models.workspace import Plan, Workspace

__all__ = [
    "RIGHTS",
    "Act",
    "Audience",
    "AudienceAction",
    "AudienceDelivery",
    "AudienceEffect",
    "AudiencePin",
    "AudienceRun",
    "AudienceVersion",
    "Change",
    "Claim",
    "ClaimKind",
    "Company",
    "CompanyDomain",
    "CompanyIdentifier",
    "CompanyName",
    "CompanyTag",
    "CompanyValue",
    "Contact",
    "ContactTag",
    "ContactValue",
    "CustomField",
    "Double",
    "Due",
    "Erasure",
    "EventKind",
    "ExternalIdentity",
    "FollowedSheet",
    "Identifying",
    "Intake",
    "Job",
    "Judgement",
    "KeptAnswer",
    "LastSnapshot",
    "Lease",
    "LineStatus",
    "List",
    "ListLine",
    "ListVersion",
    "Merge",
    "Mode",
    "Move",
    "NameChange",
    "Plan",
    "RefusalCount",
    "RefusedEvent",
    "RefusedLine",
    "Right",
    "Role",
    "SavedView",
    "Segment",
    "Session",
    "Source",
    "Status",
    "Stay",
    "Tag",
    "TagCategory",
    "TagHold",
    "Tagged",
    "Token",
    "Tries",
    "User",
    "Workspace",
]
