"""The stack's own PostgreSQL cluster: made once, reached by TCP on loopback with a password."""

from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path

from cordboard.settings import Settings
from cordboard.stack.errors import StackError

#: Debian's versions; each of its packages goes into a folder of its own.
PROGRAMS = Path("/usr/lib/postgresql")
OLDEST = 15

CONFIGURATION = """\
# Written by `cordboard up`.
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 150
timezone = 'UTC'
log_line_prefix = '%m %u '
jit = off
"""

ACCESS = "host all all 127.0.0.1/32 scram-sha-256\n"


def data_folder(settings: Settings) -> Path:
    """The cluster's data folder."""
    return settings.run / "postgres"


def make_cluster(settings: Settings) -> None:
    """Make the cluster when there is none, and write its configuration.

    The cluster appears under its name only when it is whole, so an interrupted start leaves nothing
    that looks like one.
    """
    data = data_folder(settings)
    if not data.exists():
        partial = data.with_name("postgres.partial")
        _initialise(settings, partial)
        partial.rename(data)
    conf = CONFIGURATION.format(port=settings.port("postgres"))
    (data / "postgresql.conf").write_text(conf, encoding="utf-8")
    (data / "pg_hba.conf").write_text(ACCESS, encoding="utf-8")


def _initialise(settings: Settings, data: Path) -> None:
    subprocess.run(["rm", "-rf", str(data)], check=True)
    data.mkdir(mode=0o700, parents=True)
    password = settings.run / "postgres.password"
    password.touch(mode=0o600)
    password.write_text(settings.database_password.get_secret_value(), encoding="utf-8")
    command = [str(program("initdb")), "--pgdata", str(data), "--username", "cordboard"]
    command += ["--pwfile", str(password), "--auth", "scram-sha-256", "--no-sync"]
    command += ["--encoding", "UTF8", "--locale", "C.UTF-8"]
    made = subprocess.run(
        as_ordinary_user(command), capture_output=True, text=True, check=False, cwd=data
    )
    password.unlink()
    if made.returncode:
        raise StackError(f"PostgreSQL's cluster could not be made: {made.stderr.strip()}")
    alone = as_ordinary_user([str(program("postgres")), "--single", "-D", str(data), "postgres"])
    statement = b"CREATE DATABASE cordboard;\n"
    subprocess.run(alone, input=statement, capture_output=True, check=True, cwd=data)


def server_command(settings: Settings) -> list[str]:
    """The server in the foreground."""
    data = data_folder(settings)
    version = (data / "PG_VERSION").read_text(encoding="utf-8").strip()
    return as_ordinary_user([str(program("postgres", version)), "-D", str(data)])


def program(name: str, version: str = "") -> Path:
    """A program of the newest PostgreSQL here, or of the ``version`` that a cluster was made with.

    Raises:
        StackError: it is not installed.
    """
    found = {path.name: path / "bin" for path in PROGRAMS.glob("[0-9]*") if path.name.isdigit()}
    wanted = version or max(found, key=int, default="")
    if wanted not in found or int(wanted) < OLDEST or not (found[wanted] / name).exists():
        raise StackError(
            f"PostgreSQL {version or f'{OLDEST} or newer'} is not installed",
            f"Run 'make setup', or 'apt-get install postgresql{version and '-' + version}'.",
        )
    return found[wanted] / name


def as_ordinary_user(command: list[str]) -> list[str]:
    """``command``, for root in a user namespace in which it is not root: PostgreSQL refuses root.

    Its files stay root's outside, but it has none of root's powers over the files of others:
    :func:`check_reach`.
    """
    if os.getuid() != 0:
        return command
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        user = pwd.getpwnam("nobody")
    mapped = [f"--map-user={user.pw_uid}", f"--map-group={user.pw_gid}"]
    return ["unshare", "--user", *mapped, "--", *command]


def check_reach(settings: Settings) -> None:
    """Check that PostgreSQL and Asterisk, which start without root's powers, reach the run folder.

    Raises:
        StackError: root started them from a folder that belongs to somebody else alone.
    """
    test = as_ordinary_user(["test", "-x", str(settings.run)])
    answer = subprocess.run(test, capture_output=True, text=True, check=False)
    if answer.returncode and answer.stderr:
        raise StackError(answer.stderr.strip(), "Allow user namespaces, or do not run it as root.")
    if answer.returncode:
        raise StackError(
            f"root without its powers, as the servers run, may not enter {settings.run}",
            "Run it without sudo, as the user whose folder it is.",
        )
