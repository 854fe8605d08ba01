"""What the shop's story asks of the database, and takes back before it is played again."""

from __future__ import annotations

from cordboard.demo.world import Json, World

_FORGET = (
    "UPDATE call SET customer_id = NULL WHERE customer_id = ANY (%s)",
    "DELETE FROM purchase WHERE customer_id = ANY (%s)",
    "UPDATE sales_order SET replaces = NULL WHERE customer_id = ANY (%s)",
    "DELETE FROM sales_order WHERE customer_id = ANY (%s)",
    "DELETE FROM customer WHERE id = ANY (%s)",
)
_OVER = (
    "DELETE FROM purchase WHERE order_id IN ({mine})",
    "DELETE FROM sales_order WHERE id IN ({mine})",
)
_MINE = (
    "SELECT o.id FROM sales_order o JOIN customer_phone p ON p.customer_id = o.customer_id"
    " JOIN call c ON c.id = o.call_id WHERE p.number = %s"
)


class ShopWorld(World):
    """The same database, as the story of the shop sees it."""

    def begin_anew(self, regular: str, *numbers: str) -> None:
        """Forget who enrolled from these numbers, and what the regular ordered by telephone."""
        rows = self._ask(
            "SELECT customer_id AS id FROM customer_phone WHERE number = ANY (%s)"
            " UNION SELECT customer_id FROM enrolment WHERE number = ANY (%s)",
            [list(numbers), list(numbers)],
        )
        for query in _FORGET:
            self._do(query, [[row["id"] for row in rows]])
        for query in _OVER:
            self._do(query.format(mine=_MINE), [regular])
        self._do(
            "UPDATE preference SET no_automation = false, no_automation_origin = NULL"
            " FROM customer_phone p WHERE p.customer_id = preference.customer_id AND p.number = %s",
            [regular],
        )

    def order_of_call(self, call_id: str) -> Json:
        """The order that was placed in a call; {} before it is there."""
        return self._order("o.call_id = %s", call_id)

    def order(self, order: str) -> Json:
        """An order as pages show it."""
        return self._order("o.id = %s", order)

    def enrolment(self, number: str) -> Json:
        """Who enrolled from a number: name, state, how many recordings; {} before."""
        rows = self._ask(
            "SELECT e.id, e.state::text, k.first_name || ' ' || k.last_name AS name, k.city,"
            " (SELECT count(*) FROM client_audio a WHERE a.customer_id = k.id) AS recordings"
            " FROM enrolment e JOIN customer k ON k.id = e.customer_id WHERE e.number = %s",
            [number],
        )
        return rows[0] if rows else {}

    def bring_forward(self, enrolment: str) -> None:
        """The oldest is taken first; what visitors of the demo left waiting is not our story."""
        self._do(
            "UPDATE enrolment SET created_at = created_at - interval '1 second' - (SELECT"
            " max(e.created_at) - min(e.created_at) FROM enrolment e WHERE e.state = 'recorded')"
            " WHERE id = %s",
            [enrolment],
        )

    def _order(self, which: str, value: str) -> Json:
        rows = self._ask(
            f"SELECT order_json_v1(o.id) AS found FROM sales_order o"  # noqa: S608 - ours
            f" WHERE {which} AND o.placed_at IS NOT NULL",
            [value],
        )
        return dict(rows[0]["found"]) if rows else {}

    def _ask(self, query: str, values: list[object]) -> list[Json]:
        return self._connection.execute(query.encode(), values).fetchall()

    def _do(self, query: str, values: list[object]) -> None:
        self._connection.execute(query.encode(), values)
