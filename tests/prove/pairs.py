"""Compare Z3 with the reference engine on many random rule sets and people: `pairs.py [COUNT]`,
100,000 by default.
"""

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from properties.agreement import PEOPLE_EACH, disagreements, shrunk

from lumbar.terminal import output

TOGETHER = 20  # rule sets handed to a process at a time
FIRST = 1_000  # the tests compare those before it


def some(start: int) -> list[str]:
    """Return the disagreements about some rule sets, in words, the least one of each rule set."""
    found = (
        next(disagreements(seed, PEOPLE_EACH), None) for seed in range(start, start + TOGETHER)
    )
    return [str(shrunk(one)) for one in found if one]


def compared(count: int) -> Iterator[list[str]]:
    starts = range(FIRST, FIRST + -(-count // PEOPLE_EACH), TOGETHER)
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        for done in as_completed(pool.submit(some, start) for start in starts):
            yield done.result()


def main() -> None:
    count = int(sys.argv[1]) if sys.argv[1:] else 100_000
    each = TOGETHER * PEOPLE_EACH
    progress, found, done = output.progress("comparing"), [], 0
    for told in compared(count):
        found += told
        done += each
        progress(min(done, count), count)
    for one in sorted(found, key=len)[:1]:
        print(one)
    print(f"{done:,} pairs, {len(found):,} disagreements")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
