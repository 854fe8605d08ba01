"""What can be said of the dialplan by reading it; how it runs is told by ``tests/sip``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from cordboard.prompts import TEXTS, read_texts
from cordboard.settings import ROOT

FOLDER = ROOT / "asterisk-config"
FILES = sorted((FOLDER / "extensions.d").glob("*.conf"))


@dataclass(frozen=True)
class Line:
    """One priority: context, extension, label of the priority, application with arguments."""

    context: str
    extension: str
    label: str
    does: str

    @property
    def where(self) -> str:
        return f"[{self.context}] {self.extension}: {self.does}"


def lines() -> Iterator[Line]:
    context = extension = ""
    for path in FILES:
        for text in path.read_text().splitlines():
            if match := re.match(r"\[([^]]+)]", text):
                context = match[1]
            elif match := re.match(r"exten => (.+?),(\w+)(?:\((\w+)\))?,(.*)", text):
                extension = match[1]
                yield Line(context, extension, match[3] or "", match[4])
            elif match := re.match(r" same => n(?:\((\w+)\))?,(.*)", text):
                yield Line(context, extension, match[1] or "", match[2])


PLAN = list(lines())
CONTEXTS = {line.context for line in PLAN}
INCLUDED = {
    context: re.findall(r"^include => (\S+)", text, re.MULTILINE)
    for path in FILES
    for context, text in re.findall(r"^\[([^]]+)](.*?)(?=^\[|\Z)", path.read_text(), re.M | re.S)
}
CALLERS_CONTEXTS = (
    CONTEXTS - {"from-trunk", "from-agent", "ivr-events", "sub-ask"} - {"sub-clean-caller"}
)


def extensions(context: str) -> set[str]:
    own = {line.extension for line in PLAN if line.context == context}
    return own.union(*(extensions(name) for name in INCLUDED.get(context, [])))


def targets() -> Iterator[tuple[Line, str, str]]:
    """Every place that a line jumps to: context and extension, as far as they are fixed."""
    for line in PLAN:
        jumps = re.findall(r"Go(?:to|sub)\(([^()]*(?:\(.*\))?)\)$", line.does)
        if line.does.startswith("GotoIf("):
            jumps = line.does[:-1].rpartition("?")[2].split(":")
        for jump in jumps:
            parts = jump.split("(")[0].split(",")
            context = parts[0] if len(parts) == 3 else line.context
            extension = parts[-2] if len(parts) > 1 else line.extension
            yield line, context, extension


def test_the_reader_of_this_test_sees_the_dialplan() -> None:
    assert {"from-trunk", "to-person", "queue-fallback", "ivr-main"} <= CONTEXTS
    assert len(PLAN) > 80


def test_every_jump_leads_somewhere() -> None:
    for line, context, extension in targets():
        if "${" in context:
            continue
        assert context in CONTEXTS, line.where
        if "${" not in extension:
            assert extension in extensions(context) | {"s"}, line.where
        elif step := extension.partition("${")[0]:
            patterns = {re.sub(r"[\[\]]", "", name) for name in extensions(context)}
            assert f"_{step}!" in patterns, f"no catch-all: {line.where}"


@pytest.mark.parametrize(("context", "step", "statuses"), [
    ("call-in", "call", "OPEN CLOSED HOLIDAY UNKNOWN_DID"),
    ("identify", "caller", "FOUND NOT_ENOUGH AMBIGUOUS UNKNOWN ANONYMOUS"),
    ("ask-account", "keyed", "ACCOUNT_FOUND VERIFIED NOT_FOUND INVALID LOCKED"),
    ("ask-ssn", "proof", "VERIFIED SSN_FOUND WRONG_SSN NOT_FOUND INVALID LOCKED"),
    ("sub-play-notice", "failure", "NOTICE"),
])  # fmt: skip
def test_every_status_has_its_extension(context: str, step: str, statuses: str) -> None:
    assert {f"{step}-{status}" for status in statuses.split()} <= extensions(context)


def test_letters_of_patterns_are_not_wildcards_by_accident() -> None:
    for line in PLAN:
        if line.extension.startswith("_"):
            fixed = re.sub(r"\[[^]]*]", "", line.extension)
            assert not re.search(r"[nxzNXZ.]", fixed), line.where


def test_every_prompt_has_a_text() -> None:
    texts = read_texts(TEXTS)
    for line in PLAN:
        named = re.findall(r"\$\{CB_PROMPTS\}/([a-z0-9-]+)(?![a-z0-9-]|\$)", line.does)
        named += re.findall(r"sub-play-\w+,s,1\(([a-z0-9-]+)\)", line.does)
        assert {name for name in named if not name.endswith("-")} <= texts.keys(), line.where


def test_every_context_is_explained() -> None:
    for path in FILES:
        text = path.read_text()
        for context in re.findall(r"^\[([^]]+)]", text, re.MULTILINE):
            assert re.search(rf"^; \[{re.escape(context)}]  \S.*?\n(;.*\n)*\[", text, re.M), context


@pytest.mark.parametrize("context", sorted(CALLERS_CONTEXTS))
def test_hang_up_and_the_dead_man_switch_work_everywhere(context: str) -> None:
    assert {"h", "T"} <= extensions(context)


def test_the_ssn_is_in_no_argument_that_could_be_logged() -> None:
    for line in PLAN:
        if "CB_SSN" in line.does:
            harmless = re.sub(r"\$\{LEN\(\$\{CB_SSN}\)}|\$\[[^]]*]", "", line.does)
            assert "${CB_SSN" not in harmless, line.where
    asked = [n for n, line in enumerate(PLAN) if line.does.startswith("Read(CB_SSN")]
    assert asked
    for n in asked:
        after = [line.does for line in PLAN[n:] if line.context == PLAN[n].context]
        assert after.index("Set(CB_SSN=)") == 1 + next(
            i for i, does in enumerate(after) if "verify-account" in does
        )
    handover = [line.does for line in PLAN if line.context == "to-person"]
    assert handover.index("Set(CB_SSN=)") < next(
        i for i, does in enumerate(handover) if does.startswith("Stasis(")
    )


def test_only_the_cleaning_touches_what_comes_from_outside() -> None:
    outside = re.compile(r"\$\{(CALLERID|EXTEN|CONNECTEDLINE|REDIRECTING|PJSIP_HEADER|SIP)")
    for line in PLAN:
        if outside.search(line.does):
            assert line.context in ("from-trunk", "sub-clean-caller"), line.where


@pytest.mark.parametrize("word", [
    "System(", "TrySystem(", "SHELL(", "FILE(", "ENV(", "EVAL(", "Originate(", "CURL(",
    "Verbose(", "DumpChan(", "UserEvent(", "Exec(", "Macro(", "Record(", "GLOBAL(",
])  # fmt: skip
def test_nothing_dangerous_is_used(word: str) -> None:
    used = re.compile(rf"(?<![A-Za-z]){re.escape(word)}")
    assert [line.where for line in PLAN if used.search(line.does)] == []


def test_a_stasis_always_has_a_fallback() -> None:
    for n, line in enumerate(PLAN):
        if line.does.startswith("Stasis("):
            assert PLAN[n - 1].does == "Set(TIMEOUT(absolute)=45)"
            assert PLAN[n + 1].does.startswith('GotoIf($["${STASISSTATUS}"')
            assert PLAN[n + 2].does == "Goto(queue-fallback,s,1)"


def test_only_known_placeholders_stand_in_the_globals() -> None:
    from cordboard.settings import Settings
    from cordboard.stack.templates import placeholders

    known = placeholders(Settings(instance="unit", port_base=1024)).keys()
    text = (FOLDER / "extensions.conf").read_text()
    used = set(re.findall(r"^[^;\n]*\$\{(\w+)}", text, re.MULTILINE))
    assert used == {"AGI_PORT", "SOUNDS"}
    assert used <= known
    for path in FILES:
        assert not [name for name in known if f"${{{name}}}" in path.read_text()], path.name


def test_every_menu_leads_to_a_queue_that_exists_without_the_app() -> None:
    queues = set(re.findall(r"^\[([a-z-]+)]", (FOLDER / "queues.conf").read_text(), re.MULTILINE))
    chosen = {m[1] for line in PLAN if (m := re.match(r"Set\(CB_QUEUE=(\S+)\)", line.does))}
    assert chosen | {"fallback"} <= queues
