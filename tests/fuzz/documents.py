"""Damaged JSON and CSV: every file that the program reads, through the command that reads it."""

import json
import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from baselines.diff_font.model import DiffFont
from baselines.training.checkpoint import read_facts
from fuzz.damage import ODD_TEXTS, ODD_VALUES, damage_csv, damage_json
from fuzz.fonts import _call as call
from hangeul_bench.adapter.contract import TrainedOn
from hangeul_bench.base.options import parse_options
from hangeul_bench.builder.export.layouts import LAYOUTS
from hangeul_bench.builder.run import BuildOptions, build
from hangeul_bench.fonts.table import read_lock
from hangeul_bench.results.file import write_result
from support.small_fonts import write_charset, write_fonts
from support.small_results import make_result

_MARKERS = ("/outside", "/tmp/hangeul-fuzz-outside")
_BLANK = ("evaluate", "--model", "blank", "--metrics", "l1", "--limit", "1")
_WEIGHTS = {
    "format": 1,
    "model": "diff-font",
    "config": {
        "preset": "swift",
        "prediction": "sample",
        "schedule": "linear",
        "dropout": 0.0,
        "characters": [44032, 44033],
        "without": [],
    },
    "samples": 1,
    "steps": 1,
    "stage": 1,
    "training_seconds": 1.0,
    "style_encoder_sha256": "0" * 64,
    "font_ids": ["a"],
    "lineages": ["a"],
    "characters": ["가"],
}


@dataclass(frozen=True)
class Case:
    """One file to damage, and the commands of which one reads it then."""

    file: str
    readers: Sequence[Callable[[], object]]


def make(folder: Path, seed: str) -> Callable[[int], None]:
    """The cases of one process."""
    box = folder / "box" / "deep"  # so that ../../ is still ours to look at
    box.mkdir(parents=True)
    cases = _prepare(box)
    keep = folder / "keep"
    shutil.copytree(box, keep)

    def run(number: int) -> None:
        chance = random.Random(f"documents {seed} {number}")
        case = chance.choice(cases)
        path = box / case.file
        _damage(path, chance)
        try:
            chance.choice(case.readers)()
        finally:
            stray = _stray(folder)
            shutil.rmtree(box)
            shutil.copytree(keep, box)
        assert not stray, f"written outside of its folder: {stray}"

    return run


def _damage(path: Path, chance: random.Random) -> None:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        new = damage_json(json.loads(text), chance)
    elif path.suffix == ".csv":
        new = damage_csv(text, chance)
    else:
        lines = [*text.splitlines(), chance.choice(ODD_TEXTS)]
        chance.shuffle(lines)
        new = "\n".join(lines[chance.randrange(2) :])
    path.write_bytes(new.encode("utf-8", "surrogatepass"))


def _stray(folder: Path) -> list[str]:
    found = [path.name for path in folder.iterdir() if path.name not in ("box", "keep")]
    found += [path.name for path in (folder / "box").iterdir() if path.name != "deep"]
    return found + [marker for marker in _MARKERS if Path(marker).exists()]


def _prepare(box: Path) -> list[Case]:
    charset = write_charset(box / "charset.txt")
    fonts = write_fonts(box / "fonts", families=2)
    data, out, results = box / "data", box / "out", box / "results"
    options = BuildOptions(charset=charset, size=32)
    build(fonts, data, options)
    results.mkdir()
    for name in ("a", "b"):
        write_result(results / f"{name}-lite.json", make_result(name))
    call(*_BLANK, "--data", str(data), "--out", str(box / "evaluated"))
    again = ("build", "--fonts", str(fonts), "--charset", charset, "--size", "32", "--workers", "1")
    tables = [
        lambda: call("info", str(data)),
        lambda: call("verify", str(data), "--workers", "1"),
        lambda: call(*_BLANK, "--data", str(data), "--out", str(out)),
        lambda: call("sheet", str(data), "--out", str(box / "sheet.png")),
        *(_export(data, out, layout) for layout in LAYOUTS),
        lambda: call(*again, "--out", str(data)),
    ]
    evaluated = [lambda: call(*_BLANK, "--data", str(data), "--out", str(box / "evaluated"))]
    splits = [lambda: call(*again, "--out", str(out), "--splits", str(box / "splits.json"))]
    ranked = [_board(results, form) for form in ("csv", "md", "html", "text")]
    ranked.append(_report(results, box / "report.html"))
    fresh = [
        lambda: call(*again, "--out", str(out)),
        lambda: call("fonts", "audit", str(fonts), "--workers", "1"),
    ]
    _write_inputs(box, fonts)
    cases = _dataset_cases(data, tables)
    cases += [Case("results/a-lite.json", ranked)] * 5
    cases += [Case("splits.json", splits), Case("fonts/fonts.csv", fresh)]
    cases += [Case("fonts/fonts.lock.json", [*fresh, lambda: read_lock(fonts)])] * 2
    note = next((box / "evaluated/blank/predictions/lite").glob("*-regular.json"))
    return [
        *cases,
        Case("evaluated/blank/predictions/lite/run.json", evaluated),
        Case(str(note.relative_to(box)), evaluated),
        Case("weights.json", [lambda: read_facts(box / "weights.safetensors", DiffFont)]),
        Case("trained_on.json", [lambda: TrainedOn.read(box / "trained_on.json")]),
        Case("option.json", [lambda: _parse_option(box / "option.json")]),
    ]


def _dataset_cases(data: Path, tables: Sequence[Callable[[], object]]) -> list[Case]:
    names = ["dataset.json", "fonts.csv", "characters.csv", "missing.csv"]
    names += [f"splits/{path.name}" for path in sorted((data / "splits").iterdir())]
    names += ["fonts.csv", "dataset.json"]  # where most is to be had
    return [Case(f"data/{name}", tables) for name in names]


def _write_inputs(box: Path, fonts: Path) -> None:
    font_ids = sorted(path.stem for path in (box / "data/images").iterdir())
    files = sorted(path.relative_to(fonts).as_posix() for path in fonts.rglob("*.ttf"))
    (fonts / "fonts.csv").write_text(
        "file,category,family,lineage,licence\n"
        + "".join(f"{f},printed,,,OFL\n" for f in files[:1])
    )
    entry = dict.fromkeys(("family", "style", "lineage", "licence"), "x")
    entry |= {"font_id": "x-regular", "category": "printed", "file": files[0], "sha256": "0" * 64}
    _write(fonts / "fonts.lock.json", {"format": 1, "fonts": [entry]})
    _write(box / "splits.json", {"unseen_fonts": font_ids[:1], "references": ["한", "글"]})
    _write(box / "weights.json", _WEIGHTS)
    _write(box / "trained_on.json", {"font_ids": ["a"], "lineages": [], "characters": ["가"]})
    _write(box / "option.json", {"values": [value for value in ODD_VALUES if value != 10**400]})
    (box / "weights.safetensors").write_bytes(b"")


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value), encoding="utf-8")


def _export(data: Path, out: Path, layout: str) -> Callable[[], object]:
    return lambda: call("export", str(data), "--layout", layout, "--out", str(out))


def _board(results: Path, form: str) -> Callable[[], object]:
    return lambda: call("leaderboard", "--results", str(results), "--format", form)


def _report(results: Path, out: Path) -> Callable[[], object]:
    files = [str(results / name) for name in ("a-lite.json", "b-lite.json")]
    return lambda: call("report", *files, "--no-images", "--out", str(out))


def _parse_option(path: Path) -> object:
    return parse_options([f"x={path.read_text(encoding='utf-8', errors='surrogatepass')}"])
