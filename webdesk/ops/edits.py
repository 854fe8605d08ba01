"""How ops change a row: checked by a form, once, against the version that was seen, audited.

Row, audit entry and version are one transaction. Whoever keeps a copy is told after the commit.
Offers and their rules may be in a database of their own; the audit is always with the people, so
its line is then stored a moment before the row it tells of.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import redis
import structlog
from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from cordboard import audit, events
from db.errors import named_errors
from db.queries import sql
from webdesk.services import POOL_WAIT_S, Services

log = structlog.get_logger(__name__)

Json = dict[str, Any]


class EditedMeanwhile(Exception):
    """Somebody else changed the row since it was shown; ``row`` is what it says now."""

    def __init__(self, row: Json, editor: str) -> None:
        super().__init__("edited meanwhile")
        self.row = row
        self.editor = editor


class Gone(Exception):
    """There is no such row."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of row: its name in the audit, and its queries.

    ``begin`` makes the row of a subscriber who has none yet, with the defaults of the schema;
    ``offers`` says that it is in the offers database.
    """

    name: str
    lock: bytes
    update: bytes
    insert: bytes = b""
    begin: bytes = b""
    offers: bool = False


@contextmanager
def transaction(svc: Services, *, offers: bool = False) -> Iterator[Connection[DictRow]]:
    """One transaction, of the offers database if asked; refusals of SQL come out by name."""
    with (
        named_errors(),
        (svc.offers if offers else svc.pool).connection(timeout=POOL_WAIT_S) as conn,
        conn.transaction(),
    ):
        yield conn


def add(svc: Services, actor: int, kind: Kind, values: Json) -> Json:
    """Store a new row; answers it.

    Raises:
        psycopg.errors.UniqueViolation: there is one like it.
    """
    with transaction(svc, offers=kind.offers) as conn, _people(svc, conn, kind) as people:
        row = conn.execute(kind.insert, values).fetchone()
        assert row is not None
        note(people, actor, f"{kind.name}.added", f"{kind.name}:{row['id']}", audit.content(row))
    log.info("ops.added", entity=kind.name, id=row["id"], actor=actor)
    return row


def change(svc: Services, actor: int, kind: Kind, key: int, version: int, values: Json) -> Json:
    """Write a row anew; answers it. The audit has a line only if something changed.

    Raises:
        EditedMeanwhile: it no longer has this version.
        Gone: there is none.
        psycopg.errors.UniqueViolation: another one has what must be unique.
    """
    with transaction(svc, offers=kind.offers) as conn, _people(svc, conn, kind) as people:
        _begin(conn, kind, key)
        before = conn.execute(kind.lock, {"id": key}).fetchone()
        if before is None:
            raise Gone
        if before["version"] != version:
            raise EditedMeanwhile(before, _last_editor(people, f"{kind.name}:{key}"))
        after = conn.execute(kind.update, {**values, "id": key}).fetchone()
        assert after is not None
        changed = audit.differences(before, after)
        if changed:
            note(people, actor, f"{kind.name}.changed", f"{kind.name}:{key}", changed)
    log.info("ops.changed", entity=kind.name, id=key, actor=actor, fields=sorted(changed))
    return after


@contextmanager
def _people(svc: Services, conn: Connection[DictRow], kind: Kind) -> Iterator[Connection[DictRow]]:
    """Where the audit of an edit goes: its own transaction, unless the row is elsewhere."""
    if kind.offers and svc.is_split:
        with transaction(svc) as people:
            yield people
    else:
        yield conn


def _last_editor(conn: Connection[DictRow], entity: str) -> str:
    found = conn.execute(sql.last_editor, {"entity": entity}).fetchone()
    return (found and found["name"]) or "Somebody"


def find(svc: Services, kind: Kind, key: int) -> Json:
    """The row as it is, or as it would begin.

    Raises:
        Gone: there is none.
    """
    with (
        transaction(svc, offers=kind.offers) as conn,
        conn.transaction(force_rollback=True),
    ):
        _begin(conn, kind, key)
        row = conn.execute(kind.lock, {"id": key}).fetchone()
    if row is None:
        raise Gone
    return row


def _begin(conn: Connection[DictRow], kind: Kind, key: int) -> None:
    if kind.begin:
        conn.execute(kind.begin, {"id": key})


def note(conn: Connection[DictRow], actor: int, action: str, entity: str, data: Json) -> None:
    """Write down who did what, in the transaction that does it."""
    values = {"actor": actor, "action": action, "entity": entity, "data": Jsonb(data)}
    conn.execute(sql.add_audit_entry, values)


def tell(svc: Services, event: events.Event) -> None:
    """Tell everybody inside of a change that is stored.

    Without Redis the change stands all the same, and copies are read again within a minute.
    """
    try:
        pipe = svc.redis.pipeline()
        events.tell_all(pipe, event)
        pipe.execute()
    except redis.RedisError as error:
        log.warning("ops.untold", wire=event.wire, error=type(error).__name__)
