from accounts.models.account import Account, AccountState, Contact, SeatChange, StaleAccount
from accounts.models.api_key import ApiKey
from accounts.models.idempotency import IdempotentRequest
from accounts.models.people import Membership, Role, User
from accounts.models.segment import Segment
from accounts.models.workspace import Workspace

__all__ = [
    "Account",
    "AccountState",
    "ApiKey",
    "Contact",
    "IdempotentRequest",
    "Membership",
    "Role",
    "SeatChange",
    "Segment",
    "StaleAccount",
    "User",
    "Workspace",
]
