"""Where each codebase expects which glyph: a layout turns a selection into folders and texts.

A layout is a function ``Selection -> Plan``. To add one, write the function and give it a row in
:data:`LAYOUTS`; what is read from whom stands in its docstring.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hangeul_bench.base.errors import UserError
from hangeul_bench.builder.export import drawing, translation
from hangeul_bench.builder.export.fs_font import draw_fs_font, fs_font
from hangeul_bench.builder.export.plan import Asked, Drawing, Folder, Plan, Selection
from hangeul_bench.hangeul.charset import codepoint_name
from hangeul_bench.hangeul.components import component_counts

_HELD_OUT = 10  # DG-Font's --val_batch: its validation draws a grid of so many a side

# What stops each codebase on today's Python, and what TODAY (docs/peers.md) gives back. Run at
# Hxyz-123/Font-diff@44d29cf, ecnuycxie/DG-Font@d275d16, wangchi95/CF-Font@75280ca,
# clovaai/fewshot-font-generation@9d2b6ac, EuphoriaYan/zi2zi-pytorch@0e9f3dd and
# yeungchenwa/FontDiffuser@7b28ce9.
_DIFF_FONT = """\
It needs attrdict blobfile pyyaml. TODAY gives attrdict the names that collections dropped in Python
3.10, and is mpi4py for one process where that is not installed. utils/resample.py uses np.int,
which TODAY gives back. PYTHONUTF8=1 where the locale is not UTF-8: it opens files in the locale's.
"""

_DG_FONT = """\
It needs tensorboardX tqdm scipy; CF-Font pandas kornia scikit-image opencv-python too. TODAY
lets its folder datasets/, which has no __init__.py, win over an installed package of that name, and
is DCN, an extension for PyTorch 1.0 that does not compile with today's, by
torchvision.ops.deform_conv2d or, where that is not compiled, in plain torch.
"""

_FONTDIFFUSER = """\
requirements.txt pins diffusers 0.22 and transformers 4.33 for Python 3.9; with them go
huggingface_hub below 0.26 (diffusers imports its cached_download) and numpy below 2. None of its
scripts makes the SCR weights that phase 2 loads (--scr_ckpt_path).
"""

_FFG = """\
It needs sconf scikit-image tqdm tensorboard. Of its requirements.txt leave jsonlib-python3 out,
which nothing of it imports. Reading TTF files calls Pillow's getsize, gone since Pillow 10; the
PNGs of this export do not need it. A batch of one stops at batch normalisation, but in LF's second
phase.
"""

_ZI2ZI = """\
It needs matplotlib tqdm. TODAY gives back Image.ANTIALIAS, which Pillow 10 dropped.
"""


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
    training = (
        "data_dir: 'train'\n"
        f"{drawing.diff_font_model(selection)}"
        "lr: 0.0001\n"
        "batch_size: 16\n"
        "log_interval: 250\n"
        "save_interval: 30000\n"
        "train_step: 420000\n"
        "total_train_step: 800000\n"
        "sty_encoder_path: 'style_encoder.ckpt'\n"
        "model_save_dir: 'trained_models'\n"
    )
    resume = "'trained_models/model420000.pt'"
    texts["train.yaml"] = f"{training}classifier_free: False\nresume_checkpoint: ''\n"
    texts["finetune.yaml"] = f"{training}classifier_free: True\nresume_checkpoint: {resume}\n"
    usage = (
        "  cp $REPO/pretrained_models/korean_styenc.ckpt style_encoder.ckpt\n"
        "  $TODAY $REPO/train.py --cfg_path train.yaml\n"
        "  $TODAY $REPO/train.py --cfg_path finetune.yaml\n"
        "attention_resolutions are sizes of features in pixels: the '40, 20, 10' that it ships\n"
        "are for 80 px, match none at 64 or 128 px and drop attention without a word. It takes\n"
        "64, 80, 128, 256 or 512 px.\n"
        "characters.txt, components.txt and the file numbers belong together: class N is the\n"
        "N-th character, the N-th row and the file N.png. Take no other component file.\n"
    )
    return Plan(folders, usage, texts, today=_DIFF_FONT, trains_on_unseen=True)


def dg_font(selection: Selection) -> Plan:
    """DG-Font (ecnuycxie/DG-Font, datasets/): ``id_<n>/0000.png``.

    It trains on each font's files but for the last ``--val_num``, which it slices off as
    ``[:-val_num]``: 0 would leave nothing to train on. So there are always characters at the end
    that it holds out: the unseen ones, or a few of the seen ones where those are left out.

    Raises:
        UserError: There are too few characters to train on some and hold out others.
    """
    held_out = _held_out(selection)
    trained = [s for s in selection.characters if s not in held_out]
    # Files are sorted as text, so all numbers need the same width.
    width = max(4, len(str(len(selection.characters) - 1)))
    ordered = [*trained, *(s for s in selection.characters if s in held_out)]
    names = {syllable: f"{i:0{width}d}.png" for i, syllable in enumerate(ordered)}
    folders = tuple(
        Folder(f"{part}/id_{i}", font_id, names)
        for i, (part, font_id) in enumerate(selection.parts)
    )
    usage = (
        "  sed -i 's/args.att_to_use = .*/args.att_to_use = list(range(args.output_k))/' "
        "$REPO/main.py\n"
        f"  $TODAY $REPO/main.py --data_path train --img_size {selection.size} "
        f"--output_k {len(selection.train)} --val_num {len(held_out)} "
        f"--val_batch {min(_HELD_OUT, len(held_out))}\n"
        f"The {len(held_out)} {'unseen' if selection.unseen else 'held-out seen'} characters have "
        "the highest numbers, so that --val_num keeps\n"
        "them out of training. Never give --val_num 0: it would train on nothing (it slices\n"
        "[:-0]). main.py has 400 classes written into it, hence the first line; it takes 25\n"
        "epochs or more, saves model_N before the N-th epoch, and draws every pair of fonts\n"
        "after each but the first. Its networks expect 80 px (--size 80).\n"
        "CF-Font trains the same network with the same options and --no_val --baseline_idx 0\n"
        "--save_path FOLDER, but on all files of a folder: export with --seen-only for it.\n"
    )
    return Plan(folders, usage, {}, today=_DG_FONT)


def _held_out(selection: Selection) -> frozenset[str]:
    """What DG-Font shall not train on; never nothing, and never everything."""
    characters = selection.characters
    count = min(_HELD_OUT, len(characters) // 2)
    spread = (characters[i * len(characters) // count] for i in range(count))
    held_out = selection.unseen or frozenset(spread)
    if not held_out or len(held_out) == len(characters):
        raise UserError(
            f"Expected characters to train on and others to hold out for the layout dg-font, but "
            f"found {len(characters)}, of which {len(selection.unseen)} are unseen; export more."
        )
    return held_out


def fontdiffuser(selection: Selection) -> Plan:
    """FontDiffuser (yeungchenwa/FontDiffuser, dataset/font_dataset.py).

    ``<phase>/ContentImage/<char>.jpg`` and ``<phase>/TargetImage/<style>/<style>+<char>.jpg``.
    The file extension is written into its code. A target needs the content image of its syllable,
    and in phase 2 the same syllable of any other training font, as a negative.
    """
    characters = [s for s in selection.characters if s not in selection.without_content]
    shared = [s for s in characters if s in selection.shared]
    folders = []
    for part, font_ids, drawn in (
        ("train", selection.train, shared),
        ("test", selection.test, characters),
    ):
        if font_ids:
            names = {s: f"{s}.jpg" for s in drawn}
            folders.append(
                Folder(f"{part}/ContentImage", selection.content_font, names, content=True)
            )
        for font_id in font_ids:
            names = {s: f"{font_id}+{s}.jpg" for s in drawn}
            folders.append(Folder(f"{part}/TargetImage/{font_id}", font_id, names))
    usage = (
        f"  $TODAY $REPO/train.py --data_root=. --resolution={selection.size}\n"
        f"Content images are drawn in {selection.content_font}. The images are JPEG, quality\n"
        "100, because its code reads no other extension; the layout png is lossless.\n"
        f"{_negatives(selection, n_left_out=len(characters) - len(shared))}"
    )
    return Plan(tuple(folders), usage, {}, today=_FONTDIFFUSER, trains_on_unseen=True)


def _negatives(selection: Selection, *, n_left_out: int) -> str:
    if not selection.train:
        return ""
    text = (
        f"Phase 2: --num_neg of at most {len(selection.train) - 1}, for it takes each negative "
        "from another\ntraining font.\n"
    )
    if n_left_out:
        text += (
            f"Characters left out of train/: {n_left_out}, because a training font lacks them and "
            "phase 2\nlooks for each in every font.\n"
        )
    return text


def ffg(selection: Selection) -> Plan:
    """fewshot-font-generation (clovaai): ``<font>/<char>.png`` and lists of characters.

    A list is a JSON string of characters, as in its own data/kor. An empty one would exclude every
    font, and its loader stops: such a list is not written.
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
    texts = {f"{name}.json": json.dumps("".join(chars)) for name, chars in lists.items() if chars}
    texts["train.yaml"] = _ffg_data(selection, texts)
    usage = (
        '  SOURCE="--dset.train.source_path source --dset.train.source_ext png"\n'
        '  JAMO="--decomposition $REPO/data/kor/decomposition.json"\n'
        '  JAMO="$JAMO --primals $REPO/data/kor/primals.json"\n'
        "  $TODAY $REPO/train_FUNIT.py $REPO/cfgs/FUNIT/train.yaml train.yaml $SOURCE\n"
        "  $TODAY $REPO/train_MX.py $REPO/cfgs/MX/train.yaml train.yaml $JAMO\n"
        "  $TODAY $REPO/train_LF.py $REPO/cfgs/LF/p1/train.yaml train.yaml --phase 1 "
        "$SOURCE $JAMO\n"
        "  $TODAY $REPO/train_LF.py $REPO/cfgs/LF/p2/train.yaml train.yaml --phase 2 "
        "$SOURCE $JAMO \\\n"
        "    --trainer.resume result/lf1/checkpoints/last.pth\n"
        "  $TODAY $REPO/train_DM.py $REPO/cfgs/DM/train.yaml train.yaml \\\n"
        "    --decomposition $REPO/data/kor/decomposition_DM.json\n"
        "Its lists of jamo cover every syllable.\n"
        f"The source font is {selection.content_font}.\n"
    )
    return Plan(tuple(folders), usage, texts, today=_FFG)


