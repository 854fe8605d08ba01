"""A root folder with Asterisk in it, made once from Debian packages.

Debian stable has no Asterisk; Debian testing has. mmdebstrap unpacks that one package with what it
needs into a folder of its own, so nothing of the machine changes. ``sandbox.py`` runs it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cordboard.stack import apt
from cordboard.stack.errors import StackError
from cordboard.stack.paths import cache
from cordboard.stack.progress import Say, step
from cordboard.stack.sandbox import enter
from cordboard.stack.versions import OLDEST_ASTERISK, is_new_enough

SUITE = "forky"
PACKAGES = "asterisk,asterisk-core-sounds-en-wav"

#: Raised when the recipe below changes, so that folders of the older recipe are not used.
RECIPE = 1

#: What only makes the folder bigger. Asterisk's own documentation stays: modules refuse without.
NOT_NEEDED = ("./dev/*", "./usr/share/doc/*", "./usr/share/man/*", "./usr/share/locale/*")

STALE_MIRROR = ('--aptopt=Acquire::Check-Valid-Until "false"',)


def find_root() -> Path | None:
    """Root folder whose Asterisk is to be used: the machine's own, the one made, or none yet."""
    if machine_has_asterisk():
        return Path("/")
    made = made_root()
    return made if made.is_dir() else None


def machine_has_asterisk() -> bool:
    """Whether the machine's Asterisk is new enough and packaged as Debian does."""
    program = shutil.which("asterisk", path="/usr/sbin:/usr/bin")
    if not program or not Path("/usr/share/asterisk/documentation").is_dir():
        return False
    answer = subprocess.run([program, "-V"], capture_output=True, text=True, check=False)
    return is_new_enough(answer.stdout)


def made_root() -> Path:
    """Where the made root folder is, or will be."""
    return cache() / f"asterisk-{SUITE}-{RECIPE}"


def ensure_root(say: Say) -> Path:
    """The root folder, made now when there is none; about a minute, and some 350 MB to fetch.

    Raises:
        StackError: the packages could not be had or are too old.
    """
    root = find_root()
    if root:
        return root
    with _only_one_builder():
        return find_root() or _build(made_root(), say)


def _build(root: Path, say: Say) -> Path:
    mirror = apt.find_mirror()
    with step(say, f"Asterisk: unpacking Debian {SUITE}'s package into {root}"):
        partial = root.with_name(f"{root.name}.partial")
        remove_tree(partial)
        error = _unpack(partial, mirror, ())
        if "expired" in error or "Valid-Until" in error or "not valid" in error:
            say("  the mirror's index is past its date; trying again without checking the date")
            remove_tree(partial)
            error = _unpack(partial, mirror, STALE_MIRROR)
        if error:
            remove_tree(partial)
            raise _explain(error)
        _finish(partial)
        partial.rename(root)
    return root


def _unpack(target: Path, mirror: str, options: tuple[str, ...]) -> str:
    """Stream mmdebstrap's archive into ``target``; answer what went wrong, or nothing.

    Going through an archive gives every file to this user, so that the folder can be removed
    without root, and lets tar leave out what is not needed.
    """
    target.mkdir(parents=True)
    command = ["mmdebstrap", "--variant=apt", "--format=tar", f"--include={PACKAGES}", *options]
    excludes = [f"--exclude={pattern}" for pattern in NOT_NEEDED]
    untar = ["tar", "-x", "-C", str(target), "--no-same-owner", "--wildcards", *excludes]
    with tempfile.TemporaryFile() as errors:
        with subprocess.Popen(
            [*command, SUITE, "-", mirror], stdout=subprocess.PIPE, stderr=errors
        ) as make:
            unpacked = subprocess.run(untar, stdin=make.stdout, stderr=errors, check=False)
        if make.returncode == 0 and unpacked.returncode == 0:
            return ""
        errors.seek(0)
        return errors.read().decode(errors="replace") or "mmdebstrap failed and said nothing"


def _finish(root: Path) -> None:
    """Leave mount points for the files that the sandbox binds from the host; check the version."""
    for name in ("hosts", "resolv.conf"):
        path = root / "etc" / name
        path.unlink(missing_ok=True)
        path.touch()
    found = version(root)
    if not is_new_enough(found):
        wanted = ".".join(map(str, OLDEST_ASTERISK))
        raise StackError(
            f"the mirror's {SUITE} has {found or 'no working Asterisk'}; {wanted} is needed",
            "The mirror may be an old snapshot: name a current one in apt's sources.",
        )


def version(root: Path) -> str:
    """The version line of a root folder's Asterisk, or why it does not start."""
    answer = subprocess.run(
        [*enter(root), "asterisk", "-V"], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() or answer.stderr.strip()


def _explain(error: str) -> StackError:
    """The error in a person's words."""
    tail = "\n  ".join(error.strip().splitlines()[-6:])
    if "NO_PUBKEY" in error or "not signed" in error or "signatures" in error:
        hint = (
            "This machine's Debian keys are older than Debian testing's: install the current"
            " debian-archive-keyring package and run this again."
        )
    elif "newuidmap" in error or "subuid" in error:
        hint = "Give this user a range in /etc/subuid and /etc/subgid (usermod --add-subuids …)."
    elif "unshare" in error or "user namespace" in error:
        hint = "Allow user namespaces: sysctl kernel.unprivileged_userns_clone=1."
    else:
        hint = "Check that 'apt-get update' works here, then run 'make setup' again."
    return StackError(f"Asterisk's packages could not be unpacked:\n  {tail}", hint)


@contextmanager
def _only_one_builder() -> Iterator[None]:
    """Two set-ups at once build one after the other; the second finds the work done."""
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def remove_tree(path: Path) -> None:
    """Remove a folder, also one that has folders without the right to write in them."""
    if not path.exists():
        return
    for folder, _, _ in os.walk(path):
        Path(folder).chmod(0o700)
    shutil.rmtree(path)


if __name__ == "__main__":
    from cordboard.stack.progress import say_on_stderr

    try:
        ensure_root(say_on_stderr)
    except StackError as error:
        sys.exit(f"cordboard: {error}")
