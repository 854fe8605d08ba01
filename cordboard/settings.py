"""Every setting of Cordboard, with its default and its meaning, and the one table of ports.

A setting comes, in this order, from an environment variable ``CORDBOARD_<NAME>``, from
``.run/<instance>/secrets.env`` (made by ``cordboard up``), or from the default given with it: here,
in ``settings_addresses.py``, ``settings_rules.py`` or ``settings_processes.py``.
"""

from __future__ import annotations

import os
import re
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from cordboard.settings_addresses import LOCAL, Addresses
from cordboard.settings_processes import Processes
from cordboard.settings_rules import Rules

ROOT = Path(__file__).resolve().parent.parent

#: First port of each named instance; every component has a fixed offset from it (``PORTS``).
INSTANCES = {"dev": 15000, "test": 17000, "bench": 19000}

#: Component -> (offset, transport). All of them listen on loopback only. ``trunk`` is where the
#: telephone company of the local stack, SIPp in tests, takes calls on 127.0.0.2.
PORTS = {
    "postgres": (32, "tcp"),
    "sip": (60, "udp"),
    "trunk": (61, "udp"),
    "agi": (73, "tcp"),
    "redis": (79, "tcp"),
    "web": (80, "tcp"),
    "shop": (81, "tcp"),
    "decider": (82, "tcp"),
    "ari": (88, "tcp"),
    "ari_app_metrics": (91, "tcp"),
    "agi_metrics": (92, "tcp"),
    "worker_metrics": (93, "tcp"),
    "rtp_first": (200, "udp"),
    "rtp_last": (999, "udp"),
}


class UnknownInstance(ValueError):
    """The instance has no entry in ``INSTANCES`` and no port base was given."""


class Settings(Processes, Rules, Addresses, BaseSettings):
    """The settings of one instance; build it with :func:`load_settings`."""

    model_config = SettingsConfigDict(env_prefix="CORDBOARD_", extra="ignore", frozen=True)

    instance: str = Field(
        "dev",
        description="Name of this stack; stacks of other names run beside it.",
    )
    port_base: int = Field(
        0,
        ge=0,
        le=64000,
        description="First port of the instance; 0 takes it from the table.",
    )
    run_dir: Path = Field(
        Path(),
        description="Where this instance keeps its state; empty means `.run/<instance>`.",
    )

    @field_validator("instance")
    @classmethod
    def _plain_instance_name(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", value):
            raise ValueError(
                f"{value!r} is not a name of lower-case letters, digits and '-' (at most 31)"
            )
        return value

    @cached_property
    def base(self) -> int:
        """First port of this instance."""
        if self.port_base:
            return self.port_base
        if self.instance not in INSTANCES:
            raise UnknownInstance(
                f"instance {self.instance!r} has no ports of its own:"
                f" use one of {', '.join(INSTANCES)},"
                " or set CORDBOARD_PORT_BASE to the first of 1000 free ports"
            )
        return INSTANCES[self.instance]

    def port(self, component: str) -> int:
        """Port of a component of ``PORTS``."""
        return self.base + PORTS[component][0]

    @cached_property
    def run(self) -> Path:
        """Absolute folder of this instance's state."""
        return (self.run_dir if self.run_dir.parts else ROOT / ".run" / self.instance).resolve()

    @cached_property
    def sounds(self) -> Path:
        """Spoken prompts and announcements; Asterisk sees them under the same path."""
        return self.run / "sounds"

    @cached_property
    def database(self) -> str:
        """PostgreSQL URL in force."""
        password = self.database_password.get_secret_value()
        user = f"cordboard:{password}" if password else "cordboard"
        return (
            self.database_url or f"postgresql://{user}@127.0.0.1:{self.port('postgres')}/cordboard"
        )

    @cached_property
    def offers_database(self) -> str:
        """PostgreSQL URL of the offers in force: that of the customers unless it is set."""
        if self.offers_database_url == LOCAL:
            parts = urlsplit(self.database)
            return urlunsplit(parts._replace(path=f"{parts.path}_offers"))
        return self.offers_database_url or self.database

    @cached_property
    def is_split(self) -> bool:
        """Whether offers are in a database of their own."""
        return self.offers_database != self.database

    @cached_property
    def decider(self) -> str:
        """Base URL of the decision service in force; empty without one."""
        if self.decider_url == LOCAL:
            return f"http://127.0.0.1:{self.port('decider')}"
        return self.decider_url

    @cached_property
    def redis(self) -> str:
        """Redis URL in force."""
        password = self.redis_password.get_secret_value()
        user = f":{password}@" if password else ""
        return self.redis_url or f"redis://{user}127.0.0.1:{self.port('redis')}/0"

    @cached_property
    def ari(self) -> str:
        """Base URL of Asterisk's HTTP server in force."""
        return self.ari_url or f"http://127.0.0.1:{self.port('ari')}"

    @cached_property
    def web(self) -> str:
        """Base URL of the web desk in force."""
        scheme = "https" if self.tls else "http"
        return self.web_url or f"{scheme}://127.0.0.1:{self.port('web')}"


def load_settings(instance: str | None = None) -> Settings:
    """Settings of ``instance`` (default: ``CORDBOARD_INSTANCE``, else ``dev``) with its secrets.

    Raises:
        pydantic.ValidationError: a setting has a value it cannot have; the message names it.
    """
    name = instance or os.environ.get("CORDBOARD_INSTANCE", "dev")
    run = Settings(instance=name).run
    return Settings(instance=name, _env_file=run / "secrets.env")
