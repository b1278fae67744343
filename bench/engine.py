"""The engine against the plain reference of the tests: accounts × 20 metrics per core-second.

    python -m bench.engine [accounts]

Prints the median of three, and fails where the two differ in any account.
"""

import random
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from scoring.engine.compiled import compile_card
from scoring.engine.document import parse
from scoring.engine.evaluate import Inputs, evaluate
from scoring.engine.publish import evaluate_days
from scoring.engine.timeline import State
from tests.scoring.engine import reference

SAMPLE = 5_000
GRADES: list[dict[str, Any]] = [
    {"type": "linear", "worst": 7, "best": 30},
    {"type": "linear", "worst": 90, "best": 3},
    {
        "type": "steps",
        "steps": [{"min": 0, "score": 0}, {"min": 50, "score": 60}, {"min": 80, "score": 100}],
    },
    {"type": "ratio"},
]


def card() -> dict[str, Any]:
    """Five groups of four metrics with uneven weights."""
    draw = random.Random(1)  # noqa: S311
    source = {"type": "usage", "measure": "logins", "window_days": 30}
    groups = []
    for g in range(5):
        metrics = [
            {
                "key": f"m{g}{i}",
                "name": "m",
                "weight": draw.randint(1, 20),
                "source": source,
                "grade": GRADES[i],
            }
            for i in range(4)
        ]
        groups.append(
            {"key": f"g{g}", "name": "g", "weight": draw.randint(5, 40), "metrics": metrics}
        )
    return {"key": "bench", "name": "Bench", "groups": groups}


def portfolio(accounts: int) -> Inputs:
    """A twentieth of the values is missing, at random: the hardest case for shares."""
    draw = np.random.default_rng(2)
    values = draw.integers(0, 1_200_000, size=(accounts, 20))
    lost = draw.random((accounts, 20)) < 0.05
    return Inputs(values=values, status=lost.astype(np.uint8))


def median_rate(work: Callable[[], object], accounts: int) -> float:
    rates = []
    for _ in range(3):
        began = time.process_time()
        work()
        rates.append(accounts / (time.process_time() - began))
    return sorted(rates)[1]


def main() -> None:
    accounts = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    raw = card()
    compiled = compile_card(parse(raw))
    inputs = portfolio(accounts)
    results = evaluate(compiled, inputs)
    fast = median_rate(lambda: evaluate(compiled, inputs), accounts)
    sample = [
        (row.tolist(), status.tolist())
        for row, status in zip(inputs.values[:SAMPLE], inputs.status[:SAMPLE], strict=True)
    ]
    plain = [reference.computed(raw, values, statuses, [0, 51, 76]) for values, statuses in sample]
    assert plain == results.computed[:SAMPLE].tolist()
    slow = median_rate(
        lambda: [
            reference.computed(raw, values, statuses, [0, 51, 76]) for values, statuses in sample
        ],
        len(sample),
    )
    night = published_rate(compiled, inputs, accounts)
    print(f"evaluate: {fast:,.0f} accounts × 20 metrics per core-second ({fast * 20:,.0f} metrics)")
    print(f"evaluate and publish one day: {night:,.0f} accounts per core-second")
    print(
        f"plain reference: {slow:,.0f} accounts per core-second; ratio {fast / slow:,.0f}, bit-equal"
    )


def published_rate(compiled: Any, inputs: Inputs, accounts: int) -> float:
    day = Inputs(values=inputs.values[None], status=inputs.status[None])
    state = State.initial(accounts, 20)
    _, state = evaluate_days(compiled, day, state)
    return median_rate(lambda: evaluate_days(compiled, day, state), accounts)


if __name__ == "__main__":
    main()
