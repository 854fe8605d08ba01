"""Agents' SIP accounts: from the table ``phone_device`` into Asterisk, by ARI push configuration.

Asterisk keeps what it was given in its own database, so only differences are sent: a digest of what
was pushed last stands in Redis, and an endpoint that Asterisk does not list is pushed in any case.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
import structlog
from redis.asyncio import Redis

from ari_app.client import AriError, Client, Gone
from cordboard import keys
from cordboard.settings import Settings

log = structlog.get_logger(__name__)

Fields = dict[str, str]

#: How often Asterisk asks a phone whether it is there, seconds.
QUALIFY_S = 30


def objects_for(username: str, ha1: str, name: str, settings: Settings) -> dict[str, Fields]:
    """Object type -> fields for one phone; in the order in which they must be made."""
    return {
        "auth": {
            "auth_type": "digest",
            "username": username,
            "realm": settings.sip_realm,
            "password_digest": f"MD5:{ha1}",
        },
        "aor": {
            # A second registration replaces the first, as after a change of network.
            "max_contacts": "1",
            "remove_existing": "yes",
            "qualify_frequency": str(QUALIFY_S),
            "maximum_expiration": "3600",
        },
        "endpoint": {
            # A dead end: a phone is rung by the app and dials nowhere.
            "context": "from-agent",
            "auth": username,
            "aors": username,
            "callerid": f'"{_plain(name)}" <{username}>',
            "disallow": "all",
            "allow": "ulaw,alaw",
            "dtmf_mode": "rfc4733",
            "direct_media": "no",
            "rtp_symmetric": "yes",
            "force_rport": "yes",
            "rewrite_contact": "yes",
            "send_pai": "no",
            "allow_transfer": "no",
            "allow_subscribe": "no",
            "rtp_timeout": "120",
        },
    }


def _plain(name: str) -> str:
    """A display name with nothing in it that could end the quotes."""
    return "".join(c for c in name if c.isalnum() or c in " .-'")[:60]


class Phones:
    """Keeps Asterisk's accounts equal to the table."""

    def __init__(self, client: Client, redis: Redis, settings: Settings) -> None:
        self._client = client
        self._redis = redis
        self._settings = settings

    async def provision(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Push what differs, remove who is gone.

        Raises:
            AriError: Asterisk did not take an account; the others were pushed.
        """
        wanted = {
            row["sip_username"]: objects_for(
                row["sip_username"], row["ha1"], row["name"], self._settings
            )
            for row in rows
        }
        pushed: dict[Any, Any] = await self._redis.hgetall(keys.PHONES)
        listed = {e["resource"] for e in await self._client.get("/endpoints/PJSIP")}
        failed = None
        for username, objects in wanted.items():
            digest = _digest(objects)
            if pushed.get(username) == digest and username in listed:
                continue
            try:
                await self._push(username, objects)
                await self._redis.hset(keys.PHONES, username, digest)
            except AriError as error:
                log.error("phone.not_pushed", device=username, error=str(error))
                failed = error
        for username in pushed.keys() - wanted.keys():
            await self._remove(username)
        if failed:
            raise failed

    async def _push(self, username: str, objects: dict[str, Fields]) -> None:
        for kind, fields in objects.items():
            body = {"fields": [{"attribute": k, "value": v} for k, v in fields.items()]}
            await self._client.http.request("PUT", _path(kind, username), body=body)
        log.info("phone.pushed", device=username)

    async def _remove(self, username: str) -> None:
        for kind in ("endpoint", "aor", "auth"):
            try:
                await self._client.http.request("DELETE", _path(kind, username))
            except Gone:
                log.debug("phone.gone_already", device=username, kind=kind)
        await self._redis.hdel(keys.PHONES, username)
        log.info("phone.removed", device=username)


def _path(kind: str, username: str) -> str:
    return f"/asterisk/config/dynamic/res_pjsip/{kind}/{username}"


def _digest(objects: dict[str, Fields]) -> str:
    return hashlib.sha256(orjson.dumps(objects)).hexdigest()
