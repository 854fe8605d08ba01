"""Off-line estimates against a simulated truth: what a policy would bring can be computed there."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from cordboard import offline
from cordboard.offline import (
    POLICIES,
    Alternative,
    Chooser,
    Interval,
    Logged,
    estimate,
    read_logged,
)

Json = dict[str, Any]

VALUES = {1: 100.0, 2: 400.0, 3: 1000.0}
#: True probabilities for two sorts of customers, and what was believed of them.
TRUTH = {"a": {1: 0.6, 2: 0.3, 3: 0.02}, "b": {1: 0.2, 2: 0.05, 3: 0.15}}
BELIEVED = {1: 0.4, 2: 0.15, 3: 0.09}


def contact(random: Random) -> tuple[dict[int, float], list[Alternative]]:
    truth = TRUTH[random.choice("ab")]
    return truth, [Alternative(id_, BELIEVED[id_], VALUES[id_], truth[id_]) for id_ in VALUES]


def logged(count: int, seed: int, share: float = 0.3) -> list[Logged]:
    """Made by a policy that explores with probability ``share``, else takes the best believed."""
    random, found = Random(seed), []
    for _ in range(count):
        truth, alternatives = contact(random)
        greedy = next(iter(offline.by_expected_value(alternatives)))
        offer = random.choice(list(VALUES)) if random.random() < share else greedy
        chance = share / 3 + (1 - share) * (offer == greedy)
        found.append(Logged(offer, chance, random.random() < truth[offer], alternatives))
    return found


def true_value(chooser: Chooser) -> float:
    """Of a presentation, cents: over both sorts, by their true probabilities."""
    total = 0.0
    for truth in TRUTH.values():
        alternatives = [Alternative(i, BELIEVED[i], VALUES[i], truth[i]) for i in VALUES]
        choice = chooser(alternatives)
        total += sum(share * truth[offer] * VALUES[offer] for offer, share in choice.items())
    return total / len(TRUTH)


def covers(interval: Interval, truth: float) -> bool:
    return interval.low <= truth <= interval.high


@pytest.fixture(scope="module")
def logs() -> list[list[Logged]]:
    return [logged(800, seed) for seed in range(30)]


@pytest.mark.parametrize("name", POLICIES)
def test_the_truth_is_inside_of_most_intervals(name: str, logs: list[list[Logged]]) -> None:
    chooser = POLICIES[name]
    found = [estimate(log, chooser) for log in logs]
    truth = true_value(chooser)

    for kind in ("ips", "self_normalised"):
        inside = sum(covers(getattr(one, kind), truth) for one in found)
        # 95 % of 30 are 28.5; fewer than 25 come by chance once in two hundred times.
        assert inside >= 25, f"{kind}: {inside} of 30"
        mean = sum(getattr(one, kind).estimate for one in found) / len(found)
        assert mean == pytest.approx(truth, rel=0.06)


def test_the_better_policy_is_seen_to_be_better() -> None:
    log = logged(3000, 99)
    found = {name: estimate(log, chooser) for name, chooser in POLICIES.items()}

    order = sorted(POLICIES, key=lambda name: -found[name].self_normalised.estimate)  # type: ignore[union-attr]
    assert order == sorted(POLICIES, key=lambda name: -true_value(POLICIES[name]))
    assert found["model"].self_normalised.low > found["value"].self_normalised.estimate  # type: ignore[union-attr]


def test_a_policy_that_did_what_was_done_has_weights_of_one() -> None:
    alternatives = [Alternative(1, 0.5, 100.0), Alternative(2, 0.5, 300.0)]
    log = [Logged(2, 1.0, at < 25, alternatives) for at in range(100)]

    found = estimate(log, offline.by_value)

    assert found is not None
    assert found.ips == found.self_normalised or found.ips.estimate == pytest.approx(75.0)
    assert found.effective == pytest.approx(100)
    assert (found.n, found.matched, found.sure) == (100, 100, True)
    was = offline.as_it_was(log)
    assert was is not None
    assert was.estimate == pytest.approx(75.0)


def test_what_was_never_done_cannot_be_estimated_and_says_so() -> None:
    alternatives = [Alternative(1, 0.9, 100.0), Alternative(2, 0.1, 300.0)]
    found = estimate([Logged(1, 1.0, True, alternatives)] * 80, offline.by_value)

    assert found is not None
    assert (found.matched, found.effective, found.sure) == (0, 0.0, False)
    assert found.self_normalised == Interval(0.0, 0.0, 0.0)


def ranked(offer: int, p: float, value: int, chance: float, *, possible: bool = True) -> Json:
    return {
        "offer": offer,
        "p": p,
        "value_cents": value,
        "chance": chance,
        "possible": possible,
    }


def presented(*ranking: Json, accepted: bool = True) -> Logged:
    row = {"offer_id": 1, "chance": 1.0, "accepted": accepted, "ranking": ranking}
    found = read_logged(row, {1: 0.5})
    assert found is not None
    return found


def test_who_never_explores_learns_nothing_of_other_policies() -> None:
    """It was always the best, with certainty: no proof for a policy that prefers another."""
    log = [presented(ranked(1, 0.4, 100, 1.0), ranked(2, 0.1, 300, 0.0), accepted=at % 2 > 0)
           for at in range(200)]  # fmt: skip

    same, dearest, random = (estimate(log, POLICIES[name]) for name in ("p", "value", "random"))

    assert same is not None
    assert (same.sure, same.unsupported) == (True, 0.0)
    assert dearest is not None
    assert (dearest.sure, dearest.matched, dearest.unsupported) == (False, 0, 1.0)
    assert random is not None
    assert (random.sure, random.enough, random.unsupported) == (False, True, 0.5)


def test_what_nobody_could_present_is_no_alternative() -> None:
    one = presented(ranked(1, 0.4, 100, 1.0), ranked(2, 0.1, 300, 0.0, possible=False))

    assert [a.offer for a in one.alternatives] == [1]
    assert one.alternatives[0].p_now == 0.5


def test_an_older_record_has_those_that_had_a_chance() -> None:
    entries = [ranked(1, 0.4, 100, 0.9), ranked(2, 0.1, 300, 0.1), ranked(3, 0.1, 900, 0.0)]
    one = presented(*({k: v for k, v in e.items() if k != "possible"} for e in entries))

    assert [a.offer for a in one.alternatives] == [1, 2]


def test_a_presentation_that_its_decision_does_not_name_is_passed_over() -> None:
    row = {"offer_id": 7, "chance": 1.0, "accepted": True, "ranking": [ranked(1, 0.4, 100, 1.0)]}

    assert read_logged(row, {}) is None


@pytest.mark.parametrize("name", POLICIES)
def test_whom_a_policy_takes_of_equals_does_not_hang_on_what_was_done(name: str) -> None:
    """A ranking has what was chosen first. Weights of a policy of its own mind have the mean 1."""
    random, log = Random(7), []
    for _ in range(2000):
        chosen = random.choice((3, 1, 2))
        ranking = [ranked(id_, 0.1, 100, 1 / 3) for id_ in {chosen: 0, 1: 0, 2: 0, 3: 0}]
        row = {"offer_id": chosen, "chance": 1 / 3, "accepted": False, "ranking": ranking}
        log.append(read_logged(row, {}))

    found = estimate([one for one in log if one], POLICIES[name])

    assert found is not None
    assert found.n == 2000
    mean_weight = 3 * found.matched / found.n if name != "random" else found.matched / found.n
    assert mean_weight == pytest.approx(1, abs=0.16)  # five standard errors


def test_nothing_accepted_is_no_proof_of_no_value() -> None:
    found = estimate([presented(ranked(1, 0.4, 100, 1.0), accepted=False)] * 100, offline.by_value)

    assert found is not None
    assert found.ips == Interval(0.0, 0.0, 0.0)
    assert (found.effective, found.accepted, found.sure) == (pytest.approx(100), 0, False)


def test_few_great_weights_are_worth_few_presentations() -> None:
    alternatives = [Alternative(1, 0.9, 100.0), Alternative(2, 0.1, 300.0)]
    log = [Logged(1, 0.99, True, alternatives)] * 990 + [Logged(2, 0.01, True, alternatives)] * 10

    found = estimate(log, offline.by_value)

    assert found is not None
    assert found.effective == pytest.approx(10)
    assert not found.sure
    # Ten of a thousand weigh a hundred each.
    assert found.ips.estimate == pytest.approx(300.0)


def test_self_normalising_is_steadier_when_chances_are_small() -> None:
    """Mostly accepted, rarely chosen: how often it happened to be chosen divides out."""
    alternatives = [Alternative(1, 0.9, 100.0), Alternative(2, 0.1, 300.0)]

    def spread(kind: str) -> float:
        found: list[float] = []
        for seed in range(40):
            random = Random(seed)
            log = []
            for _ in range(300):
                rare, accepted = random.random() < 0.05, random.random() < 0.8
                log.append(Logged(1 + rare, 0.05 if rare else 0.95, accepted, alternatives))
            found.append(getattr(estimate(log, offline.by_value), kind).estimate)
        mean = sum(found) / len(found)
        return sum((one - mean) ** 2 for one in found)

    assert spread("self_normalised") < 0.5 * spread("ips")


def test_nothing_logged_is_nothing_said() -> None:
    assert estimate([], offline.by_value) is None
    assert offline.as_it_was([]) is None


def test_equals_are_taken_in_their_order_and_no_model_falls_back() -> None:
    same = [Alternative(5, 0.2, 100.0), Alternative(6, 0.2, 100.0)]

    assert offline.by_value(same) == {5: 1.0}
    assert offline.by_model_now(same) == {5: 1.0}
    assert offline.at_random(same) == {5: 0.5, 6: 0.5}
