"""Who may be called back in tests of the engine: 200 numbers, at any hour, as many as one likes."""

from __future__ import annotations

from support.requests import Connection

#: Fictional numbers that the numbering plan takes for possible.
NUMBERS = [f"+1{area}5550{line}" for area in (312, 773) for line in range(100, 200)]
#: A subject whose calls go to a call centre elsewhere: no agent has to be free.
ELSEWHERE = {"subscriber": "pantry", "subject": "PARTNER", "source": "api"}


def allow_all(conn: Connection) -> None:
    """No limit, no hours: what is tested is the engine."""
    conn.execute(
        "UPDATE dialling_policy SET calls_from_minute = 0, calls_until_minute = 1440,"
        " per_number_day = 1000, per_visitor_hour = 10000, per_subscriber_minute = 100000,"
        " concurrent_legs = 100000, daily_spend_cents = 1000000000, proof_required = false"
    )
    conn.execute("UPDATE web_presence SET schedule_id = NULL")
    conn.execute("DELETE FROM do_not_call")
