"""Build the same fonts many times, each in a fresh process, and say how many outcomes there are.

    python tests/support/same_bytes.py fonts --fonts 10 --builds 200

Workers (1 and 2), the seed of Python's hashes and the size of the environment, which moves the
stack, change from build to build. One outcome is right; the exit code is 1 for more.
"""

import argparse
import hashlib
import os
import platform
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from hangeul_bench.fonts.faces import find_faces
from hangeul_bench.hangeul.charset import ksx1001


def folder_hash(folder: Path) -> str:
    """SHA-256 over names and bytes of all files of a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def processor() -> str:
    """What /proc/cpuinfo calls the processor, with its family and model."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    facts = dict(reversed([(line + ":").split(":")[:2] for line in lines if line.strip()]))
    facts = {name.strip(): value.strip() for name, value in facts.items()}
    return f"{facts['model name']}, family {facts['cpu family']}, model {facts['model']}"


def build_afresh(fonts: Path, out: Path, number: int, *options: str) -> str:
    """Build in a process of its own, the ``number``-th in its own surroundings; the outcome."""
    program = "from hangeul_bench.cli import main; main()"
    workers = str(number % 2 + 1)
    command = [sys.executable, "-c", program, "build", "--fonts", fonts, "--out", out]
    surroundings = {**os.environ, "PYTHONHASHSEED": str(number), "PADDING": "x" * (97 * number)}
    subprocess.run(
        [*command, "--name", "same", "--workers", workers, *options],
        env=surroundings,
        check=True,
        capture_output=True,
    )
    return folder_hash(out)


def outcomes(fonts: Path, builds: int, *options: str) -> Iterator[Counter[str]]:
    """How often each outcome came, after each of so many builds."""
    found: Counter[str] = Counter()
    for number in range(builds):
        with tempfile.TemporaryDirectory() as folder:
            found[build_afresh(fonts, Path(folder) / "dataset", number, *options)] += 1
        yield found


def main() -> int:
    """Parse the command line, build, print the record."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder of fonts")
    parser.add_argument("--fonts", type=int, default=10, help="how many of them (default 10)")
    parser.add_argument("--builds", type=int, default=200, help="default 200")
    parser.add_argument("--syllables", type=int, default=2350, help="of the 2,350 (default all)")
    arguments = parser.parse_args()
    sys.stdout.write(f"processor: {processor()}\n")
    with tempfile.TemporaryDirectory() as name:
        for face in find_faces(arguments.folder)[: arguments.fonts]:
            link = Path(name) / str(face.category) / face.path.name
            link.parent.mkdir(exist_ok=True)
            link.symlink_to(face.path.resolve())
        charset = Path(name) / "charset.txt"
        charset.write_text("".join(ksx1001()[: arguments.syllables]), encoding="utf-8")
        for found in outcomes(Path(name), arguments.builds, "--charset", str(charset)):
            if found.total() % 10 == 0 or found.total() == arguments.builds:
                sys.stdout.write(f"{found.total()} builds, {len(found)} outcomes\n")
                sys.stdout.flush()
    for outcome, count in found.most_common():
        sys.stdout.write(f"{count} of {arguments.builds} builds: {outcome}\n")
    return int(len(found) != 1)


if __name__ == "__main__":
    sys.exit(main())