def _ffg_data(selection: Selection, lists: Mapping[str, str]) -> str:
    """Its cfgs/data/train/custom.yaml; a list of validation that would be empty is left out."""
    part = "test" if selection.test else "train"
    kinds = [kind for kind in ("unseen", "seen") if f"val_{kind}_chars.json" in lists]
    val = "".join(
        f"    {kind}_chars:\n"
        f"      data_dir: {part}\n"
        "      extension: png\n"
        "      n_gen: 20\n"
        "      n_font: 5\n"
        f"      chars: val_{kind}_chars.json\n"
        "      source_path: source\n"
        "      source_ext: png\n"
        for kind in kinds
    )
    return (
        "dset:\n"
        "  train:\n"
        "    data_dir: train\n"
        "    chars: train_chars.json\n"
        "    extension: png\n"
        "  val:\n"
        f"{val}"
    )


def zi2zi(selection: Selection) -> Plan:
    """zi2zi in PyTorch (EuphoriaYan/zi2zi-pytorch, package.py): ``<number>_<anything>.png``.

    A picture is two: the glyph to the left, the content glyph to the right. The number is that of
    the font. All of them must lie in one folder, which is made of links.
    """
    characters = [s for s in selection.characters if s not in selection.without_content]
    folders = []
    for label, font_id in enumerate(selection.train):
        names = {s: f"{label}_{font_id}+{s}.png" for s in characters}
        beside = selection.content_font
        folders.append(Folder(f"train/{font_id}", font_id, names, beside=beside))
    usage = (
        "  mkdir pairs; find $PWD/train -name '*.png' -exec ln -s -t pairs {} +\n"
        "  mkdir -p requests/my-zi2zi/data\n"
        "  $TODAY $REPO/package.py --dir pairs --save_dir requests/my-zi2zi/data "
        "--type_file characters.csv\n"
        "  $TODAY $REPO/train.py --experiment_dir requests/my-zi2zi --input_nc 1 "
        f"--embedding_num {len(selection.train)}\n"
        "--type_file is read and not used, but its own is looked for where it runs. Its networks\n"
        "halve a picture eight times: --size 256. --gpu_ids cuda:0 trains on a GPU.\n"
    )
    return Plan(tuple(folders), usage, {}, today=_ZI2ZI, trains_on_unseen=True)


