"""Settings: where each part is, and what it takes to be let in there."""

from __future__ import annotations

import re

from pydantic import BaseModel, Field, SecretStr, field_validator

#: As an address: this stack runs the service itself.
LOCAL = "local"


class Addresses(BaseModel):
    """Addresses, user names, passwords and keys."""

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
