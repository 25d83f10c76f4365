"""A process begun while another thread decides can decide too, and comes to the same."""

import subprocess
import sys
from pathlib import Path

import pytest

TOY = Path(__file__).parents[1] / "toy"
SCRIPT = '''
import multiprocessing, os, sys, threading
from collections import UserDict
from pathlib import Path

from lumbar import decide, load
from lumbar.engines import durable
from lumbar.rulebook.conditions import Facts

toy = load(Path(sys.argv[2]))
answers = toy.questionnaire.example()
inside, over = threading.Event(), threading.Event()


class Slow(UserDict):
    """Facts that keep the live engine waiting in the middle of a decision."""

    def keys(self):
        inside.set()
        over.wait()
        return super().keys()


def child(told):
    decision = decide(toy, answers)
    told.send((decision.fired, decision.engines, decision.failure))


if __name__ == "__main__":
    before = decide(toy, answers)
    if durable.available():
        facts = Facts(Slow(before.facts.known), before.facts.unanswered)
        threading.Thread(target=durable.infer, args=(toy, facts), daemon=True).start()
        inside.wait()
    context = multiprocessing.get_context(sys.argv[1])
    mine, theirs = context.Pipe()
    process = context.Process(target=child, args=(theirs,))
    process.start()
    came = mine.recv() if mine.poll(20) else "the child hangs"
    process.kill()
    over.set()
    assert came == (before.fired, before.engines, ""), came
    assert decide(toy, answers).inference == before.inference
'''


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_a_child_begun_while_another_thread_decides_does_not_hang(
    tmp_path: Path, method: str
) -> None:
    script = tmp_path / "deciding.py"
    script.write_text(SCRIPT, encoding="utf-8")
    command = [sys.executable, "-W", "ignore", str(script), method, str(TOY)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
