"""New clients of the demo shop: how one is enrolled, and one who was, for what agents do then."""

from __future__ import annotations

import io
import math
import struct
import wave
from typing import Any
from uuid import uuid4

from psycopg.types.json import Jsonb

from db.queries import sql
from support.database import Database
from support.shop import Shop

Json = dict[str, Any]

#: Nobody of the demo world has this number.
STRANGER = "+13125550177"
#: Passes for a recording where nobody listens.
WAV = b"RIFF" + bytes(60)


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


def enrolment(**changed: Any) -> Json:
    """What ``enrol_client_v1`` is told of somebody who calls for the first time."""
    return {
        "id": str(uuid4()),
        "subscriber": "pantry",
        "source": "phone",
        "call": None,
        "number": STRANGER,
        "postcode": "60601",
        "method": "pick_up",
        "billing": "on_delivery",
        **changed,
    }


def enrol(shop: Shop, told: Json, name: bytes | None = WAV, address: bytes | None = None) -> Json:
    """``{enrolment, customer, code, state}`` of who was enrolled so."""
    made: Json = shop.ask(sql.enrol_client, enrolment=told, name_wav=name, address_wav=address)
    return made


def enrolled(database: Database, number: str = "+17735590900", **more: Any) -> Json:
    """``{enrolment, customer, code, state}`` of somebody who said the name."""
    wanted = enrolment(**{"number": number, "method": "delivery", **more})
    query = "SELECT enrol_client_v1(%s, %s, %s)"
    made: Json = database.value(query, Jsonb(wanted), spoken(), spoken(0.8))
    # Taken first, whatever else waits.
    older = "UPDATE enrolment SET created_at = created_at - interval '10 years' WHERE id = %s"
    database.connection.execute(older, [made["enrolment"]])
    return made


def forget(database: Database, *made: Json) -> None:
    """They were never here."""
    for one in made:
        database.forget_customer(one["customer"])
