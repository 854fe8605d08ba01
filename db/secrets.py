"""Secrets of subscribers in the database: made, listed, revoked, and the keys that sign.

The secret itself is answered once, by :func:`new_secret`, and stored nowhere.
"""

from __future__ import annotations

from typing import Any

import structlog
from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from cordboard.secrets import UnsealError, hash_secret, make_secret, seal, signing_key, unseal
from cordboard.settings import Settings
from db.errors import named_errors
from db.policy import UnknownSubscriber
from db.queries import sql

log = structlog.get_logger(__name__)

Json = dict[str, Any]


class UnknownSecret(LookupError):
    """The subscriber has no live secret of this number."""


def new_secret(
    conn: Connection[Any],
    settings: Settings,
    subscriber: str,
    label: str = "default",
    actor: int | None = None,
    secret: str = "",
) -> str:
    """Make a secret for a subscriber (its code); ``actor`` is who is noted in the audit.

    ``secret`` is the one to store where it is known already (``secret_of_form``), else random.

    Raises:
        psycopg.errors.UniqueViolation: that secret was made before.
        UnknownSubscriber: nobody has this code.
        db.errors.TooManySecrets: two are live already.
        ValueError: ``CORDBOARD_SECRET_KEY`` is empty.
    """
    secret = secret or make_secret()
    values = {
        "subscriber": subscriber,
        "label": label,
        "secret_hash": hash_secret(secret),
        "signing_key": seal(signing_key(secret), settings.secret_key.get_secret_value()),
    }
    with named_errors(), conn.transaction(), conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(sql.insert_secret, values).fetchone()
        if row is None:
            raise UnknownSubscriber(f"there is no subscriber {subscriber[:40]!r}")
        _note(conn, actor, "secret.made", row["id"], subscriber, label)
    return secret


def list_secrets(conn: Connection[Any], subscriber: str) -> list[Json]:
    """A subscriber's secrets, live ones first: ``id label created_at revoked_at``."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(sql.secrets_of, {"subscriber": subscriber}).fetchall()


def made_just_now(conn: Connection[Any], subscriber: str, secret: str) -> bool:
    """Whether this live secret of the subscriber was made so lately that it may be shown again."""
    values = {"subscriber": subscriber, "secret_hash": hash_secret(secret)}
    return conn.execute(sql.secret_made_just_now, values).fetchone() is not None


def revoke_secret(
    conn: Connection[Any], subscriber: str, secret_id: int, actor: int | None = None
) -> None:
    """End a secret, now: what it signed is refused from here on.

    Raises:
        UnknownSecret: this subscriber has no live secret of this number.
    """
    values = {"subscriber": subscriber, "id": secret_id}
    with conn.transaction(), conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(sql.revoke_secret, values).fetchone()
        if row is None:
            raise UnknownSecret(f"{subscriber} has no live secret {secret_id}")
        _note(conn, actor, "secret.revoked", secret_id, subscriber, row["label"])


def signing_keys(conn: Connection[Any], settings: Settings, subscriber: str) -> list[bytes]:
    """The keys that sign for a subscriber at present, the newest first; none for an unknown one.

    Raises:
        UnsealError: there are keys, and none can be read.
    """
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(sql.live_signing_keys, {"subscriber": subscriber}).fetchall()
    return unseal_keys([row["signing_key"] for row in rows], settings)


def unseal_keys(sealed: list[bytes], settings: Settings) -> list[bytes]:
    """Those of the keys that can be read.

    Raises:
        UnsealError: there are keys, and none can be read.
    """
    keys, problem = [], None
    for one in sealed:
        try:
            keys.append(unseal(bytes(one), settings.secret_key.get_secret_value()))
        except UnsealError as error:
            log.error("secret.unreadable", error=str(error))
            problem = error
    if problem and not keys:
        raise problem
    return keys


def _note(
    conn: Connection[Any], actor: int | None, action: str, id_: int, subscriber: str, label: str
) -> None:
    data = Jsonb({"subscriber": subscriber, "label": label})
    values = {"actor": actor, "action": action, "entity": f"secret:{id_}", "data": data}
    conn.execute(sql.add_audit_entry, values)
