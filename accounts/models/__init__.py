from accounts.models.account import (
    Account,
    AccountName,
    AccountState,
    Contact,
    ContactStatus,
    Influence,
    SeatChange,
    StaleAccount,
    TeamMember,
)
from accounts.models.api_key import ApiKey
from accounts.models.idempotency import IdempotentRequest
from accounts.models.people import Membership, Role, User
from accounts.models.segment import Segment
from accounts.models.tag import AccountTag, BulkChange, BulkKind, Tag
from accounts.models.task import Task, TaskSource, TaskState
from accounts.models.touchpoint import Touchpoint, TouchpointContact, TouchpointKind
from accounts.models.workspace import Workspace

__all__ = [
    "Account",
    "AccountName",
    "AccountState",
    "AccountTag",
    "ApiKey",
    "BulkChange",
    "BulkKind",
    "Contact",
    "ContactStatus",
    "IdempotentRequest",
    "Influence",
    "Membership",
    "Role",
    "SeatChange",
    "Segment",
    "StaleAccount",
    "Tag",
    "Task",
    "TaskSource",
    "TaskState",
    "TeamMember",
    "Touchpoint",
    "TouchpointContact",
    "TouchpointKind",
    "User",
    "Workspace",
]
