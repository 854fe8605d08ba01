"""The one place where the parts of the app are made and joined."""

from __future__ import annotations

import asyncio
import subprocess
from contextlib import suppress
from typing import Any

import psycopg
import structlog
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff

from ari_app import measures
from ari_app.acd import Acd
from ari_app.agents import Agents
from ari_app.bus import Bus
from ari_app.call import AgentMoved, CardChanged, EndAsked, PageSent
from ari_app.callbacks import Callbacks
from ari_app.callers import new_call, new_callback
from ari_app.cards import Cards
from ari_app.client import REPLACED, Client, EventSocket, Http
from ari_app.directory import Directory
from ari_app.dispatcher import Dispatcher
from ari_app.groups import Groups
from ari_app.housekeeping import Housekeeping, forget_sounds
from ari_app.journal import Journal, JournalWriter
from ari_app.listener import Handler, Listener
from ari_app.orders import Orders
from ari_app.pages import Pages
from ari_app.phones import Phones
from ari_app.reconcile import reconcile
from ari_app.registrations import KINDS, Registrations
from ari_app.requests import Requests
from ari_app.services import Services
from ari_app.visitors import Visitors
from cordboard import metrics
from cordboard.events import PagePushed
from cordboard.orders import postcodes
from cordboard.settings import Settings
from db.pool import open_async_pool
from decider import Decider, open_decider

log = structlog.get_logger(__name__)

APP = "cordboard"
#: The events we want; all others stay in Asterisk. Digits reach only the call they belong to, which
#: keeps them out of logs.
CALL_EVENTS = (
    "StasisStart",
    "StasisEnd",
    "ChannelDtmfReceived",
    "ChannelStateChange",
    "ChannelHangupRequest",
    "ChannelDestroyed",
    "PlaybackFinished",
    "RecordingFinished",
    "RecordingFailed",
)
DATABASE_CONNECTIONS = 6
#: How long a start waits for agents and groups before it goes on with what Redis knows, seconds.
DIRECTORY_S = 3.0
#: How long a stop waits until Redis has what was queued, seconds.
LAST_WORDS_S = 1.0


