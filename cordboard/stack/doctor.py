"""`cordboard doctor`: what this machine and this stack lack, and what to do about each."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cordboard.settings import ROOT, Settings
from cordboard.stack import apt, components, paths, ports, postgres, processes, ready, rootfs
from cordboard.stack.errors import StackError
from cordboard.stack.sandbox import enter
from cordboard.stack.versions import parse_version

#: Free space below which a stack may soon fail, bytes.
LEAST_SPACE = 2 * 2**30
OLDEST_REDIS = (7, 0)


@dataclass(frozen=True)
class Finding:
    """One line of the doctor; ``hint`` says what to do when it is not ``ok``."""

    subject: str
    ok: bool
    said: str
    hint: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """Every finding, as soon as it is known."""
    for check in (_packages, _python, _postgres, _redis, _sandbox, _asterisk):
        yield check()
    yield from (_space(folder) for folder in (settings.run, paths.cache()))
    for name in components.names(settings):
        yield _component(settings, name)
    yield _prompts(settings)
    yield _phones(settings)


def _packages() -> Finding:
    setup = (ROOT / "bin" / "setup").read_text(encoding="utf-8")
    match = re.search(r'^packages="([^"]+)"', setup, re.MULTILINE)
    wanted = match[1].split() if match else []
    answer = _output(["dpkg-query", "-W", "-f=${Package} ${db:Status-Status}\n", *wanted])
    present = {line.split()[0] for line in answer.splitlines() if line.endswith(" installed")}
    missing = [name for name in wanted if name not in present]
    said = f"missing: {', '.join(missing)}" if missing else f"all {len(wanted)} are installed"
    return Finding("Debian packages", not missing, said, "Run 'make setup'.")


def _python() -> Finding:
    said = ".".join(map(str, sys.version_info[:3]))
    hint = "Remove .venv and run 'make setup' with Python 3.11 or newer."
    return Finding("Python", sys.version_info >= (3, 11), said, hint)


def _postgres() -> Finding:
    try:
        said = _output([str(postgres.program("postgres")), "--version"]).strip()
    except StackError as error:
        return Finding("PostgreSQL", False, error.problem, error.hint)
    return Finding("PostgreSQL", True, said)


def _redis() -> Finding:
    said = _output(["redis-server", "--version"])
    version = parse_version(said)
    text = ".".join(map(str, version)) or "not there"
    return Finding("Redis", version >= OLDEST_REDIS, text, "Redis 7 is needed: run 'make setup'.")


def _sandbox() -> Finding:
    probe = [*enter(Path("/")), "true"]
    answer = subprocess.run(probe, capture_output=True, text=True, check=False)
    hint = "Allow user namespaces: sysctl kernel.unprivileged_userns_clone=1."
    return Finding("Sandbox", answer.returncode == 0, answer.stderr.strip() or "works", hint)


def _asterisk() -> Finding:
    root = rootfs.find_root()
    if root:
        return Finding("Asterisk", True, f"{rootfs.version(root)} in {root}")
    try:
        said = f"not unpacked yet; 'make setup' takes it from {apt.find_mirror()}"
    except StackError as error:
        return Finding("Asterisk", False, error.problem, error.hint)
    return Finding("Asterisk", False, said, "Run 'make setup'.")


def _space(folder: Path) -> Finding:
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    said = f"{free / 2**30:.1f} GB free"
    return Finding(f"Space in {folder}", free >= LEAST_SPACE, said, "Make room there.")


def _component(settings: Settings, name: str) -> Finding:
    """Whether it answers; when it does not run, whether it could."""
    problem = ready.problem(settings, name)
    if not problem:
        return Finding(name, True, f"answers at {ready.address(settings, name)}")
    hint = f"Run 'cordboard up'; 'cordboard log {name}' tells more."
    if name not in components.elsewhere(settings):
        try:
            _not_ours(settings, name)
        except StackError as error:
            return Finding(name, False, error.problem, error.hint)
    return Finding(name, False, problem, hint)


def _not_ours(settings: Settings, name: str) -> None:
    """Raise when a port is held by a process that this stack did not start."""
    if not processes.of_instance(settings):
        ports.must_be_free(settings, name)


def _prompts(settings: Settings) -> Finding:
    from cordboard import prompts

    wanted = prompts.read_texts(prompts.TEXTS)
    spoken = {path.stem for path in settings.sounds.rglob("*.wav")}
    missing = wanted.keys() - spoken
    said = f"{len(missing)} of {len(wanted)} are missing" if missing else f"all {len(wanted)} exist"
    return Finding("Prompts", not missing, said, "Run 'cordboard up'.")


def _phones(settings: Settings) -> Finding:
    """How many phones are registered; none is no fault, but hardly anybody can be rung."""
    if "asterisk" in components.elsewhere(settings) or ready.problem(settings, "asterisk"):
        return Finding("Phones", True, "unknown while Asterisk is not here")
    from cordboard.stack.sandbox import console_command

    root = rootfs.find_root() or Path("/")
    contacts = _output(console_command(settings, root, "pjsip show contacts"))
    registered = sorted(set(re.findall(r"Contact:\s+(phone-[^/\s]+)/", contacts)))
    return Finding(
        "Phones",
        True,
        ", ".join(registered) or "none is registered: only agents at telephone numbers are rung",
    )


def _output(command: list[str]) -> str:
    """What a program prints; nothing when it is not there."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""
