"""Who uses the home: one supervisor or command holds it, others share its servers or wait."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from scorecard_project.embedded.errors import EmbeddedError
from scorecard_project.embedded.home import Home, State
from scorecard_project.embedded.terminal import say


@contextmanager
def held(home: Home, command: str) -> Iterator[None]:
    lock = home.lock()
    if lock is None:
        raise EmbeddedError(_occupied(home))
    with _holding(home, command, lock):
        yield


@contextmanager
def held_or_shared(home: Home, command: str) -> Iterator[dict[str, str] | None]:
    """The addresses of a running `manage.py run`, or None where the home is now ours. Commands that
    hold the home for their own duration are waited for."""
    said = False
    while (lock := home.lock()) is None:
        state = home.read_state()
        if state and state["shared"] and _alive(state):
            yield state["environment"]
            return
        if not said:
            said = True
            say(f"{_occupied(home)} Waiting for it …")
        time.sleep(0.2)
    with _holding(home, command, lock):
        yield None


@contextmanager
def _holding(home: Home, command: str, lock: int) -> Iterator[None]:
    try:
        announce(home, command, {}, shared=False)
        yield
        home.clear_state()
    finally:
        os.close(lock)


def announce(home: Home, command: str, environment: Mapping[str, str], *, shared: bool) -> None:
    home.write_state(
        {"pid": os.getpid(), "command": command, "shared": shared, "environment": dict(environment)}
    )


def _occupied(home: Home) -> str:
    state = home.read_state()
    if state is None or not _alive(state):
        return f"Another command uses {home.path}."
    who = f"`manage.py {state['command']}` (process {state['pid']})"
    if state["shared"]:
        return f"Scorecard is already running on {home.path}: {who}. Stop it, or choose another --home."
    return f"{who} uses {home.path}."


def _alive(state: State) -> bool:
    try:
        os.kill(state["pid"], 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
