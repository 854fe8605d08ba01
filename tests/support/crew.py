"""More agents than the demo world has, for the drills that need a full house."""

from __future__ import annotations

import hashlib

from cordboard.settings import Settings
from support.database import Database

PASSWORD = "phone-demo"

ENROL = """
WITH person AS (
    INSERT INTO user_account (username, password_hash, display_name)
    VALUES (%(username)s, '$argon2-no-log-in', %(name)s)
    ON CONFLICT (username) DO UPDATE SET active = true
    RETURNING id
), phone AS (
    INSERT INTO phone_device (user_id, sip_username, ha1)
    SELECT id, %(device)s, %(ha1)s FROM person
    ON CONFLICT (user_id) DO UPDATE SET ha1 = excluded.ha1
)
INSERT INTO group_member (group_id, user_id)
SELECT agent_group.id, person.id FROM agent_group, person WHERE agent_group.code = %(group)s
ON CONFLICT DO NOTHING
"""


def enrol(settings: Settings, database: Database, count: int, group: str) -> list[str]:
    """Agents ``drill-1`` … in a group; answers their user names. They stay, logged out."""
    names = [f"drill-{number}" for number in range(1, count + 1)]
    for name in names:
        device = f"phone-{name}"
        secret = f"{device}:{settings.sip_realm}:{PASSWORD}"
        database.connection.execute(
            ENROL,
            {
                "username": name,
                "name": f"Drill {name.removeprefix('drill-')}",
                "device": device,
                "ha1": hashlib.md5(secret.encode(), usedforsecurity=False).hexdigest(),
                "group": group,
            },
        )
    return names
