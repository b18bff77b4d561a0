"""What another program is asked, and its answers read back."""

import csv

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from hangeul_bench.adapter.generate import ask
from hangeul_bench.adapter.questions import build_request, plan
from hangeul_bench.adapter.registry import load_model
from hangeul_bench.adapter.requests import COLUMNS
from hangeul_bench.cli import cli
from hangeul_bench.dataset.glyphs import GlyphDataset


@pytest.fixture(scope="module", params=["diff-font", "dg-font"])
def export(request, eval_dataset, tmp_path_factory):
    out = tmp_path_factory.mktemp("peer") / "export"
    command = ["export", str(eval_dataset), "--layout", request.param, "--out", str(out)]
    done = CliRunner().invoke(cli, [*command, "--requests", "full"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return request.param, out / "requests", GlyphDataset.open(eval_dataset)


def rows(folder):
    with (folder / "requests.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def page(path):
    return np.asarray(Image.open(path))


def test_every_glyph_of_the_track_is_asked_once(export):
    _, folder, dataset = export
    assert tuple(rows(folder)[0]) == COLUMNS
    asked = [(row["font_id"], row["syllable"], row["cell"]) for row in rows(folder)]
    tasks = plan(dataset, "full")
    assert asked == [
        (task.font_id, *pair)
        for task in tasks
        for pair in zip(task.characters, task.cells, strict=True)
    ]


def test_the_pictures_are_those_that_an_adapter_gets(export):
    _, folder, dataset = export
    shots = len(dataset.splits.references)
    for row in rows(folder)[::7]:
        request = build_request(dataset, row["font_id"], [row["syllable"]], seed=0, shots=shots)
        assert (page(folder / row["content"]) == request.content[0]).all()
        shown = np.stack([page(folder / name) for name in row["references"].split()])
        assert (shown == request.references).all()


def test_answers_are_read_back_and_say_what_was_trained_on(export):
    layout, folder, dataset = export
    for row in rows(folder):  # a program that draws the reference for every syllable
        picture = (folder / row["references"].split()[0]).read_bytes()
        (folder / row["answer"]).write_bytes(picture)
    model = load_model(f"dir:{folder / f'my-{layout}'}", dataset=dataset)
    assert model.name == f"my-{layout}"
    task = plan(dataset, "full")[0]
    request = build_request(dataset, task.font_id, task.characters, seed=0, shots=1)
    images, delivered = ask(model, request, font_id=task.font_id)
    assert delivered.all()
    assert (images == request.references[0]).all()

    splits, seen = dataset.splits, model.trained_on
    assert seen.font_ids == frozenset(splits.train_fonts)
    assert splits.unseen_fonts and not seen.font_ids.intersection(splits.unseen_fonts)
    learned_unseen = bool(seen.characters.intersection(splits.unseen_characters))
    assert learned_unseen == (layout == "diff-font")  # DG-Font holds them out by itself


def test_a_second_run_asks_the_same(export, tmp_path):
    layout, folder, dataset = export
    before = (folder / "requests.csv").read_bytes()
    command = ["export", str(dataset.path), "--layout", layout, "--out", str(folder.parent)]
    done = CliRunner().invoke(cli, [*command, "--requests", "full"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert (folder / "requests.csv").read_bytes() == before