class App:
    """Call control, wired; :meth:`run` runs it until it is cancelled."""

    def __init__(
        self, settings: Settings, pool: AsyncConnectionPool[Any], decider: Decider
    ) -> None:
        self.settings = settings
        self.bus = Bus(_redis(settings))
        self.http = Http(settings.ari, settings.ari_user, settings.ari_password.get_secret_value())
        self.client = Client(self.http, APP)
        self.agents = Agents(self.bus)
        self.services = self._services(pool, decider)
        self.dispatcher = Dispatcher(
            lambda event: new_call(event, self.services, set(self.dispatcher.calls))
        )
        for kind in CALL_EVENTS:
            self.client.on_event(kind, self.dispatcher.take)
        self.socket = EventSocket(
            self.http, APP, self.client.dispatch, self.dispatcher.hold, self._connected
        )
        self.registrations = Registrations(self.client, self.agents)
        self.phones = Phones(self.client, self.bus.redis, settings)
        self.directory = Directory(
            pool,
            self.agents,
            self.services.groups,
            self.services.pages,
            self.phones,
            self.registrations,
        )
        self.writer = JournalWriter(self.bus, pool)
        self.callbacks = Callbacks(
            _redis(settings),
            self.dispatcher,
            self.services.journal,
            lambda attempt: new_callback(attempt, self.services),
            lambda: self.socket.up,
        )
        self.housekeeping = Housekeeping(
            pool, self.services.acd, lambda: list(self.dispatcher.calls)
        )
        self.visitors = Visitors(self.bus, lambda: list(self.dispatcher.calls.values()))
        self.listener = Listener(_redis(settings), self._handlers())

    def _services(self, pool: AsyncConnectionPool[Any], decider: Decider) -> Services:
        """What a call may use."""
        return Services(
            settings=self.settings,
            client=self.client,
            bus=self.bus,
            journal=Journal(self.bus),
            agents=self.agents,
            groups=Groups(),
            pages=Pages(),
            acd=Acd(self.agents),
            cards=Cards(pool),
            requests=Requests(pool, self.settings),
            orders=Orders(pool, self.settings),
            decider=decider,
        )

    def _handlers(self) -> dict[str, Handler]:
        """What others tell us -> who takes it."""
        return {
            "agent.state_changed": self._agent_changed,
            "call.updated": self._card_changed,
            "offer.attached": self._offer_attached,
            "disposition.recorded": self._disposition_recorded,
            "note.saved": self._note_saved,
            "page.pushed": self._page_pushed,
            "call.end_asked": self._end_asked,
            "agents.changed": self.directory.changed,
            "phones.changed": self.directory.changed,
            "routing.changed": self.directory.changed,
        }

    async def run(self) -> None:
        """Run everything; the failure of one part ends all, and the supervisor starts anew."""
        await self.http.open()
        await self.listener.begin()
        bus = asyncio.create_task(self.bus.run(), name="bus")
        try:
            async with asyncio.TaskGroup() as group:
                # The bus itself outlives the others, for what they still have to say.
                group.create_task(_outcome(bus))
                await self._know_agents()
                group.create_task(self.listener.run(), name="listener")
                group.create_task(self.services.acd.run(), name="acd")
                group.create_task(self.writer.run(), name="journal")
                group.create_task(self.callbacks.run(), name="callbacks")
                group.create_task(self.registrations.run(), name="registrations")
                group.create_task(self.socket.run(), name="socket")
                group.create_task(self.directory.run(), name="directory")
                group.create_task(self.housekeeping.run(), name="housekeeping")
                group.create_task(forget_sounds(self.settings.sounds), name="sounds")
                group.create_task(self.visitors.run(), name="visitors")
                group.create_task(_load_postcodes(), name="postcodes")
        finally:
            await self._stop(bus)

    async def _stop(self, bus: asyncio.Task[None]) -> None:
        """Leave calls as they are, write what is queued, close connections."""
        await self.dispatcher.stop()
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                await self.bus.flush()
        bus.cancel()
        await self.http.close()

    async def _know_agents(self) -> None:
        """Agents and groups before the first call; from Redis when PostgreSQL is away."""
        await self.directory.read_copy()
        try:
            async with asyncio.timeout(DIRECTORY_S):
                await self.directory.read()
        except (psycopg.Error, PoolTimeout, TimeoutError, OSError) as error:
            log.warning("directory.from_redis", error=repr(error), agents=len(self.agents.by_id))

    def obstacles(self) -> list[str]:
        """What keeps the app from taking calls."""
        problems = []
        if not self.socket.up:
            problems.append(f"no connection to Asterisk at {self.settings.ari}")
        if not self.bus.up:
            problems.append("Redis does not answer")
        return problems

    async def _connected(self) -> None:
        """After each connect: filter, compare, replay."""
        await self.client.filter_events((*CALL_EVENTS, *KINDS, REPLACED))
        await self.agents.read()
        await reconcile(self.services, self.dispatcher, self.dispatcher.start)
        self.dispatcher.release()
        await self.registrations.read()
        # An Asterisk that was set up anew has no phones.
        self.directory.changed()

    def _agent_changed(self, data: dict[str, Any]) -> None:
        agent = self.agents.by_id.get(int(data["agent"]))
        before = agent.call if agent else ""
        self.agents.heard(data)
        for call_id in {before, data.get("call_id", "")} - {""}:
            self.dispatcher.send(call_id, AgentMoved())

    def _card_changed(self, data: dict[str, Any]) -> None:
        self.dispatcher.send(data["call_id"], CardChanged(data["changed"]))

    def _offer_attached(self, data: dict[str, Any]) -> None:
        # Codes of the offer that was there before are not codes of this one.
        self.dispatcher.send(data["call_id"], CardChanged(data["changed"], ("dispositions",)))

    def _disposition_recorded(self, data: dict[str, Any]) -> None:
        changed = {"dispositions": {data["kind"]: data["code"]}}
        self.dispatcher.send(data["call_id"], CardChanged(changed))

    def _note_saved(self, data: dict[str, Any]) -> None:
        self.dispatcher.send(data["call_id"], CardChanged({"note": data["body"]}))

    def _page_pushed(self, data: dict[str, Any]) -> None:
        self.dispatcher.send(data["call_id"], PageSent(PagePushed(**data)))

    def _end_asked(self, data: dict[str, Any]) -> None:
        self.dispatcher.send(data["call_id"], EndAsked())


async def _load_postcodes() -> None:
    """Before somebody keys one in a call, in which all calls would wait for it."""
    try:
        await asyncio.to_thread(postcodes.load)
    except (OSError, subprocess.SubprocessError) as error:
        log.warning("postcodes.unavailable", error=repr(error))


async def _outcome(task: asyncio.Task[None]) -> None:
    """How a task ends, without ending it when we end first."""
    await asyncio.shield(task)


def _redis(settings: Settings) -> Redis:
    """A client; the bus and the readers try again by themselves, so it tries only twice."""
    return Redis.from_url(
        settings.redis,
        decode_responses=True,
        retry=Retry(ConstantBackoff(0.05), 2),
        socket_timeout=None,
        socket_connect_timeout=2,
        health_check_interval=0,
    )


async def run(settings: Settings) -> None:
    """Run the app until cancelled."""
    pool = await open_async_pool(settings.database, size=DATABASE_CONNECTIONS, name="ari-app")
    decider = await open_decider(settings)
    app = App(settings, pool, decider)
    measures.watch(app)
    server = metrics.serve(settings.port("ari_app_metrics"), app.obstacles)
    try:
        await app.run()
    finally:
        await asyncio.to_thread(server.shutdown)
        await decider.close()
        await pool.close()
