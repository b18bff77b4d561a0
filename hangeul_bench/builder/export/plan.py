"""What a layout is given and what it makes of it: glyphs chosen and asked, folders and texts."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Selection:
    """What is exported.

    Attributes:
        train: Ids of the training fonts.
        test: Ids of the test fonts.
        characters: The syllables, in code-point order; at least one of the fonts draws each.
        unseen: Those of ``characters`` that a ranked model may not train on.
        references: The fixed reference syllables, in their order.
        content_font: Id of the font of content images.
        without_content: Those of ``characters`` that the content font lacks.
        shared: Those of ``characters`` that every training font draws.
        size: Width and height of an image in pixels.
    """

    train: tuple[str, ...]
    test: tuple[str, ...]
    characters: tuple[str, ...]
    unseen: frozenset[str]
    references: tuple[str, ...]
    content_font: str
    without_content: frozenset[str]
    shared: frozenset[str]
    size: int

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """Pairs of (``train`` or ``test``, font id), training fonts first."""
        train = tuple(("train", font_id) for font_id in self.train)
        return train + tuple(("test", font_id) for font_id in self.test)


@dataclass(frozen=True)
class Folder:
    """One folder of glyphs of one font.

    Attributes:
        path: Relative to the export, with ``/``.
        font_id: Whose glyphs it holds.
        names: Syllable -> file name.
        content: Whether these are content images and not glyphs to learn or to test.
        beside: Id of a font whose glyph of the same syllable stands to the right in each picture.
    """

    path: str
    font_id: str
    names: Mapping[str, str]
    content: bool = False
    beside: str | None = None


@dataclass(frozen=True)
class Plan:
    """What is written, and what the export's README says of it.

    Attributes:
        folders: All folders of glyphs.
        usage: How the other codebase is told where they are.
        texts: Further text files by relative path.
        today: What breaks in that codebase on today's Python, and what helps.
        trains_on_unseen: Whether it would train on the unseen characters if they are there.
    """

    folders: tuple[Folder, ...]
    usage: str
    texts: Mapping[str, str]
    today: str = ""
    trains_on_unseen: bool = False


@dataclass(frozen=True)
class Asked:
    """What a trained program must draw, the same of every font.

    Attributes:
        fonts: Ids of the fonts to continue, sorted.
        characters: The syllables that any of them is scored on and the content font draws.
        references: The syllables that are shown of each font.
        answers: The folder below ``requests/`` where the answers go.
    """

    fonts: tuple[str, ...]
    characters: tuple[str, ...]
    references: tuple[str, ...]
    answers: str


@dataclass(frozen=True)
class Drawing:
    """The same in a codebase's own layout, so that its own program draws from it.

    Attributes:
        folders: Pictures that it reads.
        texts: Its configurations and lists, and what tells ``dir:`` how to read its answers.
        usage: Commands that are run in the export's folder, and what they assume.
    """

    folders: tuple[Folder, ...]
    texts: Mapping[str, str]
    usage: str
