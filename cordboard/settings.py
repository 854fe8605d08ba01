"""Every setting of Cordboard, with its default and its meaning, and the one table of ports.

A setting comes, in this order, from an environment variable ``CORDBOARD_<NAME>``, from
``.run/<instance>/secrets.env`` (made by ``cordboard up``), or from the default given here.
"""

from __future__ import annotations

import os
import re
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

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

#: As an address: this stack runs the service itself.
LOCAL = "local"


class UnknownInstance(ValueError):
    """The instance has no entry in ``INSTANCES`` and no port base was given."""


class Settings(BaseSettings):
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

    database_url: str = Field(
        "",
        description="PostgreSQL URL; empty means the private cluster of the stack.",
    )
    offers_database_url: str = Field(
        "",
        description=(
            "PostgreSQL URL of the database whose offers, rules and strategies count; `local` is a "
            "second one on the customers' server; empty means that they are with the customers."
        ),
    )
    redis_url: str = Field(
        "",
        description="Redis URL; empty means the private server of the stack.",
    )
    database_password: SecretStr = Field(
        SecretStr(""),
        description="Password of the stack's own PostgreSQL; made by `cordboard up`.",
    )
    redis_password: SecretStr = Field(
        SecretStr(""),
        description="Password of the stack's own Redis; made by `cordboard up`.",
    )
    ari_url: str = Field(
        "",
        description=(
            "Base URL of Asterisk's HTTP server, without `/ari`; empty means the stack's own "
            "Asterisk."
        ),
    )
    ari_user: str = Field("cordboard", description="ARI user name.")
    ari_password: SecretStr = Field(
        SecretStr(""),
        description="ARI password; made by `cordboard up` for the local stack.",
    )
    web_url: str = Field(
        "",
        description="Public base URL of the web desk, as agents' browsers see it.",
    )

    decider_url: str = Field(
        "",
        description=(
            "Base URL of the decision service; `local` runs one in this stack; empty means that "
            "whoever decides asks the databases itself."
        ),
    )
    decider_token: SecretStr = Field(
        SecretStr(""),
        description=(
            "What everybody who asks the decision service must know; made by `cordboard up` for "
            "the local stack."
        ),
    )
    decider_host: str = Field(
        "127.0.0.1",
        description="Address on which the decision service listens.",
    )

    secret_key: SecretStr = Field(SecretStr(""), description="Signs web sessions and forms.")
    ssn_key: SecretStr = Field(
        SecretStr(""),
        description=(
            "Key of the HMAC that stores social security numbers; losing it makes them unmatchable."
        ),
    )
    sip_realm: str = Field(
        "cordboard",
        description="SIP digest realm; agents' phone passwords are stored as HA1 over it.",
    )
    dial_per_minute: int = Field(
        600,
        ge=0,
        le=100_000,
        description="Most calls dialled in one minute for all subscribers together.",
    )
    wanted_agent_seconds: int = Field(
        30,
        ge=0,
        le=600,
        description=(
            "How long a customer who is called back waits for the agent asked for, who is busy, "
            "seconds."
        ),
    )
    retention_days: int = Field(
        90,
        ge=1,
        le=3650,
        description=(
            "Days that delivered webhooks, refusals, timelines of ended requests and lists of "
            "offers that nobody opened are kept."
        ),
    )
    order_change_minutes: int = Field(
        10,
        ge=0,
        le=1440,
        description=(
            "Minutes after placing during which a client may change an order that was accepted; "
            "one that was not may be changed at any time."
        ),
    )
    draft_hours: int = Field(
        24,
        ge=1,
        le=24,
        description="Hours after which an order that nobody went on with is given up.",
    )
    payment_provider: str = Field(
        "",
        pattern="^(test)?$",
        description=(
            "Who takes payments by a link: `test` is a page of the demo shop, which the local "
            "stack sets; empty offers no such payment."
        ),
    )
    mail_url: str = Field(
        "",
        description=(
            "Where e-mail is handed over: `smtp://host:port`, with STARTTLS `smtp+tls://`, or "
            "`smtps://`; empty writes each as a file into `.run/<instance>/outbox/`."
        ),
    )
    mail_user: str = Field("", description="User name at the mail server; empty logs in nowhere.")
    mail_password: SecretStr = Field(SecretStr(""), description="Password at the mail server.")
    mail_from: str = Field(
        "orders@cordboard.invalid",
        description="Address from which clients get e-mail.",
    )
    nightly_hour: int = Field(
        3,
        ge=-1,
        le=23,
        description=(
            "Hour of the day, where the subscriber is, from which its model is trained and its "
            "lists are built anew; -1 never does."
        ),
    )
    strategies_every_minutes: int = Field(
        5,
        ge=0,
        le=1440,
        description="Minutes between builds of what has changed (customers, offers); 0 never does.",
    )
    default_region: str = Field(
        "US",
        description="Region (ISO 3166) for numbers that arrive in national form.",
    )

    agi_threads: int = Field(
        16,
        ge=1,
        le=256,
        description="Threads, and database connections, of the FastAGI server.",
    )
    agi_deadline_ms: int = Field(
        1000,
        ge=50,
        le=10_000,
        description="Longest time one AGI question may take, milliseconds.",
    )
    web_workers: int = Field(
        1,
        ge=1,
        le=32,
        description="Gunicorn worker processes of the web desk.",
    )
    web_proxies: int = Field(
        0,
        ge=0,
        le=4,
        description="Trusted proxies before the web desk; their `X-Forwarded-*` headers count.",
    )
    webhook_private_targets: bool = Field(
        False,
        description=(
            "Whether webhooks may go to loopback and private addresses; the local stack sets it."
        ),
    )
    tls: bool = Field(
        False,
        description=(
            "Whether the local web desk speaks https, with the certificate of `cordboard tls`."
        ),
    )
    tts_engine: str = Field(
        "espeak-ng",
        description="Text-to-speech engine: `espeak-ng` or `piper`.",
    )
    tts_voice: str = Field(
        "",
        description="Voice of the engine; for piper, the path of its voice file.",
    )
    tts_words_per_minute: int = Field(
        155,
        ge=80,
        le=450,
        description="How fast prompts and announcements are spoken.",
    )
    log_level: str = Field(
        "info",
        description="Least severe level logged: debug, info, warning, error.",
    )

    @field_validator("instance")
    @classmethod
    def _plain_instance_name(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", value):
            raise ValueError(
                f"{value!r} is not a name of lower-case letters, digits and '-' (at most 31)"
            )
        return value

    @field_validator("decider_url")
    @classmethod
    def _local_or_http_url(cls, value: str) -> str:
        return value if value == LOCAL else cls._http_url(value)

    @field_validator("mail_url")
    @classmethod
    def _mail_server(cls, value: str) -> str:
        if value and not re.fullmatch(r"smtp(s|\+tls)?://[^/\s:@]+(:[0-9]{1,5})?/?", value):
            raise ValueError(
                f"{value!r} is no mail server: write smtp://, smtp+tls:// or smtps:// and host:port"
            )
        return value.rstrip("/")

    @field_validator("web_url", "ari_url")
    @classmethod
    def _http_url(cls, value: str) -> str:
        if value and not re.match(r"https?://[^/\s]+", value):
            raise ValueError(f"{value!r} does not begin with http:// or https:// and a host")
        return value.rstrip("/")

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
