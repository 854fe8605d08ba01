"""What the demo needs to be there, and putting it back so that it can be played again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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
        """Forget what became of the offers of the story's customers: they are open again."""
        self._connection.execute(
            "WITH who AS (SELECT customer_id AS id FROM account WHERE number = ANY (%s)),"
            " seen AS (DELETE FROM exposure USING who WHERE customer_id = who.id)"
            " DELETE FROM customer_offer USING who WHERE customer_id = who.id",
            [list(CUSTOMERS)],
        )

    @contextmanager
    def presented_by_ivr(self, code: str, text: str) -> Iterator[None]:
        """Meanwhile the IVR may present this offer, saying ``text``."""
        ask = self._connection.execute
        before = ask("SELECT channels, ivr_text FROM offer WHERE code = %s", [code]).fetchone()
        assert before is not None
        change = "UPDATE offer SET channels = %s, ivr_text = %s WHERE code = %s"
        ask(change, [sorted({*before["channels"], "ivr"}), text, code])
        try:
            yield
        finally:
            ask(change, [before["channels"], before["ivr_text"], code])

    def decision(self, call_id: str) -> Json:
        """What was decided for a call: ``ranking``, ``route``; {} before it is there."""
        row = self._connection.execute(
            "SELECT d.ranking, d.route FROM call c JOIN decision d ON d.id = c.decision_id"
            " WHERE c.id = %s",
            [call_id],
        ).fetchone()
        return row or {}

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
