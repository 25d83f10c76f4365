"""Whether what was saved outlives `kill -9` at any moment: python tests/bench/kills.py [TIMES] [ADDRESS]

A program changes records one after the other and tells each change once it is kept; it is killed
some time after its start, or after its first change. Then every change that was told must be there.
"""

import os
import random
import signal
import sys
import tempfile
from datetime import date
from pathlib import Path
from select import select
from time import sleep

from lumbar.web.store.codes import Key, key_of
from lumbar.web.store.database import connected
from lumbar.web.store.records import Records

CODES = (
    "diagram error cigar fat confirm course salmon protect unlock music now tape",
    "legal winner thank year wave sausage worth useful legal winner thank yellow",
)
LONGEST = 0.3  # seconds that a program lives


def lost(times: int, address: str, seed: int = 1) -> tuple[int, int]:
    """Kill so many programs; return how many changes were told, and how many of them were lost."""
    chance, keys = random.Random(seed), [key for code in CODES if (key := key_of(code))]
    told, missing = dict.fromkeys(keys, 0), 0
    changes = 0
    for _ in range(times):
        after = chance.uniform(0, LONGEST)
        for key, number in _killed(address, keys, after, chance.random() < 0.7):
            told[key] = number
            changes += 1
        engine = connected(address)
        kept = Records(engine, 180, date.today)
        for key in keys:
            found = kept.find(key)
            # one more than was told may be kept: it was killed before it could say so
            number = found.document["n"] if found else 0
            missing += not told[key] <= number <= told[key] + 1
            told[key] = number
        engine.dispose()
    return changes, missing


def _killed(
    address: str, keys: list[Key], after: float, once_it_writes: bool
) -> list[tuple[Key, int]]:
    """Return what a program told before it was killed."""
    hears, tells = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(hears)
        try:
            _change(address, keys, tells)
        finally:
            os._exit(1)
    os.close(tells)
    if once_it_writes:
        select([hears], [], [])
    sleep(after)
    os.kill(child, signal.SIGKILL)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL, "it broke before it was killed"
    with os.fdopen(hears) as stream:
        lines = [line.split() for line in stream.read().split("\n")[:-1]]
    return [(keys[int(which)], int(number)) for which, number in lines]


def _change(address: str, keys: list[Key], tells: int) -> None:
    kept = Records(connected(address), 180, date.today)
    while True:
        for which, key in enumerate(keys):
            found = kept.find(key)
            number = found.document["n"] + 1 if found else 1
            document = {"n": number, "more": os.urandom(random.randrange(2_000)).hex()}
            kept.change(found, document) if found else kept.add(key, document)
            os.write(tells, f"{which} {number}\n".encode())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        times = int(sys.argv[1]) if len(sys.argv) > 1 else 200
        here = f"sqlite:///{Path(folder, 'web.sqlite')}"
        changes, missing = lost(times, sys.argv[2] if len(sys.argv) > 2 else here)
    print(f"{times} kills, {changes} changes told, {missing} of them missing")
    sys.exit(missing > 0)
