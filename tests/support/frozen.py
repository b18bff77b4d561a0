"""What a refactoring may not change, as text to compare: run it before and after.

    PYTHONPATH=tests python -m support.frozen DATASET OUT [--parts metrics,results,...]

It writes ``OUT/PART.txt`` for each part: values of the metrics; result files of four controls,
and whether they score again to the same; the board as CSV, Markdown and LaTeX; hashes of what the
shipped models draw; the help of every command.
"""

import argparse
import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import torch
from click.testing import CliRunner

from hangeul_bench.adapter.generate import ask
from hangeul_bench.adapter.questions import build_request, plan
from hangeul_bench.adapter.registry import load_model
from hangeul_bench.cli import cli as command_line
from hangeul_bench.dataset import GlyphDataset
from hangeul_bench.evaluate.scoring import Scorer
from support.metric_glyphs import pages, shifted

ROOT = Path(__file__).parents[2]
CONTROLS = "ground-truth,shifted-3px,nearest-font,jamo-swapped"
MODELS = ("retrieval-font", "dkfont", "font-diffuser", "diff-font", "dg-font", "mean-font")
# Of the time and place of a run.
VARYING = ("seconds_per_glyph", "git_revision", "versions")


def metric_values(dataset: Path) -> Iterator[str]:
    """Every metric that is here, of two fonts: signature, and numbers to 9 digits."""
    scorer = Scorer.open(GlyphDataset.open(dataset), None)
    task = next(t for t in plan(scorer.dataset, "lite", limit=8))
    for name, text in scorer.signatures().items():
        yield f"{name} {text}"
    truth = torch.from_numpy(scorer.dataset.images(task.font_id, task.characters))
    for title, drawn in (("moved", shifted(truth, 2, -3)), ("other", pages(len(truth), seed=3))):
        scores = scorer.score_font(task, drawn.numpy())
        yield f"{title} read {' '.join(scores.read)} failed {scores.failed}"
        for name, values in sorted(scores.columns.items()):
            yield f"{title} {name} {' '.join(f'{value:.9g}' for value in values)}"
        for name, (ours, theirs) in sorted(scores.features.items()):
            distance = scorer.metrics[name].distance(ours, theirs)
            yield f"{title} {name} {json.dumps(distance)}"


def results(dataset: Path) -> Iterator[str]:
    """Result files of the controls, then what scoring them again says."""
    with tempfile.TemporaryDirectory() as folder:
        common = ["--data", str(dataset), "--out", folder, "--limit", "3"]
        _run("evaluate", "--model", CONTROLS, *common)
        for path in sorted(Path(folder).glob("*.json")):
            result = {k: v for k, v in json.loads(path.read_text()).items() if k not in VARYING}
            yield json.dumps(result, ensure_ascii=False, indent=1, sort_keys=True)
            again = _run("results", "check", str(path), "--data", str(dataset), "--stored")
            yield again.replace(folder, "OUT")


def boards(_: Path) -> Iterator[str]:
    """The board of the committed results in each form, and the pairs of one table."""
    folder = ["leaderboard", "--results", str(ROOT / "leaderboards/results")]
    table = ["--track", "lite", "--shots", "1", "--cell", "uf", "--category", "all"]
    for form in ("csv", "md", "latex"):
        yield _run(*folder, "--format", form)
    yield _run(*folder, "--format", "md", "--pairs", *table)


def drawings(path: Path) -> Iterator[str]:
    """The hash of what each shipped model draws of two fonts, from one reference and from four."""
    torch.set_num_threads(1)
    dataset = GlyphDataset.open(path)
    for name in MODELS:
        model = load_model(name, dataset=dataset)
        for task in plan(dataset, "lite", limit=1)[:2]:
            for shots in (1, 4):
                request = build_request(dataset, task.font_id, task.characters, seed=0, shots=shots)
                images = ask(model, request, font_id=task.font_id).images
                yield f"{name} {task.font_id} {shots} {hashlib.sha256(images).hexdigest()}"


def help_texts(_: Path) -> Iterator[str]:
    """The help of every command."""

    def texts(command: click.Command, *names: str) -> Iterator[str]:
        yield _run(*names, "--help")
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                found = command.get_command(context, name)
                assert found is not None
                yield from texts(found, *names, name)

    yield from texts(command_line)


PARTS: dict[str, Callable[[Path], Iterator[str]]] = {
    "metrics": metric_values,
    "results": results,
    "boards": boards,
    "models": drawings,
    "help": help_texts,
}


def _run(*arguments: str) -> str:
    answer = CliRunner().invoke(command_line, list(arguments), catch_exceptions=False)
    return f"{answer.exit_code} {answer.stdout}"


def main() -> None:
    """Write the parts asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("dataset", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--parts", default=",".join(PARTS))
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for part in arguments.parts.split(","):
        text = "\n".join(PARTS[part](arguments.dataset)) + "\n"
        (arguments.out / f"{part}.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
