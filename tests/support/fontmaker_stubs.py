"""A model, a reader and progress that tell the tests of a font's making what happened."""

from contextlib import contextmanager

import numpy as np
import torch

from fontmaker.generation import Generator
from fontmaker.reference import Reference
from hangeul_bench.adapter.contract import TrainedOn
from hangeul_bench.hangeul.phonetics import decompose


def glyph(syllable, *, wrong=False):
    """A page whose box tells the syllable: (128, 128) uint8."""
    page = np.full((128, 128), 255, np.uint8)
    place = ord(syllable) % 97
    page[20 : 30 + place // 2, 20 : 60 + place % 40] = 0
    if wrong:
        page[100:110, 20:60] = 0  # what StubReader reads as wrong
    return page


def reference(syllable="한"):
    return Reference(glyph(syllable), syllable, f"{syllable}.png", "ab" * 32)


class StubModel:
    """Draws :func:`glyph`; wrongly where ``is_wrong(syllable, seed)``."""

    name, kind, parameters, checkpoint_sha256 = "stub", "model", 7, "cd" * 32
    trained_on, details = TrainedOn(), {"steps": 3}

    def __init__(self, is_wrong=lambda syllable, seed: False, batch_size=4):
        self.is_wrong, self.batch_size = is_wrong, batch_size
        self.asked = []

    def generate(self, request):
        self.asked.append(("".join(request.characters), request.seed))
        return np.stack(
            [glyph(c, wrong=self.is_wrong(c, request.seed)) for c in request.characters]
        )


class StubReader:
    """Reads a page as the syllable that :func:`glyph` drew, or as 뷁 if it is marked wrong.

    Any other page it reads as ``otherwise``.
    """

    sha256 = "ef" * 32

    def __init__(self, syllables, otherwise="뷁"):
        self.otherwise = otherwise
        self.known = {glyph(s).tobytes(): s for s in syllables}

    def logits(self, pages):
        heads = [torch.zeros(len(pages), n) for n in (19, 21, 28)]
        for row, page in enumerate(np.asarray(pages)):
            clean = page.copy()
            clean[100:110] = clean[0] = 255
            read = self.known.get(clean.tobytes(), self.otherwise)
            if clean.tobytes() in self.known and (page[100:110] < 128).any():
                read = "뷁"
            for head, jamo in zip(heads, decompose(read), strict=True):
                head[row, jamo] = 5.0
        return tuple(heads)


def generator(model, **changes):
    def content(syllables):
        return np.full((len(syllables), 128, 128), 255, np.uint8)

    return Generator(
        **{"model": model, "name": "stub", "references": (reference(),), "content": content}
        | changes
    )


class Bar:
    def __init__(self):
        self.done, self.amounts = 0, []

    def advance(self, amount=1):
        self.done += amount
        self.amounts.append(amount)

    def note(self, text):
        pass


class Stages:
    """Remembers what it was told: ``seen[title] = (total, done)``."""

    def __init__(self):
        self.seen = {}

    @contextmanager
    def __call__(self, title, total, unit):
        bar = Bar()
        yield bar
        self.seen[title] = total, bar.done
