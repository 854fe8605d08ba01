"""Sends clients' e-mail: claims what is due, hands it over, notes how that ended.

Several workers may run: a mail is leased to one of them. Whoever dies between the server's yes and
the note of it sends it once more, with the same Message-ID.
"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from ari_app.worker.away import AWAY, keep_trying
from ari_app.worker.parts import Parts
from cordboard.mail import Mail, Mailer, MailError, mailer, next_try
from db.queries import sql

log = structlog.get_logger(__name__)

Json = dict[str, Any]

#: Sent in one go, one after the other.
AT_ONCE = 10
#: Longer than so many can take, seconds.
LEASE_S = 600
#: Time between two looks for what is due, seconds.
EVERY_S = 1.0


async def send_mails(parts: Parts) -> None:
    """The worker's task."""
    post = mailer(parts.settings)

    async def once() -> None:
        if not await send_due(parts, post):
            await asyncio.sleep(EVERY_S)

    await keep_trying(parts, "outbox", once)


async def send_due(parts: Parts, post: Mailer) -> int:
    """Send what is due now; answers how many were tried."""
    values = {"lease_s": LEASE_S, "limit": AT_ONCE}
    async with parts.pool.connection(timeout=5) as conn:
        due = await (await conn.execute(sql.claim_mails, values)).fetchall()
    for row in due:
        await _send(parts, post, row)
    return len(due)


async def _send(parts: Parts, post: Mailer, row: Json) -> None:
    mail = Mail(str(row["id"]), row["recipient"], row["subject"], row["body"])
    error, final = None, False
    try:
        await asyncio.to_thread(post.send, mail)
    except MailError as problem:
        error, final = str(problem), problem.final
    again = None if error is None or final else next_try(row["attempts"])
    values = {"mail": row["id"], "attempt": row["attempts"], "error": error, "retry_s": again}
    log.info("mail.tried", mail=mail.id, attempt=row["attempts"], error=error, again_in_s=again)
    try:
        async with parts.pool.connection(timeout=5) as conn:
            await conn.execute(sql.end_mail_try, values)
    except AWAY as problem:
        # Nobody knows that it went: it is sent again when the lease is over.
        log.warning("mail.unnoted", mail=mail.id, error=repr(problem))
