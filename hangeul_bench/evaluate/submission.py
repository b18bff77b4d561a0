"""A result made ready for a pull request: itself, a few of its glyphs, and a card."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from hangeul_bench.adapter.predictions import PredictionFolder
from hangeul_bench.adapter.questions import FontTask, shots_text
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import write_whole
from hangeul_bench.base.images import encode
from hangeul_bench.base.tables import fixed, markdown
from hangeul_bench.dataset.splits.lists import UNSEEN_FONTS
from hangeul_bench.evaluate.rescore import SAME_GLYPHS, disagreements, score_predictions
from hangeul_bench.evaluate.scoring import Scorer
from hangeul_bench.evaluate.summary import summarize
from hangeul_bench.hangeul.charset import codepoint_name
from hangeul_bench.metrics.columns import BY_NAME
from hangeul_bench.results.composite import completed
from hangeul_bench.results.file import (
    Result,
    find_score,
    predictions_of,
    read_result,
    tasks_of,
    write_result,
)

_GLYPHS_A_FONT = 5
_SHOWN = ("composite", "jer", "ssim", "rmse", "lpips", "fid", "style_distance")
COSTS = {
    "samples_seen": "Samples seen in training",
    "core_hours": "Core-hours of training",
    "evaluations_per_glyph": "Passes of the network a glyph",
    "peak_memory_mb": "Peak memory while drawing, MB",
}
ORIGINS = {
    "code": "Code",
    "organisation": "Organisation",
    "hardware": "Drawn on",
    "replicated": "Replicated by others",
}


def write_submission(
    path: Path,
    scorer: Scorer,
    folder: Path,
    *,
    cost: Mapping[str, float | None],
    origin: Mapping[str, str | bool | None] | None = None,
    predictions: Path | None = None,
) -> list[Path]:
    """Check a result against its predictions and write what a pull request should hold.

    Args:
        path: The result file.
        scorer: Has the dataset and at least one metric of the result.
        folder: Where it goes: the result, ``STEM/FONT/U+AC00.png`` for five glyphs a font chosen
            by hash, and ``STEM.md``.
        cost: Of :data:`COSTS`; None is not stated.
        origin: Of :data:`ORIGINS`; None is not stated.
        predictions: The folder that ``evaluate`` wrote to; None is that of ``path``.

    Returns:
        The files, the result first.

    Raises:
        UserError: The predictions are absent or not those of the result, or the folder is not
            empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"Expected an empty or new folder for --out, but found {folder}.")
    result = read_result(path)
    scored = score_predictions(path, result, scorer, out=predictions)
    for problem in disagreements(
        result, summarize(scored.fonts, scorer.metrics), tolerance=SAME_GLYPHS
    ):
        raise UserError(f"{path} says {problem} by its predictions; evaluate it anew.")
    stated: Result = {
        **result,
        "cost": {key: cost.get(key) for key in COSTS},
        "origin": {key: (origin or {}).get(key) for key in ORIGINS},
    }
    written = [folder / path.name, folder / f"{path.stem}.md"]
    write_result(written[0], stated)
    write_whole(written[1], card(stated, stem=path.stem))
    drawn = predictions_of(path, result, out=predictions)
    for task in tasks_of(result, scorer.dataset):
        written += _write_glyphs(task, drawn, folder / path.stem)
    return written


def card(result: Result, *, stem: str) -> str:
    """The Markdown page of a submission."""
    model = result["model"]
    seen = model["trained_on"]
    trained = "not declared, so no rank"
    if seen is not None:
        trained = f"{len(seen['font_ids'])} fonts, {len(seen['characters'])} syllables"
    lines = [
        f"# {markdown(model['name'])}, {result['track']} track, {shots_text(result['shots'])}",
        "",
        f"- Parameters: {model['parameters']:,}",
        f"- Weights: {markdown(model['checkpoint_sha256'] or 'none')}",
        f"- Trained on: {trained}",
        f"- Glyphs: {result['n_delivered']:,} of {result['n_expected']:,} delivered",
        f"- Details: {markdown(str(model['details']))}",
        *(f"- {label}: {_origin(result, key)}" for key, label in ORIGINS.items()),
        "",
        "| cost | |",
        "| --- | --- |",
        *(f"| {label} | {_cost(result, key)} |" for key, label in COSTS.items()),
        f"| Seconds a glyph, measured | {_seconds(result)} |",
        "",
        "| unseen fonts | value | 95 % interval |",
        "| --- | --- | --- |",
        *_scores(result),
        "",
        f"`hangeul-bench results check {markdown(stem)}.json` draws some fonts again and compares.",
    ]
    return "\n".join(lines) + "\n"


def _cost(result: Result, key: str) -> str:
    value = result.get("cost", {}).get(key)
    return "not stated" if value is None else f"{value:,}"


def _origin(result: Result, key: str) -> str:
    value = result.get("origin", {}).get(key)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "not stated" if value is None else markdown(value)


def _seconds(result: Result) -> str:
    seconds = result["seconds_per_glyph"]
    return "none" if seconds is None else f"{seconds:.3g}"


def _scores(result: Result) -> list[str]:
    score = find_score(completed([result])[0], cell=UNSEEN_FONTS, category="all")
    rows = []
    for name in _SHOWN:
        estimate = score["metrics"].get(name) if score else None
        if estimate is not None and estimate["value"] is not None:
            ends = [estimate["low"], estimate["high"]]
            interval = ", ".join(fixed(end, 4) for end in ends if end is not None)
            rows.append(f"| {BY_NAME[name].title} | {fixed(estimate['value'], 4)} | {interval} |")
    return rows


def _write_glyphs(task: FontTask, drawn: PredictionFolder, folder: Path) -> list[Path]:
    """A few glyphs of a font, by the hash of font and syllable, as pictures that a reader sees."""

    def place(syllable: str) -> bytes:
        return hashlib.sha256(f"{task.font_id} {syllable}".encode()).digest()

    chosen = sorted(sorted(task.characters, key=place)[:_GLYPHS_A_FONT])
    images = drawn.read(task.font_id, chosen).images
    paths = [folder / task.font_id / f"{codepoint_name(c)}.png" for c in chosen]
    for path, png in zip(paths, encode(images), strict=True):
        write_whole(path, png)
    return paths
