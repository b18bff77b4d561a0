"""Kill -9 commands at random moments, run each again, and compare with an undisturbed run.

    python tests/support/kills.py --kills 100 --seed 0

A moment is a step in the command's own work on its output (a file opened to be written, renamed,
removed; a folder made), and a pause of up to 20 ms after it; the seed decides both. After the kill
each file under a final name must be whole; after the second run all bytes must be those of the
undisturbed run, and nothing else may be left. Times and the commit, which no two runs share, are
left out. Commands run in forks of this process, which has loaded everything: a kill costs a second.
"""

import argparse
import importlib
import json
import os
import random
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

# The tree before the tests, whose folders bear the names of its packages.
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))

import torch
from safetensors import safe_open

from baselines.diff_font.train import command as train_diff_font
from baselines.style_encoder.encoder import StyleEncoder
from baselines.style_encoder.train import save
from hangeul_bench import cli
from hangeul_bench.base.errors import exit_on_user_error
from hangeul_bench.base.lock import LOCK_NAME
from support.training_dataset import build_training_dataset

ROOT = Path(__file__).parents[2]
LONGEST_PAUSE = 0.02  # seconds between a step and the kill
# What the commands import when they run, so that each fork has it already.
_LOADED = (
    "hangeul_bench.builder",
    "hangeul_bench.builder.export.writer",
    "hangeul_bench.evaluate",
    "hangeul_bench.results.tables",
    "hangeul_bench.results.report.write",
    "hangeul_bench.metrics.ssim",
    "hangeul_bench.metrics.pixels",
    "baselines.controls",
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_TIMES = ("seconds", "seconds_per_glyph", "training_seconds", "git_revision")
_STEPS = ("os.rename", "os.mkdir", "os.remove", "os.rmdir")


@dataclass(frozen=True)
class Case:
    """A command that writes into a folder.

    Attributes:
        name: What the record calls it.
        main: Runs the command line in ``sys.argv``.
        arguments: Its arguments, for the folder that it writes into.
        again: Further arguments of the second run.
    """

    name: str
    main: Callable[[], None]
    arguments: Callable[[Path], Sequence[object]]
    again: tuple[str, ...] = ()


def cases(place: Path) -> list[Case]:
    """The commands, on a small dataset below ``place``."""
    dataset, results = place / "dataset", ROOT / "leaderboards" / "results"
    charset = ("--charset", place / "charset.txt", "--name", "kills", "--workers", 1)
    scored = ("--model", "blank,shifted-3px", "--metrics", "ssim,rmse", "--device", "cpu")
    style = ("--style-encoder", place / "style.safetensors", "--device", "cpu")
    small = ("preset=tiny", "batch_size=2", "validate_every=0")
    steps = ("--recipe", "plain", "--steps", 3, *(w for text in small for w in ("--set", text)))
    page = (results / "dkfont-lite.json", results / "ground-truth-lite.json")
    trained = place / "fonts"
    return [
        Case("build", cli.main, lambda out: ("build", "--fonts", trained, "--out", out, *charset)),
        Case("export", cli.main, lambda out: ("export", dataset, "--layout", "ffg", "--out", out)),
        Case(
            "evaluate",
            cli.main,
            lambda out: ("evaluate", "--data", dataset, "--out", out, "--limit", 2, *scored),
        ),
        Case(
            "leaderboard",
            cli.main,
            lambda out: ("leaderboard", "--results", results, "--out", out / "board.csv"),
        ),
        Case("report", cli.main, lambda out: ("report", *page, "--out", out / "report.html")),
        Case(
            "training",
            lambda: exit_on_user_error(train_diff_font),
            lambda out: ("--data", dataset, "--out", out, *style, *steps),
            ("--resume",),
        ),
    ]


def run(
    case: Case, out: Path, *, again: bool = False, kill: tuple[int, float] | None = None
) -> int:
    """Run a command in a fork.

    Args:
        case: The command.
        out: The folder that it writes into.
        again: Whether this is the run after a kill.
        kill: The step at which it is killed, and the pause after it in seconds.

    Returns:
        Number of steps, or -1 if it was killed.
    """
    arguments = [*case.arguments(out), *(case.again if again else ())]
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _be_the_command(case, [str(argument) for argument in arguments], out, kill, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return -1
    if os.WEXITSTATUS(status):
        raise AssertionError(f"{case.name} ended with {status}: {said.decode()}")
    return int(said)


def _be_the_command(
    case: Case, arguments: list[str], out: Path, kill: tuple[int, float] | None, pipe: int
) -> None:
    log = os.open(f"{out}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    steps = 0

    def count(event: str, found: tuple[object, ...]) -> None:
        nonlocal steps
        writes = event == "open" and isinstance(found[2], int) and found[2] & _WRITES
        if (writes or event in _STEPS) and str(found[0]).startswith(str(out)):
            steps += 1
            if kill is not None and steps == kill[0]:
                me = os.getpid(), signal.SIGKILL
                threading.Timer(kill[1], os.kill, me).start()

    sys.addaudithook(count)
    sys.argv = [case.name, *arguments]
    code = 0
    try:
        case.main()
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException as error:
        os.write(pipe, repr(error).encode())
        os._exit(70)
    os.write(pipe, str(steps).encode())
    os._exit(code)


def contents(out: Path) -> dict[str, object]:
    """What each file of a folder holds, without what no two runs share."""
    return {
        path.relative_to(out).as_posix(): _content(path)
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name != "log.csv"  # a row every twenty seconds
    }


def _content(path: Path) -> object:
    if path.suffix == ".json":
        return _without_times(json.loads(path.read_text(encoding="utf-8")))
    if path.name == "state.safetensors":
        with safe_open(path, "pt") as file:
            progress = _without_times(json.loads(file.metadata()["progress"]))
            return progress, {name: file.get_tensor(name).tolist() for name in file.keys()}  # noqa: SIM118 (no mapping)
    return path.read_bytes()


def _without_times(content: object) -> object:
    if isinstance(content, dict):
        return {k: _without_times(v) for k, v in content.items() if k not in _TIMES}
    return content


def is_temporary(path: Path) -> bool:
    """Whether a path is under a temporary name, or a lock."""
    return any(".tmp-" in part or part.endswith(LOCK_NAME) for part in path.parts)


def broken(case: Case, out: Path, whole: dict[str, object]) -> list[str]:
    """Files under a final name, after a kill, that are not whole."""
    found = []
    for path in sorted(out.rglob("*")):
        name = path.relative_to(out)
        if not path.is_file() or is_temporary(name):
            continue
        try:
            content = _content(path)
        except Exception as error:
            found.append(f"{name}: {error!r}")
            continue
        # Training goes through states, and a build has a marker: those need only be readable.
        passing = case.name == "training" or name.name == "building.json"
        if not passing and content != whole.get(name.as_posix()):
            found.append(f"{name} is not what the undisturbed run wrote")
    return found


def trial(
    case: Case, out: Path, whole: dict[str, object], kill: tuple[int, float]
) -> list[str] | None:
    """Kill, look, run again, compare: what is wrong; None if the command was done before."""
    out.mkdir()
    if run(case, out, kill=kill) >= 0:
        return None
    wrong = broken(case, out, whole)
    run(case, out, again=True)
    after = contents(out)
    wrong += [f"{name} differs" for name in sorted(whole) if after.get(name) != whole[name]]
    return wrong + [f"{name} is left" for name in sorted(after.keys() - whole.keys())]


def prepare(place: Path) -> None:
    """Load what the commands load, and write the small dataset and the weights that they need."""
    for module in _LOADED:
        importlib.import_module(module)
    build_training_dataset(place)
    torch.manual_seed(0)
    save(StyleEncoder(), place / "style.safetensors", {})


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Parse the command line, kill, print the record; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=100, help="in all (default 100)")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    random_ = random.Random(arguments.seed)
    torch.set_num_threads(1)
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        os.environ["XDG_CACHE_HOME"] = str(place / "cache")
        prepare(place)
        chosen = [(case, *undisturbed(case, place / case.name)) for case in cases(place)]
        for number in range(arguments.kills):
            case, steps, whole = chosen[number % len(chosen)]
            wrong = None
            while wrong is None:
                kill = random_.randint(1, steps), random_.random() * LONGEST_PAUSE
                out = Path(tempfile.mkdtemp(dir=place)) / case.name
                wrong = trial(case, out, whole, kill)
            failures += bool(wrong)
            at = f"step {kill[0]} of {steps} + {1000 * kill[1]:.0f} ms"
            say(f"{number + 1} {case.name}, {at}: {'; '.join(wrong) or 'same'}")
    say(f"{arguments.kills} kills, seed {arguments.seed}: {failures} wrong")
    return int(failures > 0)


def undisturbed(case: Case, out: Path) -> tuple[int, dict[str, object]]:
    """The steps of a run that nobody kills, and what it leaves."""
    out.mkdir()
    steps, whole = run(case, out), contents(out)
    say(f"{case.name}: {steps} steps undisturbed, {len(whole)} files")
    return steps, whole


if __name__ == "__main__":
    sys.exit(main())
