"""An audit as text for people and as JSON for programs."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict

from hangeul_bench.base.files import pretty_json
from hangeul_bench.builder.audit.folder import Audit, Misread, Pair, SplitAudit
from hangeul_bench.builder.audit.font import FontAudit
from hangeul_bench.hangeul.charset import all_syllables, codepoint_name, ksx1001

FORMAT = 1
_MANY_CONTOURS = (
    16  # Noto Serif has 12 overlapping ones a syllable, eroded and holed fonts 20 to 63
)
_ADVICE = "give them one lineage in fonts.csv, or remove one"
_MAX_PAIRS = 40
_MAX_MISREAD = 12
_EXAMPLES = 5


def audit_json(audit: Audit) -> str:
    """The whole audit; the keys are the attributes of :class:`Audit`, and ``defects`` of each font.

    Hashes and pixels are left out; the text is the same for the same fonts.
    """
    document = {"format": FORMAT, **asdict(audit)}
    for entry, font in zip(document["fonts"], audit.fonts, strict=True):
        entry["defects"] = list(defects(font))
    return pretty_json(document)


def audit_text(audit: Audit) -> str:
    """A table of the fonts, then copies, the split and the files that are not usable."""
    sections = [
        _font_table(audit),
        *_pair_section("Copies (one font twice)", audit.pairs, "copy"),
        *_pair_section("Near (drawn from one another)", audit.pairs, "near"),
        *_reading_section(audit),
        *_split_section(audit.split),
        *_file_section("Chosen from files with several faces or weights", audit.choices),
        *_file_section("Not usable", audit.unusable),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def defects(font: FontAudit) -> Iterator[str]:
    """What a user of the font should know, each in a few words."""
    for reason, syllables in font.missing.items():
        shown = "".join(syllables[:_EXAMPLES]) + ("..." if len(syllables) > _EXAMPLES else "")
        yield f"{_MISSING_WORDS[reason]} {len(syllables)}: {shown}"
    n_absent = font.n_missing_all.get("not in the cmap", 0)
    n_notdef = font.n_missing_all.get("outline of .notdef", 0)
    if (n_absent and font.draws_notdef) or n_notdef:
        yield f".notdef box for {n_absent + n_notdef:,} of 11,172"
    n_blank = font.n_missing_all.get("empty outline", 0)
    if n_blank:
        yield f"blank {n_blank:,} of 11,172"
    shapes = font.shapes
    if shapes.identical:
        more = " ..." if len(shapes.identical) > _EXAMPLES else ""
        groups = " ".join(shapes.identical[:_EXAMPLES])
        yield f"identical outlines {len(shapes.identical)}: {groups}{more}"
    if shapes.n_tall:
        share = shapes.n_tall / max(font.n_ksx1001, 1)
        yield f"tall {share:.1%}: {''.join(shapes.tall[:3])}"
    if shapes.contours >= _MANY_CONTOURS:
        yield f"holes or erosion, {shapes.contours:.0f} contours a syllable"
    if shapes.is_pixel:
        yield "pixel outlines"


_MISSING_WORDS = {
    "not in the cmap": "missing",
    "empty outline": "blank",
    "outline of .notdef": ".notdef box",
}


def _font_table(audit: Audit) -> list[str]:
    header = ("font", "category", "lineage", "licence", "2,350", "11,172", "defects")
    rows = [header]
    for font in audit.fonts:
        rows.append(
            (
                font.name,
                font.category or "?",
                font.lineage,
                font.licence,
                f"{font.n_ksx1001:,}",
                f"{font.n_all:,}",
                "; ".join(defects(font)),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(header) - 1)]
    lines = [_line(row, widths) for row in rows]
    complete = sum(font.n_ksx1001 == len(ksx1001()) for font in audit.fonts)
    all_complete = sum(font.n_all == len(all_syllables()) for font in audit.fonts)
    count = f"{len(audit.fonts)} fonts: {complete} draw all 2,350, {all_complete} all 11,172."
    legend = (
        "tall: ink higher than 1.2 times the font's median, or as high as the em; identical "
        "outlines: groups of the 2,350, in which one syllable is wrong."
    )
    return [*lines, count, legend]


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
    return "  ".join([*cells, row[-1]]).rstrip()


def _pair_section(title: str, pairs: tuple[Pair, ...], kind: str) -> Iterator[list[str]]:
    chosen = [pair for pair in pairs if pair.kind == kind]
    if not chosen:
        return
    lines = [f"{title}: {len(chosen)}"] + [_pair_line(pair) for pair in chosen[:_MAX_PAIRS]]
    if len(chosen) > _MAX_PAIRS:
        lines.append(f"  and {len(chosen) - _MAX_PAIRS} more (--json has all)")
    yield lines


def _pair_line(pair: Pair) -> str:
    same = (
        f", {pair.same_outlines:.0%} of the outlines identical"
        if pair.same_outlines > 0.005
        else ""
    )
    return f"  {pair.rmse:.4f}  {pair.first} = {pair.second}{same}"


def _two(pair: Pair) -> str:
    return f"{pair.first} and {pair.second} (RMSE {pair.rmse:.3f})"


def _split_section(split: SplitAudit) -> Iterator[list[str]]:
    lines = [f"Split: {split.n_train} fonts train, {split.n_unseen} are unseen."]
    if split.reason:
        lines = [f"Split: none, as {split.reason}."]
    for pair in split.leaks:
        lines.append(f"  LEAK: {_two(pair)} stand on both sides and look alike; {_ADVICE}.")
    for pair in split.unlinked:
        if pair not in split.leaks:
            lines.append(f"  {_two(pair)} look alike but have two lineages; {_ADVICE}.")
    if split.nearest:
        lines.append("  RMSE to the nearest training font:")
        for name, (other, rmse) in split.nearest.items():
            lines.append(f"    {rmse:.3f}  {name} - {other}")
    if split.lineages:
        lines.append("  Kept on one side each (one lineage):")
        for lineage, names in split.lineages.items():
            lines.append(f"    {lineage}: {', '.join(names)}")
    yield lines


def _reading_section(audit: Audit) -> Iterator[list[str]]:
    if audit.readings is None:
        return
    found = {name: misread for name, misread in audit.readings.items() if misread}
    lines = [f"Surely read as another syllable: {sum(map(len, found.values()))}"]
    for name, misread in found.items():
        shown = ", ".join(map(_misread, misread[:_MAX_MISREAD]))
        more = len(misread) - _MAX_MISREAD
        lines.append(f"  {name}: {shown}" + (f" and {more} more" if more > 0 else ""))
    yield lines


def _misread(one: Misread) -> str:
    swapped = ", swapped" if one.swapped else ""
    return f"{one.syllable} ({codepoint_name(one.syllable)}) as {one.read_as}{swapped}"


def _file_section(heading: str, files: Mapping[str, str]) -> Iterator[list[str]]:
    if files:
        lines = [f"{heading}: {len(files)}"]
        yield lines + [f"  {file}: {reason}" for file, reason in files.items()]
