"""The references on a command line: pictures, glyphs of a font, or a sheet."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fontmaker.cli.asked import Asked
from fontmaker.cli.inputs import say
from hangeul_bench.base.errors import UserError

if TYPE_CHECKING:
    from fontmaker.reference import Reference
    from fontmaker.sheet.reading import SheetReading


@dataclass(frozen=True)
class Given:
    """The references, and where they come from.

    Attributes:
        references: In the order in which they are shown.
        sheet: The sheet that they come from, if they come from one.
        syllables_of_font: Where they were chosen from a font's syllables, how many it draws.
    """

    references: "tuple[Reference, ...]"
    sheet: "SheetReading | None" = None
    syllables_of_font: int = 0

    def for_model(self, model: Any) -> "tuple[Reference, ...]":
        """Those that a model looks at; says which were chosen from a font."""
        if not self.syllables_of_font:
            return self.references
        shown = self.references[: getattr(model, "most_references", None)]
        say(
            f"{shown[0].name}: {len(shown)} of its {self.syllables_of_font:,} syllables are the "
            f"references, chosen to cover jamo and positions: "
            f"{''.join(reference.character for reference in shown)}; "
            f"{self.syllables_of_font - len(shown):,} were left."
        )
        return shown


def given_references(asked: Asked) -> Given:
    """The references, looked at by the reader.

    Raises:
        UserError: They are none, of two kinds, not usable, or read as other syllables.
    """
    if (asked.sheet is None) == (not asked.references):
        found = "both" if asked.references else "neither"
        raise UserError(f"Expected either --reference or --sheet, but found {found}.")
    return _from_files(asked) if asked.sheet is None else _from_sheet(asked, asked.sheet)


def _from_sheet(asked: Asked, path: Path) -> Given:
    from fontmaker import read_sheet
    from hangeul_bench.reader import JamoReader

    if asked.face or asked.instance:
        raise UserError("Expected --face and --instance with a font file, but found --sheet.")
    if asked.reference_characters:
        raise UserError(
            "Expected --reference-character with --reference alone, but found it with --sheet, "
            "whose code says what each box shows; leave it out."
        )
    sheet = read_sheet(path, JamoReader.load(), accept=asked.accept)
    for note in sheet.notes:
        say(note)
    return Given(sheet.references, sheet)


def _from_files(asked: Asked) -> Given:
    from fontmaker.reference import examine
    from hangeul_bench.reader import JamoReader

    given = _loaded(asked)
    for reference in given.references:
        for note in reference.notes:
            say(f"{reference.name}: {note}")
    fonts = {(r.name, r.family): None for r in given.references if r.family}
    for name, family in fonts:
        say(f"{name}: its licence says what may be made from {family}.")
    for warning in examine(given.references, JamoReader.load(), accept=asked.accept):
        say(warning)
    return given


def _loaded(asked: Asked) -> Given:
    """A font that nothing more is said of is given whole: glyphs of it are chosen."""
    from fontmaker import load_references
    from fontmaker.reference import is_font_file, named_syllable, references_from_font

    paths, shown = asked.references, asked.reference_characters
    if len(paths) == 1 and not shown and is_font_file(paths[0]) and not named_syllable(paths[0]):
        chosen, count = references_from_font(paths[0], face=asked.face, instance=asked.instance)
        return Given(chosen, syllables_of_font=count)
    return Given(load_references(paths, shown, face=asked.face, instance=asked.instance))
