from enum import IntEnum


class Status(IntEnum):
    """Of one metric for one account on one day; stored as these numbers."""

    OK = 0
    MISSING = 1
    ERROR = 2
    EXPIRED = 3
    NOT_APPLICABLE = 4

    @property
    def key(self) -> str:
        return self.name.lower()


LOST = (Status.MISSING, Status.ERROR, Status.EXPIRED)
BY_KEY = {status.key: status for status in Status}
