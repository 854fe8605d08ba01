"""What the web story asks of the database and of the shop's own server."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from cordboard.demo.world import Json, World
from db.demo.web import shop_url
from db.demo.world import PANTRY, SHOP_HOURS

_HOURS = "UPDATE web_presence SET schedule_id = %s, version = version + 1 WHERE subscriber_id = %s"


class WebWorld(World):
    """The same database, as the web story sees it."""

    @property
    def shop(self) -> str:
        """Where the shop is."""
        return shop_url(self.settings)

    def forget_waiting(self, number: str) -> None:
        """Take back what an earlier performance left waiting, and its hours."""
        self._hours(None)
        for row in self._rows(
            "SELECT id FROM call_request WHERE number = %s AND state IN ('waiting', 'dialling')",
            number,
        ):
            self._rows("SELECT cancel_request_v1(%s, 'demo')", row["id"])

    @contextmanager
    def shop_hours(self) -> Iterator[None]:
        """Corner Pantry takes web calls in its shop hours alone, for a while."""
        self._hours(SHOP_HOURS)
        try:
            yield
        finally:
            self._hours(None)

    def _hours(self, schedule: int | None) -> None:
        self._connection.execute(_HOURS, [schedule, PANTRY])

    def _rows(self, query: str, *values: object) -> list[Json]:
        return self._connection.execute(query.encode(), values).fetchall()

    def request(self, request: str) -> Json:
        """A request with its attempts and its timeline."""
        found = self._rows("SELECT request_json_v1(%s) AS request", request)
        return dict(found[0]["request"])

    def pushes(self, call: str) -> list[Json]:
        """Pages pushed in a call, in order."""
        return self._rows(
            "SELECT title, origin::text, shown_at, viewed_seconds FROM page_push"
            " WHERE call_id = %s ORDER BY pushed_at, number",
            call,
        )

    def usage(self, call: str) -> list[Json]:
        """What the legs of a call cost."""
        return self._rows(
            "SELECT role::text, party, seconds, billed_seconds, amount_cents FROM usage_line"
            " WHERE call_id = %s",
            call,
        )

    def survey(self, request: str) -> list[Json]:
        """What the visitor answered."""
        return self._rows(
            "SELECT score, comment FROM visitor_survey WHERE request_id = %s", request
        )

    def deliveries(self, *about: str) -> list[Json]:
        """Webhooks that speak of one of these ids."""
        return self._rows(
            "SELECT event, state::text, attempts, last_status, last_error FROM webhook_delivery"
            " WHERE payload::text LIKE ANY (%s) ORDER BY created_at, event",
            [f"%{id_}%" for id_ in about],
        )

    def refusals(self, number: str) -> list[str]:
        """Why a number was refused the last time."""
        rows = self._rows(
            "SELECT reason FROM policy_refusal WHERE number = %s AND at ="
            " (SELECT max(at) FROM policy_refusal WHERE number = %s)",
            number,
            number,
        )
        return [row["reason"] for row in rows]

    def hooks(self) -> list[Json]:
        """What the shop's server received, newest first."""
        # The address is our own, of this machine.
        with urllib.request.urlopen(f"{self.shop}/hooks.json", timeout=5) as answer:  # noqa: S310
            found: list[Json] = json.load(answer)
        return found
