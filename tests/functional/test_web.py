"""`lumbar serve` as it is run."""

import re
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from served import started


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    """Yield the port of a running `lumbar serve`, and the program."""
    port, ran = started()
    with ran:
        yield port, ran
        ran.terminate()


def test_it_outlives_readers_who_go_away(served: tuple[int, "subprocess.Popen[str]"]) -> None:
    port, ran = served
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20)
    with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30) as answer:
        assert answer.read() == b"ok\n"
    assert ran.poll() is None
    state = Path(f"/proc/{ran.pid}/status")  # whether the signal comes is up to chance
    if state.exists():
        ignored = int(re.search(r"^SigIgn:\s*(\w+)", state.read_text(), re.MULTILINE)[1], 16)
        assert ignored >> signal.SIGPIPE - 1 & 1


def test_it_ends_well_on_ctrl_c_and_says_nothing_of_who_left_halfway() -> None:
    port, ran = started()
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx")
    with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30) as answer:
        answer.read()
    ran.send_signal(signal.SIGINT)
    said, _ = ran.communicate(timeout=30)
    assert ran.returncode == 0
    assert "something broke" not in said


def test_its_workers_end_with_it_even_if_nobody_reads_what_it_says() -> None:
    port, ran = started(LUMBAR_WORKERS="2")
    assert ran.stdout
    for _ in range(2):
        next(line for line in ran.stdout if "startup complete" in line)
    ran.stdout.close()
    ran.send_signal(signal.SIGTERM)
    ran.wait(timeout=60)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port)).close()


def test_without_its_extra_it_says_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "fastapi.py").write_text("raise ModuleNotFoundError('none', name='fastapi')\n")
    (tmp_path / "uvicorn.py").write_text("raise ModuleNotFoundError('none', name='uvicorn')\n")
    command = [
        sys.executable, "-c",
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); sys.argv = ['lumbar', 'serve'];"
        "from lumbar.__main__ import main; main()",
    ]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 2
    assert "the web pages need FastAPI, Jinja and Uvicorn; install it with:" in ran.stderr
    assert "'fastapi>=" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_port_that_is_taken_is_told(served: tuple[int, "subprocess.Popen[str]"]) -> None:
    command = [sys.executable, "-m", "lumbar", "serve", "--port", str(served[0])]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode != 0, "Traceback" in ran.stderr) == (True, False)
    assert "address already in use" in ran.stderr


def test_it_lists_its_settings_and_refuses_the_public_until_they_are_made() -> None:
    settings = pytest.importorskip("lumbar.web.settings", reason="the extra `web` is not installed")
    command = [sys.executable, "-m", "lumbar", "serve"]
    shown = subprocess.run([*command, "--help"], capture_output=True, text=True, check=True).stdout
    assert all(name in shown for name, _ in settings.listed())
    ran = subprocess.run(
        [*command, "--host", "0.0.0.0"], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 2
    assert "'emergency_number' is not set, so it does not open to the public" in ran.stderr
