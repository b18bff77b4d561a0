"""Result files as `evaluate` writes them, made up: for the tests of the report."""

import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from hangeul_bench.adapter.predictions import PredictionFolder
from hangeul_bench.adapter.questions import run_name
from hangeul_bench.hangeul.phonetics import FINALS, Jamo, compose, decompose, layout
from hangeul_bench.results.file import write_result

SIZE = 32
SEEN = tuple("가각간감강고곡괘괜구국그글기깃나난너넘")
UNSEEN = tuple("뷁쐤꿻괡닭")
REFERENCES = ("한", "글")
HANDWRITTEN = ("gamja-flower-regular", "hi-melody-regular")
PRINTED = ("do-hyeon-regular", "gugi-regular")
SEEN_FONT = "jua-regular"
FINGERPRINT = "f" * 64


@dataclass
class FakeDataset:
    """As much of a dataset as the report asks for; every glyph is a drawing of its code point."""

    fingerprint: str = FINGERPRINT
    benchmark_fingerprint: str | None = None
    path: Path = Path("fake")
    name: str = "fake"
    size: int = SIZE
    characters: tuple[str, ...] = tuple(sorted({*SEEN, *UNSEEN, *REFERENCES}))
    fonts: tuple[Any, ...] = field(init=False)
    splits: Any = field(init=False)

    def pinned_fingerprint(self, track: str) -> str | None:
        return None if track == "wide" else self.benchmark_fingerprint

    def __post_init__(self) -> None:
        ids = sorted((*HANDWRITTEN, *PRINTED, SEEN_FONT))
        self.fonts = tuple(
            SimpleNamespace(
                font_id=font_id,
                family=font_id.removesuffix("-regular").replace("-", " ").title(),
                style="Regular",
                lineage=font_id.removesuffix("-regular"),
                category="handwritten" if font_id in HANDWRITTEN else "printed",
            )
            for font_id in ids
        )
        self.splits = SimpleNamespace(
            unseen_fonts=tuple(sorted((*HANDWRITTEN, *PRINTED))),
            seen_fonts=(SEEN_FONT,),
            unseen_characters=UNSEEN,
            references=REFERENCES,
            content_font=SEEN_FONT,
            lite_characters=tuple(sorted({*SEEN, *UNSEEN} - set(REFERENCES))),
            cell=cell,
        )

    def font(self, font_id: str) -> Any:
        return next(font for font in self.fonts if font.font_id == font_id)

    def missing(self, font_id: str) -> frozenset[str]:
        return frozenset()

    def images(self, font_id: str, characters: Sequence[str]) -> np.ndarray:
        return np.stack([drawing(font_id, character) for character in characters])


def cell(font_id: str, syllable: str) -> str:
    font = "s" if font_id == SEEN_FONT else "u"
    return f"{font}f{'u' if syllable in UNSEEN else 's'}c"


def drawing(font_id: str, syllable: str) -> np.ndarray:
    """A page with some strokes that depend on the font and the syllable alone."""
    generator = np.random.default_rng(zlib.crc32(f"{font_id}{syllable}".encode()))
    page = np.full((SIZE, SIZE), 255, np.uint8)
    for _ in range(3):
        y, x = generator.integers(4, SIZE - 10, 2)
        page[y : y + 2, x : x + 8] = 0
    return page


def misread(syllable: str, errors: int) -> str:
    """A syllable that differs in so many jamo, from the final on; empty (no ink) for 3."""
    initial, medial, final = decompose(syllable)
    if errors == 3:
        return ""
    if errors >= 1:
        final = (final + 1) % len(FINALS)
    if errors >= 2:
        medial = (medial + 1) % 21
    return compose(Jamo(initial, medial, final))


def make_result(
    folder: Path,
    dataset: FakeDataset,
    name: str = "dkfont",
    *,
    kind: str = "model",
    jer: float = 0.1,
    track: str = "lite",
    glyphs: bool = True,
    predictions: bool = True,
    **changes: Any,
) -> Path:
    """Write a result, its scores a glyph and its predictions; returns the result's path."""
    table = glyph_table(dataset, name, jer)
    stem = run_name(track, changes.get("shots", 1))
    path = folder / f"{name}-{stem}.json"
    if "dataset_fields" in changes:
        changes["dataset"] = changes.pop("dataset_fields")
    write_result(path, result_of(table, name, kind=kind, track=track) | changes)
    if glyphs:
        table.to_parquet(path.with_suffix(".parquet"))
    if predictions:
        write_predictions(folder / name / "predictions" / stem, dataset, table)
    return path


