"""`hangeul-bench font` in a folder of its own, with a model that copies a font's glyphs."""

import json
from pathlib import Path

from click.testing import CliRunner

from hangeul_bench.cli import cli

# Draws the glyphs of a font's file; where it is told to, those of another syllable.
MODEL = """
import time
from pathlib import Path
import numpy as np
from hangeul_bench.adapter import TrainedOn
from hangeul_bench.fonts.raster import Rasterizer


class Copy:
    name, kind, parameters, checkpoint_sha256 = "copy", "control", 0, None
    trained_on, uses_content = TrainedOn(), False

    def __init__(self, *, device="cpu", dataset=None, batch_size=None, font, wrong="", slow=0):
        self.rasterizer, self.wrong, self.slow = Rasterizer(Path(font)), wrong, slow
        self.details, self.batch_size = {"wrong": wrong}, 5

    def generate(self, request):
        time.sleep(self.slow)
        with open("asked.txt", "a", encoding="utf-8") as file:
            file.write("".join(request.characters))
        seeded = request.seed > 1_000_000
        shown = ["뷁" if c in self.wrong and not seeded else c for c in request.characters]
        pages = self.rasterizer.render_many(shown)
        pages[:, 0, 0] = 255 - request.seed % 7
        return pages
"""
TEXT = "가각글날닭대말맑바빛뷁쀍쪽한휘"


def arguments(real_fonts, *changes):
    options = {
        "--model": "model.py:Copy",
        "--option": f"font={next(real_fonts.rglob('gamja-flower-regular.*'))}",
        "--reference": "한.png",
        "--out": "My.ttf",
        "--family": "My Hand",
        "--syllables": "some.txt",
        "--fonts": "latin",
        "--device": "cpu",
    }
    options |= dict(zip(changes[::2], changes[1::2], strict=True))
    given = ((key, value) for key, value in options.items() if value is not None)
    return ["font", *(word for option in given for word in option)]


def run(real_fonts, *changes, extra=()):
    words = [*arguments(real_fonts, *changes), *extra]
    return CliRunner().invoke(cli, words, catch_exceptions=False)


def record(name="My"):
    return json.loads(Path(f"{name}.json").read_text(encoding="utf-8"))
