"""PostgreSQL refuses root: then the servers run as an account without rights that already exists."""

import os
import pwd
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from scorecard_project.embedded.errors import EmbeddedError

CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    name: str
    uid: int
    gid: int


def unprivileged() -> Account | None:
    """The account to drop to, or None where we are not root and stay who we are."""
    if os.geteuid() != 0:
        return None
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise EmbeddedError(
        "PostgreSQL does not run as root, and this machine has neither an account 'postgres' nor "
        "'nobody'. Start Scorecard as an ordinary user, or set DATABASE_URL and REDIS_URL."
    )


def reaches(account: Account, path: Path) -> bool:
    """Whether every folder on the way to `path`, and `path` itself, can be entered by the account."""
    return all(_enters(account, folder) for folder in (path, *path.parents))


def _enters(account: Account, folder: Path) -> bool:
    status = folder.stat()
    if status.st_uid == account.uid:
        return bool(status.st_mode & 0o100)
    if status.st_gid == account.gid:
        return bool(status.st_mode & 0o010)
    return bool(status.st_mode & 0o001)


def give(account: Account | None, path: Path) -> None:
    if account is not None:
        os.chown(path, account.uid, account.gid)


def reachable_folder(account: Account | None, home: Path, fallback: Path) -> Path:
    """Where the servers keep their files: the home or, where it lies under a closed folder such as
    root's own home, a folder outside of it that the home remembers."""
    if account is None or reaches(account, home):
        return home
    pointer = home / "servers"
    if not pointer.is_symlink() or not pointer.exists():
        fallback.mkdir(mode=0o755, parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="scorecard-", dir=fallback))
        folder.chmod(0o711)
        pointer.unlink(missing_ok=True)
        pointer.symlink_to(folder)
    return pointer.resolve()


def readable_copy(account: Account | None, source: Path, folder: Path, *parts: str) -> Path:
    """`source`, or a copy of its `parts` below `folder` where the account cannot read it."""
    if account is None or reaches(account, source / parts[0]):
        return source
    if not folder.exists():
        staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        staging.chmod(0o755)
        for part in parts:
            shutil.copytree(source / part, staging / part)
        staging.rename(folder)
    return folder
