"""What is deleted after a while, and what stays."""

from __future__ import annotations

from typing import Any

import psycopg

from ari_app.worker import retention
from db.queries import sql
from support.database import read_whole
from support.requests import SqlRequest, ask, one_value
from support.shop import ROSA, Shop

Connection = psycopg.Connection[dict[str, Any]]


class TestForgetting:
    """What is older than the settings want is deleted, a bounded part at a time."""

    def forget(self, conn: Connection, limit: int = 100) -> int:
        return sum(
            conn.execute(query, {"days": 90, "limit": limit}).rowcount
            for query in retention.KINDS.values()
        )

    def age(self, conn: Connection, request: SqlRequest, days: int) -> None:
        conn.execute(
            "UPDATE call_request SET ended_at = now() - make_interval(days => %s) WHERE id = %s",
            [days, request.id],
        )

    def test_timelines_of_requests_that_ended_long_ago(self, conn: Connection) -> None:
        old, young, waits = ask(conn), ask(conn), ask(conn)
        for request, days in ((old, 91), (young, 89)):
            conn.execute(sql.cancel_request, {"request": request.id, "by": "ops"})
            self.age(conn, request, days)
        assert len(old.timeline) == 2
        assert self.forget(conn) == 2
        assert (old.timeline, len(young.timeline), len(waits.timeline)) == ([], 2, 1)
        assert self.forget(conn) == 0

    def test_webhooks_that_arrived_but_no_dead_letters(self, conn: Connection) -> None:
        conn.execute(
            "INSERT INTO webhook_delivery (id, subscriber_id, event, payload, state, created_at,"
            " delivered_at) SELECT gen_random_uuid(), 2, 'entry.saved', '{}', s::delivery_state,"
            " now() - make_interval(days => 100),"
            " CASE WHEN s = 'delivered' THEN now() - make_interval(days => d) END"
            " FROM unnest('{delivered,dead}'::text[]) s, unnest('{91,89}'::int[]) d"
        )
        assert self.forget(conn) == 1
        left = conn.execute("SELECT state::text, count(*) FROM webhook_delivery GROUP BY 1")
        assert {row["state"]: row["count"] for row in left} == {"delivered": 1, "dead": 2}

    def test_e_mails_that_were_sent_or_failed(self, conn: Connection) -> None:
        conn.execute(
            "INSERT INTO outbox (id, subscriber_id, recipient, subject, body, state, next_at,"
            " created_at, sent_at) SELECT gen_random_uuid(), 2, 'a@example.com', 'Order', '', s,"
            " t.at, t.at, CASE WHEN s = 'sent' THEN t.at END"
            " FROM unnest('{waiting,sent,failed}'::text[]) s, unnest('{91,89}'::int[]) d,"
            " LATERAL (SELECT now() - make_interval(days => d)) AS t (at)"
        )
        assert self.forget(conn) == 2
        left = conn.execute("SELECT state, count(*) FROM outbox GROUP BY 1")
        counts = {row["state"]: row["count"] for row in left}
        assert counts == {"waiting": 2, "sent": 1, "failed": 1}
        assert self.forget(conn) == 0

    def test_half_made_orders_that_were_given_up(self, shop: Shop) -> None:
        """With lines and timeline, in parts; what was placed stays, however it ended."""
        drafts = [shop.save()["order"] for _ in range(4)]
        placed = shop.place()["order"]
        shop.ask(sql.cancel_order, order=placed, customer=ROSA)
        for order in drafts[:3]:
            assert shop.ask(sql.drop_draft, order=order, holder="web:1")
        for order, days in ((drafts[0], 92), (drafts[1], 91), (drafts[2], 89), (placed, 500)):
            shop.sql(
                "UPDATE sales_order SET ended_at = now() - make_interval(days => %s) WHERE id = %s",
                days,
                order,
            )
        assert [self.forget(shop.conn, limit=1) for _ in range(3)] == [1, 1, 0]
        assert [shop.order(order) is None for order in drafts] == [True, True, False, False]
        assert shop.order(placed)["state"] == "cancelled"
        for table in ("order_line", "order_event"):
            query = f"SELECT count(*) FROM {table} WHERE order_id = %s"
            assert shop.sql(query, drafts[0]) == 0

    def test_what_a_draft_says_it_replaces_holds_up_nothing(self, shop: Shop) -> None:
        old, other = shop.save()["order"], shop.save()["order"]
        shop.save(replaces=old)
        for order in (old, other):
            shop.ask(sql.drop_draft, order=order, holder="web:1")
        shop.sql(
            "UPDATE sales_order SET ended_at = now() - interval '91 days' WHERE state = 'abandoned'"
        )
        assert self.forget(shop.conn) == 1
        assert shop.order(other) is None

    def test_no_table_is_read_whole(self, shop: Shop) -> None:
        """Not even to look for what hangs on each half-made order: tables grow, the time does not.

        With sequential scans made dear the planner takes one only where no index serves.
        """
        for _ in range(3):
            order = shop.save()["order"]
            assert shop.ask(sql.drop_draft, order=order, holder="web:1")
        shop.sql(
            "UPDATE sales_order SET ended_at = now() - interval '91 days' WHERE state = 'abandoned'"
        )
        shop.sql("SET LOCAL enable_seqscan = off")
        shop.sql("DISCARD PLANS")
        before = read_whole(shop.conn)
        assert self.forget(shop.conn) == 3
        assert read_whole(shop.conn) == before

    def test_lists_of_offers_that_nobody_opened(self, conn: Connection) -> None:
        """Those of calls, and those of which something was presented, stay."""
        before = one_value(conn, b"SELECT count(*) FROM decision")
        conn.execute(
            "INSERT INTO decision (id, subscriber_id, customer_id, call_id, channel, at, ranking)"
            " SELECT md5(n::text)::uuid, 1, 1, CASE WHEN n = 1 THEN gen_random_uuid() END, 'web',"
            " now() - make_interval(days => CASE n WHEN 2 THEN 89 ELSE 91 END), '[]'"
            " FROM generate_series(1, 5) n"
        )
        conn.execute(
            "INSERT INTO exposure (customer_id, offer_id, decision_id, channel)"
            " VALUES (1, 1, md5('3')::uuid, 'web')"
        )
        assert [self.forget(conn, limit=1) for _ in range(3)] == [1, 1, 0]
        left = conn.execute(
            "SELECT n FROM generate_series(1, 5) n JOIN decision ON id = md5(n::text)::uuid"
        )
        assert {row["n"] for row in left} == {1, 2, 3}
        assert one_value(conn, b"SELECT count(*) FROM decision") == before + 3

    def test_a_visit_that_still_counts_is_not_forgotten(self, conn: Connection) -> None:
        conn.execute(
            "INSERT INTO decision (id, subscriber_id, customer_id, channel, at, ranking)"
            " VALUES (gen_random_uuid(), 1, 1, 'web', now() - interval '29 days', '[]')"
        )
        asked = {"days": 1, "limit": 100}
        assert conn.execute(sql.forget_offer_lists, asked).rowcount == 0

    def test_refusals_in_parts(self, conn: Connection) -> None:
        conn.execute(
            "INSERT INTO policy_refusal (subscriber_id, reason, at)"
            " SELECT 2, 'holiday', now() - make_interval(days => 100 - 5 * n)"
            " FROM generate_series(0, 4) n"
        )
        assert [self.forget(conn, limit=1) for _ in range(4)] == [1, 1, 0, 0]
        assert self.forget(conn) == 0
        assert one_value(conn, b"SELECT count(*) FROM policy_refusal") == 3
