"""Starts the embedded servers before Django reads its settings (a plugin: `-p tests.servers`)."""

import os
import tempfile
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import pytest

from scorecard_project.embedded.testing import servers

_stack = ExitStack()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None]:
    """Once a run: the workers of xdist inherit the addresses."""
    if "DATABASE_URL" not in os.environ:
        folder = _stack.enter_context(tempfile.TemporaryDirectory(prefix="scorecard-tests-"))
        os.environ.update(_stack.enter_context(servers(Path(folder))))
        os.environ["SECRET_KEY"] = "of-the-tests"
    return (yield)


def pytest_unconfigure() -> None:
    _stack.close()
