"""Where the time of a font goes: drawing, reading, tracing, building, checking, each as a share.

    python benchmarks/font_speed.py FONT [--model NAME] [--data DATASET] [--fonts DIR]
        [--syllables ksx1001|all|FILE] [--threads 2]

FONT gives the reference glyph, 한. Nothing drawn before is used. Seconds are those of the wall
clock; the processor's seconds beside the total tell whether something else was running.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import torch

from fontmaker import (
    FontOrder,
    Generator,
    MadeFont,
    choose_advance,
    family_name,
    load_references,
    make_font,
)
from fontmaker.content import open_content
from fontmaker.latin import find_companions
from hangeul_bench.adapter.registry import default_model, load_model
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.hangeul.charset import load_charset


def make(arguments: argparse.Namespace, work: Path) -> MadeFont:
    """Make the font that the command line asks for, from nothing."""
    dataset = GlyphDataset.open(arguments.data) if arguments.data else None
    name = arguments.model or default_model(with_dataset=dataset is not None)
    references = load_references([arguments.font], ["한"])
    generator = Generator(
        model=load_model(name, dataset=dataset),
        name=name,
        references=references,
        content=open_content(dataset, arguments.fonts),
    )
    order = FontOrder(
        family=family_name("Speed Test"),
        syllables=load_charset(arguments.syllables),
        generator=generator,
        advance=choose_advance("auto", references),
        companions=find_companions(arguments.fonts) if arguments.fonts else (),
    )
    return make_font(order, work=work)


def main() -> None:
    """Print the shares, milliseconds a glyph, and the most memory that was used."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("font", type=Path)
    parser.add_argument("--model")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--fonts", type=Path)
    parser.add_argument("--syllables", default="ksx1001")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    with tempfile.TemporaryDirectory() as work:
        start, start_cpu = time.perf_counter(), time.process_time()
        made = make(arguments, Path(work))
        total, cpu = time.perf_counter() - start, time.process_time() - start_cpu
        start_packing = time.perf_counter()
        packed = len(made.woff2)
        packing = time.perf_counter() - start_packing
    count, seconds = len(made.drawn.syllables), made.record["seconds"]
    seconds |= {"packing as WOFF2": packing}
    for stage, spent in sorted(seconds.items(), key=lambda item: -item[1]):
        share, each = spent / (total + packing), 1000 * spent / count
        print(f"{stage:<18}{spent:8.1f} s  {share:5.1%}  {each:7.2f} ms a glyph")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{count:,} glyphs in {total:.0f} s, {cpu:.0f} s of the processor, {memory:.2f} GB")
    print(f"{len(made.font) / 1e6:.2f} MB, {packed / 1e6:.2f} MB as WOFF2")


if __name__ == "__main__":
    main()
