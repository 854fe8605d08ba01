"""The telephone network behind the trunk: whoever is called over it, customers and agents."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from cordboard.settings import Settings
from cordboard.sipp import scenario
from cordboard.sipp.called import Called
from cordboard.sipp.caller import TRUNK
from cordboard.sipp.media import Media
from cordboard.sipp.process import LONGEST, SippRun


class Party(Called):
    """One number of the network; ``media`` is who answers there."""

    def speaks_first(self, hz: float) -> None:
        """Wait for the first call and speak into it, before anything is heard from there."""
        where = re.search(r"c=IN IP4 (\S+).*m=audio (\d+)", self.rings().body, re.DOTALL)
        assert where, "an INVITE names its address for sound"
        self.media.meet(where[1], int(where[2]))
        self.media.speak(hz)


@dataclass(slots=True)
class Exchange:
    """Takes the calls that Asterisk makes over the trunk.

    Add the parties, then start it: SIPp knows its whole scenario from the beginning.

    Attributes:
        settings: of the stack whose trunk this is.
        others: what all do who are no parties; None: a number nobody has answers 404.
    """

    settings: Settings
    others: scenario.Manner | None = None
    _parties: dict[str, tuple[Party, scenario.Manner]] = field(default_factory=dict)
    _run: SippRun | None = None

    def party(self, number: str, **manner: Any) -> Party:
        """Somebody who is called at a number and does so with each call (see ``Manner``)."""
        assert self._run is None, "the exchange has started: add parties before"
        party = Party()
        party.name = party.number = number
        party.media = Media(TRUNK)
        told = scenario.Manner(number=number, rtp_port=party.media.port, **manner)
        self._parties[number] = party, told
        return party

    def anybody(self, **manner: Any) -> Party:
        """One who answers for every number that is no party's."""
        party = Party()
        party.name, party.media = "anybody", Media(TRUNK)
        self.others = scenario.Manner(rtp_port=party.media.port, **manner)
        self._parties[""] = party, self.others
        return party

    @property
    def started(self) -> bool:
        """Whether it takes calls."""
        return self._run is not None

    def start(self, longest_s: int = LONGEST) -> Exchange:
        """Take calls from now on, for so many seconds at most."""
        manners = [manner for _, manner in self._parties.values() if manner.number]
        self._run = SippRun(
            scenario.exchange(manners, self.others),
            self.settings.run / "sipp",
            host=TRUNK,
            name="exchange",
            port=self.settings.port("trunk"),
            calls=0,
            longest_s=longest_s,
        )
        for party, _ in self._parties.values():
            party.run = self._run
        self._run.start()
        return self

    def dialled(self) -> Counter[str]:
        """Number -> calls that came for it; an INVITE that was repeated is one call."""
        assert self._run is not None, "the exchange has not started"
        calls = {
            m.call_id: m.start.removeprefix("INVITE sip:").partition("@")[0]
            for m in self._run.messages()
            if m.received and m.method == "INVITE"
        }
        return Counter(calls.values())

    def close(self) -> None:
        """Stop at once; calls that are still there are cut."""
        if self._run is not None:
            self._run.kill()
        for party, _ in self._parties.values():
            party.media.close()
