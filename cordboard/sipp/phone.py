"""An agent's telephone."""

from __future__ import annotations

from dataclasses import dataclass

from cordboard.settings import Settings
from cordboard.sipp import scenario
from cordboard.sipp.called import Called
from cordboard.sipp.media import Media
from cordboard.sipp.process import SippRun

HOST = "127.0.0.1"

#: Seconds that a registration holds; a phone takes it back when it is closed.
EXPIRES = 600


@dataclass(slots=True)
class Phone(Called):
    """Registers with a SIP account and does what it was told with each call.

    Attributes:
        settings: the instance to register with.
        username: SIP account, e.g. ``phone-ava``.
        password: its password.
        ring_ms: rings so long, then answers (or refuses); None rings until :meth:`go_on`.
        refuse_with: final response to give instead of answering, e.g. 486.
        talk_ms: hangs up so long after it answered; None until :meth:`go_on` or the other side.
    """

    settings: Settings
    username: str
    password: str = "phone-demo"  # noqa: S105 - the demo world's, see README
    ring_ms: int | None = 0
    refuse_with: int | None = None
    talk_ms: int | None = None

    def __post_init__(self) -> None:
        self.name = self.username
        self.media = Media(HOST)
        self.run = SippRun(
            scenario.phone(
                ring_ms=self.ring_ms, refuse_with=self.refuse_with, talk_ms=self.talk_ms
            ),
            self.settings.run / "sipp",
            host=HOST,
            name=self.username,
            rtp_port=self.media.port,
            calls=0,
        )

    def plug_in(self, expires_s: int = EXPIRES) -> Phone:
        """Start, and register for so many seconds.

        Raises:
            AssertionError: the registration was refused.
        """
        self._register(expires_s)
        self.run.start()
        return self

    def _register(self, expires_s: int) -> None:
        contact = f"sip:{self.username}@{HOST}:{self.run.port}"
        run = SippRun(
            scenario.register(self.username, self.password, contact, expires_s),
            self.settings.run / "sipp",
            remote=f"{HOST}:{self.settings.port('sip')}",
            host=HOST,
            name=f"{self.username}-register",
            # From the phone's own port: Asterisk rings where the registration came from, as phones
            # behind NAT need it.
            port=self.run.port,
        )
        try:
            code = run.start().wait(10)
        finally:
            run.kill()
        assert code == 0, f"{self.username} could not register: {run.complaint()}"

    def unplug(self) -> None:
        """Stop and take the registration back; running calls are cut."""
        self.cut()
        self._register(0)

    def cut(self) -> None:
        """Stop at once, as if the cable were pulled: the registration stays."""
        self.run.kill()
        self.media.close()
