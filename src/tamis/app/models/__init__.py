"""What Tamis keeps: one file a noun."""

from tamis.app.models.accounts import Role, User
from tamis.app.models.acts import Act
from tamis.app.models.claims import Claim, ClaimKind, Move
from tamis.app.models.companies import (
    Company,
    CompanyDomain,
    CompanyIdentifier,
    CompanyName,
    CustomField,
    Merge,
    Source,
)
from tamis.app.models.jobs import Due, Job
from tamis.app.models.judgements import Judgement
from tamis.app.models.leases import Lease
from tamis.app.models.lists import LineStatus, List, ListLine, ListVersion, RefusedLine, Segment
from tamis.app.models.workspace import Plan, Workspace

__all__ = [
    "Act",
    "Claim",
    "ClaimKind",
    "Company",
    "CompanyDomain",
    "CompanyIdentifier",
    "CompanyName",
    "CustomField",
    "Due",
    "Job",
    "Judgement",
    "Lease",
    "LineStatus",
    "List",
    "ListLine",
    "ListVersion",
    "Merge",
    "Move",
    "Plan",
    "RefusedLine",
    "Role",
    "Segment",
    "Source",
    "User",
    "Workspace",
]