@dataclass(frozen=True)
class Layout:
    """One row of :data:`LAYOUTS`.

    Attributes:
        plan: What is written to train from.
        looks: What lies where, for the command's help.
        drawing: What its own program draws a track from, if it needs more than ``requests.csv``.
    """

    plan: Callable[[Selection], Plan]
    looks: str
    drawing: Callable[[Selection, Asked], Drawing] | None = None


LAYOUTS = {
    "png": Layout(png, "<font_id>/U+AC00.png, the layout that --model dir:FOLDER reads"),
    "diff-font": Layout(
        diff_font,
        "train/<font_id>/00000.png, characters.txt and a matching components.txt",
        drawing.diff_font,
    ),
    "dg-font": Layout(
        dg_font,
        "train/id_0/0000.png, unseen characters last (--size 80 for its networks)",
        drawing.dg_font,
    ),
    "fontdiffuser": Layout(
        fontdiffuser,
        "train/ContentImage/가.jpg and train/TargetImage/<font_id>/<font_id>+가.jpg",
    ),
    "ffg": Layout(
        ffg, "train/<font_id>/가.png and lists of characters, for clovaai's models", drawing.ffg
    ),
    "zi2zi": Layout(
        zi2zi,
        "train/<font_id>/0_<font_id>+가.png, content beside (--size 256 for its networks)",
        drawing.zi2zi,
    ),
    "fs-font": Layout(
        fs_font, "train/<font_id>/가.png and which references each is drawn by", draw_fs_font
    ),
    "pix2pix": Layout(
        translation.pix2pix,
        "train/<font_id>/가.png, content beside",
        translation.draw_pix2pix,
    ),
    "cyclegan": Layout(
        translation.cyclegan,
        "trainA/가.png, trainB/<font_id>/가.png, for MUNIT and UNIT, too",
        translation.draw_cyclegan,
    ),
    "palette": Layout(
        translation.palette,
        "train/color/<font_id>/U+AC00.png, source/U+AC00.png and configurations",
        translation.draw_palette,
    ),
}
