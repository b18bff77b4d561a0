"""How much faster the build is than a plain Pillow loop, over the same glyphs in one run.

    python benchmarks/build_speed.py fonts --limit 60 --rounds 1

The plain loop is how the scripts of other projects work: one process, ``ImageFont``, a glyph
centred by its ink, one grey PNG file a glyph in a fresh folder. The two are timed in turn, so that
a busy machine slows both; only their ratio says something. Nothing is deleted before the end, as
some file systems create files slowly for minutes after many were deleted, which would slow the
plain loop of the next round. The start of the workers counts too: with 12 fonts it is a third of
the build's time, so few fonts give a lower ratio than a whole corpus.
"""

import argparse
import os
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from hangeul_bench.builder.run import BuildOptions, build
from hangeul_bench.fonts.faces import FontFace, find_faces
from hangeul_bench.hangeul.charset import ksx1001

SIZE = 128
FONT_PIXELS = 100


def plain_loop(faces: Sequence[FontFace], out: Path) -> None:
    """Draw every glyph with Pillow and save it as a PNG file."""
    for face in faces:
        folder = out / face.font_id
        folder.mkdir(parents=True)
        font = ImageFont.truetype(str(face.path), FONT_PIXELS)
        for syllable in ksx1001():
            image = Image.new("L", (SIZE, SIZE), 255)
            draw = ImageDraw.Draw(image)
            left, top, right, bottom = draw.textbbox((0, 0), syllable, font=font)
            place = (SIZE - left - right) / 2, (SIZE - top - bottom) / 2
            draw.text(place, syllable, fill=0, font=font)
            image.save(folder / f"{ord(syllable):X}.png")


class Cost(NamedTuple):
    """What one run took: seconds by the clock, and processor seconds of all its processes."""

    clock: float
    processor: float


def measure(run: Callable[[], object]) -> Cost:
    """Run something and say what it cost."""
    start, before = time.perf_counter(), os.times()
    run()
    after = os.times()
    return Cost(time.perf_counter() - start, sum(after[:4]) - sum(before[:4]))


def plain_and_ours(faces: Sequence[FontFace], scratch: Path, workers: int) -> tuple[Cost, Cost]:
    """Cost of the plain loop and of the build, one after the other in a fresh folder."""
    for face in faces:
        copy = scratch / "fonts" / str(face.category) / f"{face.font_id}{face.path.suffix}"
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(face.path, copy)
    options = BuildOptions(workers=workers)
    return (
        measure(lambda: plain_loop(faces, scratch / "plain")),
        measure(lambda: build(scratch / "fonts", scratch / "dataset", options)),
    )


def main() -> None:
    """Parse the command line, time both, print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("fonts", type=Path, help="folder of TTF and OTF fonts")
    parser.add_argument("--limit", type=int, default=60, help="number of fonts (default 60)")
    parser.add_argument("--rounds", type=int, default=3, help="times to repeat (default 3)")
    parser.add_argument("--workers", type=int, default=2, help="of the build (default 2)")
    arguments = parser.parse_args()
    faces = find_faces(arguments.fonts)[: arguments.limit]
    n_glyphs = len(faces) * len(ksx1001())
    with tempfile.TemporaryDirectory() as name:
        rounds = [Path(name) / str(number) for number in range(arguments.rounds)]
        costs = [plain_and_ours(faces, scratch, arguments.workers) for scratch in rounds]
    print(f"{n_glyphs:,} glyphs of {len(faces)} fonts, {SIZE} px, {arguments.workers} workers")
    for plain, ours in costs:
        print(
            f"plain loop {n_glyphs / plain.clock:8,.0f} glyphs/s, "
            f"build {n_glyphs / ours.clock:8,.0f} glyphs/s, ratio {plain.clock / ours.clock:.1f}; "
            f"processor time a glyph {1e6 * plain.processor / n_glyphs:.0f} and "
            f"{1e6 * ours.processor / n_glyphs:.0f} us"
        )
    print(f"median ratio {statistics.median(p.clock / o.clock for p, o in costs):.1f}")
    main_mb, worker_mb = (
        resource.getrusage(who).ru_maxrss / 1024
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(f"peak memory: main process {main_mb:.0f} MB, largest worker {worker_mb:.0f} MB")


if __name__ == "__main__":
    main()