def glyph_table(dataset: FakeDataset, name: str, jer: float) -> pd.DataFrame:
    generator = random.Random(name)
    rows = []
    for font in dataset.fonts:
        for character in dataset.splits.lite_characters:
            errors = sum(generator.random() < jer for _ in range(3))
            row = {"font_id": font.font_id, "codepoint": ord(character)}
            row |= {"cell": cell(font.font_id, character), "category": font.category}
            row |= {"layout": layout(character), "jer": errors / 3}
            row |= {"ssim": round(0.9 - 0.2 * errors - 0.05 * generator.random(), 6)}
            rows.append(row | {"read": misread(character, errors)})
    return pd.DataFrame(rows).astype({"codepoint": "int32"})


def write_predictions(folder: Path, dataset: FakeDataset, table: pd.DataFrame) -> None:
    writer = PredictionFolder(folder, size=dataset.size)
    for font_id, rows in table.groupby("font_id"):
        characters = [chr(codepoint) for codepoint in rows["codepoint"]]
        images = np.roll(dataset.images(str(font_id), characters), 2, axis=2)
        images[(rows["read"] == "").to_numpy()] = 255
        delivered = np.ones(len(characters), np.bool_)
        writer.write(str(font_id), characters, images, delivered=delivered, seconds=0.0)


def result_of(table: pd.DataFrame, name: str, *, kind: str, track: str) -> dict[str, Any]:
    model = {"name": name, "kind": kind, "parameters": 1_000_000 if kind == "model" else 0}
    model |= {"checkpoint_sha256": "a" * 64 if kind == "model" else None, "options": {}}
    seen = {"font_ids": ["jua-regular"], "lineages": ["jua"], "characters": "".join(SEEN)}
    model |= {"trained_on": seen if kind == "model" else None, "details": {"steps": 20}}
    return {
        "schema": 1,
        "model": model,
        "seed": 0,
        "shots": 1,
        "track": track,
        "limit": None,
        "dataset": {
            "name": "fake",
            "fingerprint": FINGERPRINT,
            "benchmark_fingerprint": None,
            "size": SIZE,
        },
        "signatures": {"jer": "jer[v1|r:12345678]", "ssim": "ssim[v1|gauss11]"},
        "versions": {"hangeul-bench": "0.1.0", "torch": "2.9.0"},
        "git_revision": "b" * 40,
        "seconds_per_glyph": 0.0123,
        "n_expected": len(table),
        "n_delivered": len(table),
        "unrankable": {},
        "missing_metrics": {"fid": "the Inception weights are not there"},
        "scores": list(scores_of(table)),
    }


def scores_of(table: pd.DataFrame):
    cells = {name: table[table["cell"] == name] for name in ("sfsc", "sfuc", "ufsc", "ufuc")}
    cells["uf"] = table[table["cell"].isin(("ufsc", "ufuc"))]
    for name, rows in cells.items():
        for category in ("handwritten", "printed", "all"):
            part = rows if category == "all" else rows[rows["category"] == category]
            if not len(part):
                continue
            yield score_of(part, name, category, "all")
            for layout_name, members in part.groupby("layout"):
                yield score_of(members, name, category, f"layout:{layout_name}")
        for font_id, members in rows.groupby("font_id"):
            yield score_of(members, name, members["category"].iloc[0], f"font:{font_id}")


def score_of(rows: pd.DataFrame, cell_name: str, category: str, group: str) -> dict[str, Any]:
    metrics = {}
    for name in ("jer", "ssim"):
        value = float(rows[name].mean())
        metrics[name] = {"value": value, "low": max(value - 0.02, 0), "high": value + 0.02}
    return {
        "cell": cell_name,
        "category": category,
        "group": group,
        "n_fonts": rows["font_id"].nunique(),
        "n_glyphs": len(rows),
        "metrics": metrics,
    }
