"""Where each codebase expects which glyph: a layout turns a selection into folders and texts.

A layout is a function ``Selection -> Plan``. To add one, write the function and list it in
:data:`LAYOUTS`; what is read from whom stands in its docstring.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hangeul_bench.charset import codepoint_name
from hangeul_bench.components import component_counts


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
        size: Width and height of an image in pixels.
    """

    train: tuple[str, ...]
    test: tuple[str, ...]
    characters: tuple[str, ...]
    unseen: frozenset[str]
    references: tuple[str, ...]
    content_font: str
    without_content: frozenset[str]
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
    """

    path: str
    font_id: str
    names: Mapping[str, str]
    content: bool = False


@dataclass(frozen=True)
class Plan:
    """All folders of an export, further text files by relative path, and how to use it."""

    folders: tuple[Folder, ...]
    usage: str
    texts: Mapping[str, str]


def png(selection: Selection) -> Plan:
    """``<font_id>/U+AC00.png``: this project's own, read back by ``--model dir:FOLDER``."""
    names = {syllable: f"{codepoint_name(syllable)}.png" for syllable in selection.characters}
    folders = tuple(Folder(font_id, font_id, names) for _, font_id in selection.parts)
    usage = (
        "One folder a font, one PNG a syllable, named by its code point.\n"
        "The same layout is scored with: hangeul-bench evaluate --model dir:FOLDER\n"
    )
    return Plan(folders, usage, {})


def diff_font(selection: Selection) -> Plan:
    """Diff-Font (Hxyz-123/Font-diff, utils/image_datasets.py).

    A class is the rank of the file name among all file names under ``data_dir``; the component
    row and the character of that class are found by the same number. So files, characters.txt
    and components.txt are numbered by one list here.
    """
    names = {syllable: f"{i:05d}.png" for i, syllable in enumerate(selection.characters)}
    folders = tuple(Folder(f"{part}/{f}", f, names) for part, f in selection.parts)
    # The parser drops the last field of a line, so each must end in a space.
    rows = (" ".join([s, *map(str, component_counts(s)), "\n"]) for s in selection.characters)
    texts = {"characters.txt": "".join(selection.characters), "components.txt": "".join(rows)}
    usage = (
        "cfg/train_cfg.yaml and cfg/test_cfg.yaml:\n"
        "  data_dir: 'THIS/train'\n"
        f"  chara_nums: {len(selection.characters)}\n"
        f"  image_size: {selection.size}\n"
        "  stroke_path: 'THIS/components.txt'\n"
        "  total_txt_file: 'THIS/characters.txt'\n"
        f"{_attention(selection.size)}"
        "Run it with PYTHONUTF8=1: it opens text files in the locale's encoding.\n"
        "characters.txt, components.txt and the file numbers belong together: class N is the\n"
        "N-th character, the N-th row and the file N.png. Take no other component file.\n"
    )
    return Plan(folders, usage, texts)


def _attention(size: int) -> str:
    if size == 80:
        return "  attention_resolutions: '40, 20, 10'\n"
    sizes = ", ".join(str(size // factor) for factor in (4, 8, 16))
    return (
        f"  attention_resolutions: '{sizes}'   # feature sizes in pixels; the shipped\n"
        f"      # '40, 20, 10' matches none at {size} px and drops attention without a word\n"
    )


def dg_font(selection: Selection) -> Plan:
    """DG-Font (ecnuycxie/DG-Font, datasets/): ``id_<n>/0000.png``.

    The last ``--val_num`` files of each folder are its validation characters, so the unseen
    characters are numbered last.
    """
    seen = [s for s in selection.characters if s not in selection.unseen]
    unseen = [s for s in selection.characters if s in selection.unseen]
    # Files are sorted as text, so all numbers need the same width.
    width = max(4, len(str(len(selection.characters) - 1)))
    names = {syllable: f"{i:0{width}d}.png" for i, syllable in enumerate([*seen, *unseen])}
    folders = tuple(
        Folder(f"{part}/id_{i}", font_id, names)
        for i, (part, font_id) in enumerate(selection.parts)
    )
    usage = (
        f"main.py --data_path THIS/train --img_size {selection.size} "
        f"--output_k {len(selection.train)} --val_num {len(unseen)}\n"
        f"The {len(unseen)} unseen characters have the highest numbers, so that --val_num keeps\n"
        "them out of training. main.py has 400 classes written into it (att_to_use): set it to\n"
        f"range({len(selection.train)}). Its networks expect 80 px (--size 80).\n"
    )
    return Plan(folders, usage, {})


def fontdiffuser(selection: Selection) -> Plan:
    """FontDiffuser (yeungchenwa/FontDiffuser, dataset/font_dataset.py).

    ``<phase>/ContentImage/<char>.jpg`` and ``<phase>/TargetImage/<style>/<style>+<char>.jpg``.
    The file extension is written into its code. A target needs the content image of its syllable.
    """
    characters = [s for s in selection.characters if s not in selection.without_content]
    folders = []
    for part, font_ids in (("train", selection.train), ("test", selection.test)):
        if font_ids:
            names = {s: f"{s}.jpg" for s in characters}
            folders.append(
                Folder(f"{part}/ContentImage", selection.content_font, names, content=True)
            )
        for font_id in font_ids:
            names = {s: f"{font_id}+{s}.jpg" for s in characters}
            folders.append(Folder(f"{part}/TargetImage/{font_id}", font_id, names))
    usage = (
        f"train.py --data_root=THIS --resolution={selection.size}\n"
        f"Content images are drawn in {selection.content_font}. The images are JPEG, quality\n"
        "100, because its code reads no other extension; the layout png is lossless.\n"
    )
    return Plan(tuple(folders), usage, {})


def ffg(selection: Selection) -> Plan:
    """fewshot-font-generation (clovaai): ``<font>/<char>.png`` and lists of characters.

    A list is a JSON string of characters, as in its own data/kor.
    """
    names = {syllable: f"{syllable}.png" for syllable in selection.characters}
    folders = [Folder(f"{part}/{f}", f, names) for part, f in selection.parts]
    folders.append(Folder("source", selection.content_font, names, content=True))
    seen = [s for s in selection.characters if s not in selection.unseen]
    unseen = [s for s in selection.characters if s in selection.unseen]
    lists = {
        "train_chars": seen,
        "val_seen_chars": seen,
        "val_unseen_chars": unseen,
        "eval_chars": selection.characters,
        "ref_chars": selection.references,
    }
    texts = {f"{name}.json": json.dumps("".join(chars)) for name, chars in lists.items()}
    usage = (
        "cfgs/data/train/custom.yaml:\n"
        "  train: data_dir: THIS/train, extension: png, chars: THIS/train_chars.json\n"
        "  val: data_dir: THIS/test, extension: png, chars: THIS/val_unseen_chars.json or\n"
        "       THIS/val_seen_chars.json\n"
        f"  source_path: THIS/source, source_ext: png ({selection.content_font})\n"
        "cfgs/data/eval: ref_chars: THIS/ref_chars.json, gen_chars: THIS/eval_chars.json\n"
        "decomposition.json and primals.json: its own data/kor covers every syllable.\n"
    )
    return Plan(tuple(folders), usage, texts)


LAYOUTS: dict[str, Callable[[Selection], Plan]] = {
    "png": png,
    "diff-font": diff_font,
    "dg-font": dg_font,
    "fontdiffuser": fontdiffuser,
    "ffg": ffg,
}
