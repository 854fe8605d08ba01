"""The worker forgets what is too old, each kind by itself."""

from __future__ import annotations

import pytest

from ari_app.worker import retention
from ari_app.worker.parts import Parts
from support.callback_worker import conn
from support.requests import Connection, one_value

__all__ = ["conn"]


async def test_what_is_too_old_is_forgotten_part_by_part(
    monkeypatch: pytest.MonkeyPatch, parts: Parts, conn: Connection
) -> None:
    monkeypatch.setattr(retention, "BREATH_S", 0.001)
    conn.execute(
        "INSERT INTO policy_refusal (subscriber_id, reason, at)"
        " SELECT 2, 'holiday', now() - make_interval(days => 2 * n) FROM generate_series(0, 8) n"
    )
    parts.settings = parts.settings.model_copy(update={"retention_days": 5})
    assert await retention.forget_old(parts, batch=4) == 6
    assert one_value(conn, b"SELECT count(*) FROM policy_refusal") == 3
    assert await retention.forget_old(parts, batch=4) == 0


@pytest.mark.parametrize(("most", "left"), [(1, 1), (0, 3)])
async def test_a_kind_that_is_slow_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch, parts: Parts, conn: Connection, most: int, left: int
) -> None:
    """What takes too long goes in smaller parts, or later; `most` rows at once take no time."""
    monkeypatch.setattr(retention, "BREATH_S", 0.001)
    conn.execute(
        "CREATE FUNCTION be_slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF (SELECT count(*) FROM gone) > TG_ARGV[0]::integer THEN"
        " RAISE 'canceling statement due to statement timeout' USING ERRCODE = '57014';"
        " END IF; RETURN NULL; END $$"
    )
    conn.execute(
        "CREATE TRIGGER slow AFTER DELETE ON policy_refusal REFERENCING OLD TABLE AS gone"
        f" FOR EACH STATEMENT EXECUTE FUNCTION be_slow({most})".encode()
    )
    conn.execute(
        "INSERT INTO policy_refusal (subscriber_id, reason, at)"
        " SELECT 2, 'holiday', now() - make_interval(days => 200 - 50 * n)"
        " FROM generate_series(1, 3) n"
    )
    conn.execute(
        "INSERT INTO outbox (id, subscriber_id, recipient, subject, body, state, next_at, sent_at)"
        " SELECT gen_random_uuid(), 2, 'a@example.com', 'Order', '', 'sent', t, t"
        " FROM (SELECT now() - interval '91 days') AS old (t)"
    )
    assert await retention.forget_old(parts) == 1 + 3 - left
    assert one_value(conn, b"SELECT count(*) FROM policy_refusal") == left
    assert one_value(conn, b"SELECT count(*) FROM outbox") == 0
