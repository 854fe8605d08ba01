"""What the web story left behind: rows that are printed, and must say what was told."""

from __future__ import annotations

from cordboard.demo.web_acts import BASKETS, CHEESE, DELIVERY, OTHER, ROSA, Stage
from cordboard.demo.world import Json


def show(stage: Stage) -> None:
    """Print and verify the rows of both requests."""
    story, world = stage.story, stage.world
    story.heading("What the visitors left behind")
    request = story.await_("her request is completed", lambda: _in_state(stage, "completed"))
    story.await_("both of her webhooks are delivered", lambda: len(_delivered(stage)) == 2)
    story.await_("the leg to her is metered", lambda: world.usage(stage.call))
    lines: list[tuple[str, object]] = [
        ("request", f"{request['id']} {request['state']} {request['outcome']}"),
        ("pages viewed", ", ".join(page["title"] for page in request["pages"])),
    ]
    lines += [("attempt", _attempt(row)) for row in request["attempts"]]
    lines += [(f"{event['at'][11:23]}", event["name"]) for event in request["timeline"]]
    lines += [("page push", _push(row)) for row in world.pushes(stage.call)]
    lines += [("usage", _usage(row)) for row in world.usage(stage.call)]
    lines += [("webhook", f"{row['event']} {row['state']}") for row in _delivered(stage)]
    lines += [("survey", f"{row['score']} stars") for row in world.survey(stage.request)]
    later = world.request(stage.later)
    lines.append(("later", f"{later['id']} {later['state']} until {later['due']}"))
    story.table(lines)
    _verify(stage, request, later)


def _verify(stage: Stage, request: Json, later: Json) -> None:
    story, world = stage.story, stage.world
    (attempt,) = request["attempts"]
    dialled = bool(attempt["dialled"]) and len(stage.rosa.invites()) == 1
    story.claim("her phone was dialled once", dialled)
    call = world.call(stage.call)
    legs = sorted((leg["role"], bool(leg["answered"])) for leg in call["legs"])
    story.claim(
        "two legs were answered, one of each side", legs == [("agent", True), ("customer", True)]
    )
    rows = world.pushes(stage.call)
    pushed = [(row["title"], row["origin"], bool(row["shown_at"])) for row in rows]
    expected = [(BASKETS, "dtmf", True), (DELIVERY, "dtmf", True), (CHEESE, "desk", True)]
    story.claim("three pages were pushed and shown", pushed == expected)
    seen = [page["title"] for page in call["pages"] if page["shown"]]
    story.claim("the call as JSON names them in order", seen == [BASKETS, DELIVERY, CHEESE])
    billed = [row["party"] for row in world.usage(stage.call)]
    story.claim("one leg is billed: hers", billed == [ROSA])
    scores = [row["score"] for row in world.survey(stage.request)]
    story.claim("the survey is stored", scores == [5])
    waits = later["state"] == "waiting" and later["number"] == OTHER and not later["attempts"]
    story.claim("the later request waits, nobody was dialled for it", waits)


def _in_state(stage: Stage, state: str) -> Json:
    request = stage.world.request(stage.request)
    return request if request["state"] == state else {}


def _delivered(stage: Stage) -> list[Json]:
    rows = stage.world.deliveries(stage.request, stage.call)
    return [row for row in rows if row["state"] == "delivered"]


def _attempt(row: Json) -> str:
    return f"{row['attempt']} {row['outcome']}, dialled {row['late_ms']} ms after it was due"


def _push(row: Json) -> str:
    how = f"viewed {row['viewed_seconds']} s" if row["viewed_seconds"] else "shown"
    return f"{row['title']} ({row['origin']}), {how}"


def _usage(row: Json) -> str:
    return (
        f"{row['role']} {row['party']} {row['billed_seconds']} s, {row['amount_cents']:.3f} cents"
    )
