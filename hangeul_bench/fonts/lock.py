"""``fonts.lock.json`` as ``fonts fetch`` keeps it: what lies in a folder, and what should."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hangeul_bench.base.files import pretty_json, write_whole
from hangeul_bench.fonts.table import LOCK_FORMAT, LOCK_NAME, lock_document

Entry = Mapping[str, str]


@dataclass
class FontsLock:
    """The lock file of a folder of fonts.

    Attributes:
        folder: The folder.
        fonts: What is known of each font that was fetched, by its id.
        set_name: The largest set that was fetched; empty if none was.
        set_fonts: The ids of its fonts, those that were not to be had too.
    """

    folder: Path
    fonts: dict[str, Entry] = field(default_factory=dict)
    set_name: str = ""
    set_fonts: tuple[str, ...] = ()

    @classmethod
    def read(cls, folder: Path) -> "FontsLock":
        """The lock file of a folder; an empty one if there is none.

        Raises:
            UserError: It is no lock file, or a name in it may lead out of the folder.
        """
        document = lock_document(folder)
        fonts: dict[str, Entry] = {entry["font_id"]: dict(entry) for entry in document["fonts"]}
        said = document.get("set", {"name": "", "fonts": []})
        return cls(folder, fonts, said["name"], tuple(said["fonts"]))

    def holds(self, fields: Entry) -> bool:
        """Whether the font of these fields lies in the folder as it was fetched."""
        entry = self.fonts.get(fields["font_id"], {})
        if not entry.items() >= fields.items():
            return False
        path = self.folder / entry["file"]
        return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == entry["sha256"]

    def name_set(self, name: str, font_ids: Iterable[str]) -> None:
        """Note which set the folder should hold, unless that is part of the one it is said to."""
        asked = tuple(sorted(font_ids))
        if not set(asked) <= set(self.set_fonts):
            self.set_name, self.set_fonts = name, asked

    def write(self) -> None:
        """Write the file."""
        document: dict[str, object] = {
            "format": LOCK_FORMAT,
            "fonts": [self.fonts[font_id] for font_id in sorted(self.fonts)],
        }
        if self.set_name:
            document["set"] = {"name": self.set_name, "fonts": list(self.set_fonts)}
        write_whole(self.folder / LOCK_NAME, pretty_json(document))
