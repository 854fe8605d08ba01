"""Running Asterisk from its root folder with bubblewrap, as an ordinary user.

``/usr`` and ``/etc`` are the root folder's, read-only; ``/etc/asterisk``, ``/var/lib/asterisk``,
``/var/spool/asterisk``, ``/var/log/asterisk`` and ``/run/asterisk`` are the instance's. The prompts
appear under the same absolute path as outside. The network is the host's.
"""

from __future__ import annotations

import os
from pathlib import Path

from cordboard.settings import Settings
from cordboard.stack.paths import asterisk_folder

#: Place inside the sandbox -> folder of ``.run/<instance>/asterisk/``.
WRITABLE = {
    "/var/lib/asterisk": "lib",
    "/var/spool/asterisk": "spool",
    "/var/log/asterisk": "log",
    "/run/asterisk": "run",
}

ASTERISK = ("asterisk", "-C", "/etc/asterisk/asterisk.conf")

#: User inside the sandbox when root starts it; without it Asterisk would be root.
UNPRIVILEGED = 5060


def enter(root: Path) -> list[str]:
    """bubblewrap's command line up to the program, with nothing of an instance in it."""
    options = ["bwrap", "--unshare-user", "--unshare-ipc", "--unshare-uts", "--clearenv"]
    # An ordinary user's PATH has no sbin, where Asterisk is.
    options += ["--setenv", "PATH", "/usr/sbin:/usr/bin", "--setenv", "LANG", "C.UTF-8"]
    options += ["--setenv", "TERM", os.environ.get("TERM", "dumb")]
    # A host name that /etc/hosts always knows: a look-up that fails costs each call 5 seconds.
    options += ["--hostname", "localhost", "--tmpfs", "/"]
    if os.getuid() == 0:
        options += ["--uid", str(UNPRIVILEGED), "--gid", str(UNPRIVILEGED)]
    options += ["--ro-bind", str(root / "usr"), "/usr", "--ro-bind", str(root / "etc"), "/etc"]
    for name in ("bin", "sbin", "lib", "lib64"):
        options += ["--symlink", f"usr/{name}", f"/{name}"]
    options += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/run"]  # noqa: S108
    return options + _names_and_addresses(root)


def _names_and_addresses(root: Path) -> list[str]:
    """The host's own /etc/hosts and /etc/resolv.conf, which is often a link into /run."""
    if root == Path("/"):
        resolver = str(Path("/etc/resolv.conf").resolve())
        return ["--ro-bind-try", resolver, resolver] if resolver.startswith("/run") else []
    bound: list[str] = []
    for name in ("/etc/hosts", "/etc/resolv.conf"):
        bound += ["--ro-bind-try", str(Path(name).resolve()), name]
    return bound


def instance_binds(settings: Settings) -> list[str]:
    """What an instance's Asterisk may see of the machine besides its root folder."""
    own = asterisk_folder(settings)
    binds = ["--ro-bind", str(own / "etc"), "/etc/asterisk"]
    for inside, name in WRITABLE.items():
        binds += ["--bind", str(own / name), inside]
    return [*binds, "--ro-bind", str(settings.sounds), str(settings.sounds)]


def make_folders(settings: Settings) -> None:
    """The folders that ``instance_binds`` needs."""
    own = asterisk_folder(settings)
    for name in ("etc", *WRITABLE.values(), "lib/keys", "spool/recording"):
        (own / name).mkdir(parents=True, exist_ok=True)
    settings.sounds.mkdir(parents=True, exist_ok=True)


def server_command(settings: Settings, root: Path) -> list[str]:
    """Asterisk in the foreground.

    bubblewrap stays as the parent and would die of a signal to stop before Asterisk has stopped;
    it ignores that signal, while Asterisk sets its own handler for it.
    """
    # Asterisk ends with bubblewrap, also when that one is killed: a second start finds no first.
    inside = ["setpriv", "--pdeathsig", "KILL", *ASTERISK, "-f"]
    ignoring = ["env", "--ignore-signal=TERM"]
    return [*ignoring, *enter(root), *instance_binds(settings), "--chdir", "/", *inside]


def console_command(settings: Settings, root: Path, command: str | None) -> list[str]:
    """Asterisk's own command line, attached to the running server: one command, or a session."""
    inside = [*ASTERISK, *(["-rx", command] if command is not None else ["-r"])]
    return [*enter(root), *instance_binds(settings), "--chdir", "/", *inside]
