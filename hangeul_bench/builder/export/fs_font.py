"""The layout of FS-Font, which is told the references of every syllable."""

import json
from collections.abc import Sequence
from itertools import cycle, islice

from hangeul_bench.builder.export.plan import Asked, Drawing, Folder, Plan, Selection
from hangeul_bench.hangeul.phonetics import decompose

_SHOWN = 3  # its kshot
# Run at tlc121/FsFont@2ef5c60.
_TODAY = """\
It needs paddlepaddle (it is written for Paddle, not for PyTorch) lmdb sconf opencv-python tqdm
tensorboard. Without a GPU TODAY lets set_device('gpu'), .to('gpu') and .cuda() of Paddle mean the
CPU.
"""


def fs_font(selection: Selection) -> Plan:
    """FS-Font (tlc121/FsFont, build_dataset/): ``<font>/<char>.png`` and which reference for which.

    A validation without characters stops it, so the seen ones stand in where the unseen are left
    out.
    """
    characters = [s for s in selection.characters if s not in selection.without_content]
    names = {s: f"{s}.png" for s in characters}
    folders = [Folder(f"{part}/{f}", f, names) for part, f in selection.parts]
    folders.append(Folder("source", selection.content_font, names, content=True))
    seen = [s for s in characters if s not in selection.unseen]
    unseen = [s for s in characters if s in selection.unseen]
    texts = {
        "train_unis.json": json.dumps([_code(s) for s in seen]),
        "val_unis.json": json.dumps([_code(s) for s in unseen or seen]),
        "references.json": _references(characters, selection.references),
        "fs-font.yaml": (
            "work_dir: result\n"
            "data_path: result/lmdb\n"
            "data_meta: result/meta/train.json\n"
            "content_reference_json: references.json\n"
            "content_font: source\n"
            f"kshot: {_SHOWN}\n"
        ),
    }
    usage = (
        "  ln -s $REPO/cfgs cfgs\n"
        "  $TODAY $REPO/build_dataset/build_meta4train.py --saving_dir result \\\n"
        "    --content_font source --train_font_dir train --val_font_dir test \\\n"
        "    --seen_unis_file train_unis.json --unseen_unis_file val_unis.json\n"
        "  $TODAY $REPO/train.py fs-font cfgs/custom.yaml fs-font.yaml\n"
        "references.json says by which three of the references each syllable is drawn: those that\n"
        "share most jamo with it. Its validation needs test fonts; it draws at 128 px.\n"
    )
    return Plan(tuple(folders), usage, texts, today=_TODAY)


def draw_fs_font(selection: Selection, asked: Asked) -> Drawing:
    """FS-Font (inference.py) draws every syllable of the map."""
    shown = {s: f"{s}.png" for s in asked.references}
    names = {s: f"{s}.png" for s in asked.characters}
    folders = [Folder(f"requests/fs-font/fonts/{f}", f, shown) for f in asked.fonts]
    folders.append(Folder("requests/fs-font/source", selection.content_font, names, content=True))
    texts = {
        "requests/fs-font/references.json": _references(asked.characters, asked.references),
        "requests/fs-font/draw.yaml": (
            "content_reference_json: requests/fs-font/references.json\n"
        ),
    }
    usage = (
        "  for FONT in requests/fs-font/fonts/*; do\n"
        "    $TODAY $REPO/inference.py \\\n"
        "      cfgs/custom.yaml fs-font.yaml requests/fs-font/draw.yaml \\\n"
        "      --weight result/checkpoints/fs-font/last.pdparams --img_path $FONT \\\n"
        "      --content_font requests/fs-font/source --saving_root drawn\n"
        f"    mv drawn/${{FONT##*/}}/images/* requests/{asked.answers}/${{FONT##*/}}/; done\n"
    )
    return Drawing(tuple(folders), texts, usage)


def _references(characters: Sequence[str], references: Sequence[str]) -> str:
    """Three references a syllable, those that share most jamo in their places; JSON by code."""
    return json.dumps(
        {_code(s): [_code(r) for r in _closest(s, references)] for s in characters}, indent=1
    )


def _closest(syllable: str, references: Sequence[str]) -> list[str]:
    parts = decompose(syllable)

    def shared(reference: str) -> int:
        other = decompose(reference)
        return sum(a == b for a, b in zip(parts, other, strict=True))

    ranked = sorted(references, key=shared, reverse=True)
    return list(islice(cycle(ranked), _SHOWN))


def _code(syllable: str) -> str:
    return f"{ord(syllable):04X}"
