"""New clients of the demo shop who were enrolled by telephone, for tests of what agents do then."""

from __future__ import annotations

import io
import math
import struct
import wave
from typing import Any
from uuid import uuid4

from psycopg.types.json import Jsonb

from support.database import Database

Json = dict[str, Any]


def spoken(seconds: float = 0.5) -> bytes:
    """A WAV as Asterisk records it: 8 kHz, 16 bits, a tone."""
    tone = [int(8000 * math.sin(t / 3)) for t in range(int(8000 * seconds))]
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(8000)
        wav.writeframes(struct.pack(f"<{len(tone)}h", *tone))
    return file.getvalue()


def enrolled(database: Database, number: str = "+17735590900", **more: Any) -> Json:
    """``{enrolment, customer, code, state}`` of somebody who said the name."""
    wanted = {
        "id": str(uuid4()),
        "subscriber": "pantry",
        "source": "phone",
        "call": None,
        "number": number,
        "postcode": "60601",
        "method": "delivery",
        "billing": "on_delivery",
        **more,
    }
    query = "SELECT enrol_client_v1(%s, %s, %s)"
    made: Json = database.value(query, Jsonb(wanted), spoken(), spoken(0.8))
    # Taken first, whatever else waits.
    older = "UPDATE enrolment SET created_at = created_at - interval '10 years' WHERE id = %s"
    database.connection.execute(older, [made["enrolment"]])
    return made


def forget(database: Database, *made: Json) -> None:
    """They were never here."""
    for one in made:
        database.connection.execute(
            "UPDATE call SET customer_id = NULL WHERE customer_id = %s", [one["customer"]]
        )
        database.connection.execute(
            "DELETE FROM sales_order WHERE customer_id = %s", [one["customer"]]
        )
        database.connection.execute("DELETE FROM customer WHERE id = %s", [one["customer"]])
