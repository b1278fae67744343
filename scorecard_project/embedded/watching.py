import math
from pathlib import Path
from typing import Protocol

from scorecard_project.embedded.errors import EmbeddedError
from scorecard_project.embedded.processes import Child, kill_group
from scorecard_project.embedded.terminal import Follower, say

LONGEST_PAUSE = 30.0
# A part that ran this long had started well: its next crash is restarted at once.
STEADY_SECONDS = 60.0


class Part(Protocol):
    name: str
    log: Path
    child: Child | None

    def start(self) -> None: ...
    def stop(self) -> None: ...


class Watched:
    """Starts a part again when it has ended, after a pause that doubles with every failure."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.follower = Follower(part.name, part.log)
        self.pause = 0.0
        self.started_at = -math.inf
        self.restart_at: float | None = None

    def look(self, moment: float) -> None:
        self.follower.repeat()
        child = self.part.child
        if self.restart_at is not None:
            if moment >= self.restart_at:
                self._restart(moment)
        elif child is None or child.poll() is not None:
            self._ended(moment, child)

    def _ended(self, moment: float, child: Child | None) -> None:
        if child is not None:
            kill_group(child.pid)
        steady = moment - self.started_at > STEADY_SECONDS
        self.pause = 0.5 if steady else min(self.pause * 2, LONGEST_PAUSE)
        self.restart_at = moment + self.pause
        how = _ending(child.returncode) if child else "did not start"
        say(f"{self.part.name} {how}; starting it again in {self.pause:g} s ({self.part.log})")

    def _restart(self, moment: float) -> None:
        self.restart_at, self.started_at = None, moment
        try:
            self.part.start()
        except EmbeddedError as error:
            say(str(error))
        else:
            say(f"{self.part.name} is running again")


def _ending(status: int) -> str:
    return f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
