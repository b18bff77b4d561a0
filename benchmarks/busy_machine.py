"""How fast a model draws beside busy cores, with threads that spin and with threads that sleep.

    python benchmarks/busy_machine.py --busy 1 --rounds 3

Each run is a fresh process, as OpenMP reads the environment once. Spinning and sleeping runs take
turns, so that a busy machine slows both; only their ratio says something. ``--busy 0`` shows what
sleeping costs on an idle machine.
"""

import argparse
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

# Draws glyphs of made-up content in the style of a bar and prints how many a second.
_PROGRAM = """
import sys, time
import numpy as np
from hangeul_bench.base.processes import wait_asleep
if sys.argv[1] == "ours":
    wait_asleep()
from hangeul_bench.adapter import Request, load_model
from hangeul_bench.hangeul.charset import ksx1001
name, count = sys.argv[2], int(sys.argv[3])
characters = ksx1001()[:count]
bar = np.full((1, 128, 128), 255, np.uint8)
bar[0, 30:90, 40:60] = 0
request = Request(
    characters=characters,
    references=bar,
    reference_characters=("한",),
    content=np.full((count, 128, 128), 255, np.uint8),
    seed=0,
)
model = load_model(name, device="cpu", dataset=None, batch_size=count, options={"steps": "4"})
model.generate(request)
start = time.perf_counter()
model.generate(request)
print(count / (time.perf_counter() - start))
"""


@contextmanager
def busy_core() -> Iterator[None]:
    """A process that never waits."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as process:
        yield
        process.kill()


def glyphs_a_second(kind: str, model: str, glyphs: int) -> float:
    """Speed of a fresh process: OpenMP's own ``spinning``, ``ours``, or spinning with ``one``."""
    chosen = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME")
    surroundings = {name: value for name, value in os.environ.items() if name not in chosen}
    if kind == "one":
        surroundings["OMP_NUM_THREADS"] = "1"
    command = [sys.executable, "-c", _PROGRAM, kind, model, str(glyphs)]
    done = subprocess.run(
        command, env=surroundings, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    return float(done.stdout.split()[-1])


def main() -> None:
    """Parse the command line, time both in turn, print their ratio."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", default="dkfont")
    parser.add_argument("--glyphs", type=int, default=16, help="drawn at once (default 16)")
    parser.add_argument("--busy", type=int, default=1, help="processes beside (default 1)")
    parser.add_argument("--rounds", type=int, default=3, help="times to repeat (default 3)")
    arguments = parser.parse_args()
    ratios = []
    with ExitStack() as beside:
        for _ in range(arguments.busy):
            beside.enter_context(busy_core())
        for _ in range(arguments.rounds):
            spinning, ours, one = (
                glyphs_a_second(kind, arguments.model, arguments.glyphs)
                for kind in ("spinning", "ours", "one")
            )
            ratios.append(ours / spinning)
            print(
                f"spinning {spinning:6.2f}, asleep {ours:6.2f}, one thread {one:6.2f} glyphs/s, "
                f"asleep to spinning {ratios[-1]:.2f}"
            )
    median = statistics.median(ratios)
    print(f"{arguments.busy} busy processes on {os.cpu_count()} cores: median ratio {median:.2f}")


if __name__ == "__main__":
    main()
