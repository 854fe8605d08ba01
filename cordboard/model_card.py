"""What a training found, in lines for a terminal. No I/O; the ops pages draw the same card."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

Json = dict[str, Any]

PRIORS = "the priors alone"
#: Longest bar of a line, characters.
BAR = 30
#: Offers that are listed; the model card on the ops pages has all.
OFFERS_SHOWN = 20


def lines(card: Json, better: bool = True) -> Iterator[str]:
    """The card: how much was learned from, how good it is, whom it finds.

    Args:
        card: as it is stored.
        better: whether the model is taken; only then it learns from what it was judged by too.
    """
    counts, times = card["counts"], card["times"]
    seen = counts["learn"] + counts["calibrate"]
    yield (
        f"  learned from {seen} presentations ({_day(times['from'])} to {_day(times['judge'])}),"
        f" judged by the {counts['judge']} after them (to {_day(times['to'])}),"
        f" of which {card['base']['rate']:.1%} were accepted"
        f"{'; then learned from these too' if better else ''}"
    )
    yield ""
    yield from _measures(card)
    yield ""
    yield from _calibration(card["calibration"])
    yield ""
    yield from _lift(card["lift"])
    yield ""
    yield from _offers(card["offers"])


def verdict(card: Json, model: int, better: bool) -> str:
    """What became of the model, and why."""
    rival = PRIORS if card["in_use"]["priors"] else _named(card["in_use"])
    new, old = told_apart(card["log_loss"], card["in_use"]["log_loss"])
    if better:
        return f"Model {model} is in use: log loss {new}, {rival} {old}."
    stays = "stay" if rival == PRIORS else "stays"
    return (
        f"Model {model} is rejected: its log loss of {new} on the same held-out presentations"
        f" is worse than that of {rival} ({old}), which {stays} in use."
    )


def told_apart(one: float, other: float) -> tuple[str, str]:
    """Two losses with four decimals, or with so many that they differ, at most nine.

    >>> told_apart(0.31, 0.32), told_apart(0.312641, 0.312638)
    (('0.3100', '0.3200'), ('0.312641', '0.312638'))
    """
    for places in range(4, 10):
        texts = f"{one:.{places}f}", f"{other:.{places}f}"
        if texts[0] != texts[1]:
            break
    return texts


def _named(in_use: Json) -> str:
    return f"model {in_use['model']}"


def _day(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%Y-%m-%d}"


def _measures(card: Json) -> Iterator[str]:
    rival = "priors alone" if card["in_use"]["priors"] else f"in use ({_named(card['in_use'])})"
    yield f"  {'':<10}{'new':>10}{rival:>22}{'base rate':>12}"
    for name, label, base in (
        ("auc", "AUC", f"{0.5:.3f}"),
        ("log_loss", "log loss", f"{card['base']['log_loss']:.4f}"),
        ("brier", "Brier", ""),
    ):
        places = 3 if name == "auc" else 4
        new, old = card[name], card["in_use"][name]
        yield f"  {label:<10}{new:>10.{places}f}{old:>22.{places}f}{base:>12}".rstrip()


def _calibration(groups: list[Json]) -> Iterator[str]:
    yield "  calibration: said → happened"
    for one in groups:
        yield f"  {one['p']:>7.1%} → {one['rate']:>6.1%}  of {one['n']:<6} {_bar(one['rate'])}"


def _lift(groups: list[Json]) -> Iterator[str]:
    yield "  lift against the base rate, tenths by falling p"
    for one in groups:
        lift = one["lift"] or 0.0
        yield f"  {one['group']:>7} {lift:>7.2f} ×  {_bar(lift / 4)}".rstrip()


def _offers(offers: list[Json]) -> Iterator[str]:
    yield f"  {'offer':<24}{'presented':>10}{'accepted':>10}{'held out: said':>16}{'happened':>10}"
    by_use = sorted(offers, key=lambda one: -one["presented"])
    for one in by_use[:OFFERS_SHOWN]:
        judged = one["judged"]
        said = f"{one['said']:.1%}" if judged else "–"
        rate = f"{one['judged_accepted'] / judged:.1%}" if judged else "–"
        name = str(one.get("code") or f"offer {one['id']}")[:23]
        yield f"  {name:<24}{one['presented']:>10}{one['accepted']:>10}{said:>16}{rate:>10}"
    if len(offers) > OFFERS_SHOWN:
        yield f"  … and {len(offers) - OFFERS_SHOWN} more: see the model card on the ops pages"


def _bar(share: float) -> str:
    return "█" * round(BAR * min(max(share, 0.0), 1.0))
