"""What the demo needs to be there, and putting it back so that it can be played again."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.rows import dict_row

from cordboard.settings import Settings
from db.calls import recent_calls

Json = dict[str, Any]

#: The customers of the story. Their offers are closed by what the agent chooses, so each
#: performance begins with open ones.
CUSTOMERS = ("40010001", "40010002")


class World:
    """The database behind the demo."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._connection = psycopg.connect(settings.database, autocommit=True, row_factory=dict_row)

    def reopen_offers(self) -> None:
        """Let the offers of the story's customers be open again."""
        with self._connection.transaction():
            rows = self._connection.execute(
                "SELECT customer_id, offer_id, rank FROM customer_offer"
                " WHERE customer_id IN (SELECT customer_id FROM account WHERE number = ANY(%s))"
                " FOR UPDATE",
                [list(CUSTOMERS)],
            ).fetchall()
            for row in rows:
                key = (row["customer_id"], row["offer_id"])
                self._connection.execute(
                    "DELETE FROM customer_offer WHERE customer_id = %s AND offer_id = %s", key
                )
                self._connection.execute(
                    "INSERT INTO customer_offer (customer_id, offer_id, rank) VALUES (%s, %s, %s)",
                    (*key, row["rank"]),
                )

    def call(self, call_id: str) -> Json:
        """A call as ``cordboard calls --json`` has it, {} before it is there."""
        calls = recent_calls(self._connection, 20)
        return next((call for call in calls if call["id"] == call_id), {})

    def timeline(self, call_id: str) -> list[Json]:
        """When what happened to a call."""
        return self._connection.execute(
            "SELECT at, name FROM call_event WHERE call_id = %s ORDER BY at, id", [call_id]
        ).fetchall()

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()
