"""`hangeul-bench font --complete`: a half-finished font gets the syllables that it lacks."""

from pathlib import Path
from typing import TYPE_CHECKING

from fontmaker.cli.asked import Asked
from fontmaker.cli.generator import load_generator
from fontmaker.cli.given import Given
from fontmaker.cli.inputs import check_out, fonts_folder, say
from hangeul_bench.base.errors import UserError

if TYPE_CHECKING:
    from fontmaker.completion.half import HalfFont
    from fontmaker.completion.hers import Hers
    from fontmaker.completion.run import Completion, CompletionOrder
    from hangeul_bench.reader import JamoReader


def complete_half(asked: Asked, path: Path) -> list[str]:
    """Complete a font and write it.

    Args:
        asked: The command line.
        path: The half-finished font.

    Returns:
        Lines that say what was done.

    Raises:
        UserError: An option does not go with it, or the font cannot be completed.
    """
    from fontmaker.completion.hers import measure
    from fontmaker.completion.opening import open_half
    from fontmaker.completion.writing import copy_half
    from hangeul_bench.base.lock import alone_at
    from hangeul_bench.hangeul.charset import load_charset

    _check_options(asked)
    _check_place(path, asked.out)
    half = open_half(path)
    _check_suffix(half, asked.out)
    syllables, hers = load_charset(asked.syllables), measure(half)
    known = set(hers.syllables)
    missing = tuple(syllable for syllable in syllables if syllable not in known)
    with alone_at(asked.out, "font"):
        if not missing:
            copy_half(half, asked.out)
            return [
                f"{asked.out}",
                f"{path} draws all {len(syllables):,} syllables already: nothing was drawn, and "
                f"{asked.out} is an equal copy.",
            ]
        return _completed(asked, half, hers, missing)


def _completed(asked: Asked, half: "HalfFont", hers: "Hers", missing: tuple[str, ...]) -> list[str]:
    from fontmaker.completion.run import complete_font
    from fontmaker.completion.writing import write_completion
    from hangeul_bench.base.files import pretty_json, write_whole
    from hangeul_bench.reader import JamoReader

    reader = JamoReader.load()
    order = _order(asked, half, hers, missing, reader)
    work = asked.work or asked.out.with_suffix(".drawings")
    made = complete_font(order, work=work, reader=reader)
    changed = write_completion(made, half, asked.out)
    record = asked.out.with_suffix(".json")
    write_whole(record, pretty_json(made.record | {"changed": changed}))
    kind = "Files" if half.kind == "ufo" else "Tables"
    lines = [f"{asked.out}", f"{record}", *_summary(made, hers)]
    return [*lines, f"{kind} of the font with other bytes than before: {', '.join(changed)}."]


def _order(
    asked: Asked,
    half: "HalfFont",
    hers: "Hers",
    missing: tuple[str, ...],
    reader: "JamoReader",
) -> "CompletionOrder":
    from fontmaker.completion.drawing import readable
    from fontmaker.completion.run import CompletionOrder
    from fontmaker.reference import Reference
    from fontmaker.store import read_kept
    from hangeul_bench.base.options import parse_options

    options = parse_options(asked.options)
    kept = {} if asked.keep is None else read_kept(asked.keep, missing)
    references = tuple(
        Reference(image, syllable, half.path.name, half.sha256)
        for syllable, image in zip(hers.syllables, hers.images, strict=True)
    )
    shown = readable(references, reader)
    if left := len(references) - len(shown):
        say(
            f"{half.path.name}: {left} of its {len(references):,} syllables do not read as what "
            "they are; they stay as they are, and none is shown to the model."
        )
    fonts = fonts_folder(asked.fonts)
    generator = load_generator(asked, Given(shown), missing, options=options, fonts=fonts)
    return CompletionOrder(half, hers, generator, missing, kept, asked.correct)


def _check_options(asked: Asked) -> None:
    """Raise UserError for an option that asks for something else than a completion."""
    given = {
        "--reference": asked.references,
        "--reference-character": asked.reference_characters,
        "--sheet": asked.sheet,
        "--face": asked.face,
        "--instance": asked.instance,
        "--accept": asked.accept,
        "--family": asked.family,
        "--vendor": asked.vendor,
        "--advance": asked.advance != "auto",
        "--latin": asked.latin != "auto",
        "--woff2": asked.woff2,
        "--ufo": asked.ufo,
    }
    wrong = [option for option, value in given.items() if value]
    if wrong:
        raise UserError(
            f"Expected --complete without {wrong[0]}, since references, names and advances are "
            "the font's own; leave it out."
        )


def _check_place(half: Path, out: Path) -> None:
    """Raise UserError if writing would touch what is to be completed."""
    one, other = half.resolve(), out.resolve()
    inside = one in other.parents or other in one.parents
    if one == other or inside or (out.exists() and half.exists() and out.samefile(half)):
        raise UserError(
            f"Expected --out to be another place than the font to complete, but found {out} for "
            "both; name a new file."
        )


def _check_suffix(half: "HalfFont", out: Path) -> None:
    from fontmaker.completion.half import SUFFIXES
    from fontmaker.ufo import check_new

    suffixes = SUFFIXES[half.kind]
    if out.suffix.lower() not in suffixes:
        raise UserError(
            f"Expected --out to be a file named *{suffixes[0]}, as {half.path} has that kind of "
            f"outlines and they stay as they are, but found {out}."
        )
    if half.kind == "ufo":
        check_new(out)
    else:
        check_out(out, out.suffix.lower())


def _summary(made: "Completion", hers: "Hers") -> list[str]:
    from fontmaker.undrawn import named

    record, points = made.record, made.record["points"]
    lines = [
        f"{len(made.glyphs):,} syllables drawn from {record['completed']['shown']:,} of the "
        f"font's own {len(hers.syllables):,}, which stay as they are; drawn back, SSIM "
        f"{record['proof']['ssim_mean']:.4f}, jamo error {record['proof']['jamo_error']:.4f}; "
        f"points: median {points['median']:g}, in the font's own {points['median_of_hers']:g}",
    ]
    if points["above"]:
        lines.append(
            f"{len(points['above'])} need more than {points['most_asked']:g} points, since that "
            f"few would no longer show what was drawn: {named(points['above'])}."
        )
    if record["left_out"]:
        lines.append(
            f"Left out, since nothing draws them: {named(record['left_out'])}; --keep takes "
            "glyphs of your own for them."
        )
    if made.doubtful:
        lines.append(
            f"The reader doubts {len(made.doubtful)}: {named(made.doubtful)}; they are in the "
            "JSON, and --keep takes glyphs of your own for them."
        )
    return lines
