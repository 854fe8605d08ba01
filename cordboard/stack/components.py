"""The processes of a stack: what each runs, where it answers, and what makes it start anew."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cordboard.settings import ROOT, Settings
from cordboard.settings_addresses import LOCAL
from cordboard.stack import postgres, redis_server, sandbox
from cordboard.stack.paths import asterisk_folder

#: In the order in which they start; each needs those before it.
NAMES = ("postgres", "redis", "asterisk", "agi", "decider", "ari_app", "worker", "web", "shop")

#: Component -> the variable that points at one elsewhere.
ADDRESS_OF = {
    "postgres": "CORDBOARD_DATABASE_URL",
    "redis": "CORDBOARD_REDIS_URL",
    "asterisk": "CORDBOARD_ARI_URL",
    "decider": "CORDBOARD_DECIDER_URL",
}

#: The packages whose change means that a Python component has to start anew.
CODE = {
    "agi": ("agi", "cordboard", "db"),
    "decider": ("decider", "cordboard", "db"),
    "ari_app": ("ari_app", "decider", "cordboard", "db"),
    "worker": ("ari_app", "cordboard", "db"),
    "web": ("webdesk", "decider", "cordboard", "db"),
    "shop": ("cordboard", "db"),
}
#: What is run of a component whose name is not that of its package.
MODULES = {"worker": "ari_app.worker", "shop": "cordboard.shopsite"}
#: Kinds of files in them that are read when a process starts.
READ = (".py", ".sql", ".lua", ".html", ".toml")


@dataclass(frozen=True)
class Component:
    """One supervised process; ``fingerprint`` changes when it must start anew."""

    name: str
    command: list[str]
    folder: Path
    fingerprint: str
    stop_signal: str = "TERM"
    signal_group: bool = False


def names(settings: Settings) -> tuple[str, ...]:
    """Those of ``NAMES`` that this instance has; a decision service only when it is asked for."""
    return tuple(name for name in NAMES if name != "decider" or settings.decider_url)


def elsewhere(settings: Settings) -> dict[str, str]:
    """Components that settings point at elsewhere, with the address; none is started here."""
    given = {
        "postgres": settings.database_url,
        "redis": settings.redis_url,
        "asterisk": settings.ari_url,
        "decider": "" if settings.decider_url == LOCAL else settings.decider_url,
    }
    return {name: address for name, address in given.items() if address}


def describe(settings: Settings, root: Path, wanted: set[str]) -> list[Component]:
    """What this instance runs itself, in the order of ``NAMES``; ``root`` holds Asterisk."""
    return [_component(settings, root, name) for name in NAMES if name in wanted]


def _component(settings: Settings, root: Path, name: str) -> Component:
    if name == "postgres":
        data = postgres.data_folder(settings)
        files = [data / "postgresql.conf", data / "pg_hba.conf"]
        command = postgres.server_command(settings)
        return Component(name, command, data, fingerprint(files), stop_signal="INT")
    if name == "redis":
        files = [redis_server.configuration(settings)]
        command = redis_server.server_command(settings)
        return Component(name, command, settings.run / "redis", fingerprint(files))
    if name == "asterisk":
        own = asterisk_folder(settings)
        files = [path for path in own.glob("etc/*.conf") if not is_reloadable(path.name)]
        command = sandbox.server_command(settings, root)
        return Component(name, command, own, fingerprint(files), signal_group=True)
    folders = (ROOT / package for package in CODE[name])
    sources = [path for folder in folders for path in folder.rglob("*") if path.suffix in READ]
    if name == "web" and settings.tls:
        sources.append(settings.run / "tls" / "web.pem")
    return Component(name, python_command(name), ROOT, fingerprint(sources))


def python_command(name: str) -> list[str]:
    """Command line of one of Cordboard's own processes."""
    if name == "web":
        configuration = "python:cordboard.stack.gunicorn"
        return [sys.executable, "-m", "gunicorn", "-c", configuration, "webdesk:create_app()"]
    return [sys.executable, "-m", MODULES.get(name, name)]


def is_reloadable(name: str) -> bool:
    """Whether Asterisk takes a changed file without a restart that would cut calls."""
    return name.startswith("extensions") or name == "queues.conf"


def fingerprint(files: Iterable[Path]) -> str:
    """A short digest of the files' names and contents."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(str(path).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
