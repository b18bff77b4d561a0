"""Glyphs that a model leaves out: counted in the result, named on screen, told in the table."""

import click
from click.testing import CliRunner
from PIL import Image

from hangeul_bench.base.processes import Processes
from hangeul_bench.cli.evaluate import _print_results
from hangeul_bench.evaluate.run import Settings, evaluate
from hangeul_bench.results.file import read_result
from hangeul_bench.results.ranking import rank_results
from hangeul_bench.results.tables import PAGES
from support.fake_dataset import FakeDataset


def test_pictures_that_are_not_there_are_told_everywhere(tmp_path):
    dataset = FakeDataset()
    for folder, characters in (("slab", "가각"), ("brus", "가")):
        (tmp_path / "mine" / folder).mkdir(parents=True)
        for character in characters:
            page = Image.fromarray(dataset.images("slab", character)[0])
            page.save(tmp_path / "mine" / folder / f"{character}.png")
    said = []
    (path,) = evaluate(
        [f"dir:{tmp_path / 'mine'}"],
        dataset,
        tmp_path / "out",
        Settings(metrics=("ssim",)),
        Processes(0, 1, "cpu"),
        say=said.append,
    )
    assert len(said) == 1 and said[0].endswith("brus (for brush?).")
    result = read_result(path)
    delivered = result["n_delivered"]
    assert result["undelivered"] == {"brush": 11, "gothic": 11, "pen": 11, "slab": 11 - delivered}
    for name in ("md", "html", "latex", "text"):
        note = f"{44 - delivered} of 44 glyphs not delivered: blank"
        assert note in PAGES[name](rank_results([result], rank_by="ssim"))
    printed = CliRunner().invoke(click.command()(lambda: _print_results([path], path.parent)))
    assert printed.exit_code == 0
    assert (
        f"mine: {44 - delivered} of 44 glyphs were not delivered and count as blank paper: "
        f"brush 11, gothic 11, pen 11, slab {11 - delivered}." in printed.output
    )
