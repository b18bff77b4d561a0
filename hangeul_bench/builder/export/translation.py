"""Layouts of programs that translate pictures: CycleGAN, MUNIT, UNIT, ILVR; pix2pix; Palette.

All but MUNIT know no style. They learn to make glyphs of content glyphs from all training fonts,
then go on with the references of each asked font, so that there is a model a font; each draws the
content glyphs that are asked.
"""

import json
from pathlib import Path

from hangeul_bench.base.files import pretty_json
from hangeul_bench.builder.export.plan import Asked, Drawing, Folder, Plan, Selection
from hangeul_bench.hangeul.charset import codepoint_name

_PALETTE = Path(__file__).with_name("palette.json")
# Run at junyanz/pytorch-CycleGAN-and-pix2pix@9f8f61e, NVlabs/MUNIT@a82e222,
# mingyuliutw/UNIT@28d5982, jychoi118/ilvr_adm@9b84f26 and
# Janspiry/Palette-Image-to-Image-Diffusion-Models@136b29f.
_TODAY_CYCLEGAN = """\
CycleGAN and pix2pix need dominate; without a GPU add --gpu_ids -1. MUNIT and UNIT need tensorboardX
and scipy; TODAY gives yaml.load its old default and has a load_lua, which they call only with vgg_w
above 0. ILVR needs blobfile; TODAY is mpi4py and gives save_image its range.
"""
_TODAY_PALETTE = """\
It needs opencv-python tensorboardX clean-fid "pandas<3": its log writes into the arrays of a table,
which pandas 3 forbids; what it says then is that Palette() is not recognized. TODAY gives back
np.str.
"""
_EACH_FONT = "  for FONT in $(ls requests/cyclegan/fonts); do\n"


def cyclegan(selection: Selection) -> Plan:
    """CycleGAN (data/unaligned_dataset.py), MUNIT and UNIT (utils.py): ``trainA``, ``trainB``.

    A is the content font, B all training fonts; both programs walk through folders in folders.
    """
    names = {s: f"{s}.png" for s in selection.characters}
    folders = [Folder(f"{part}B/{font_id}", font_id, names) for part, font_id in selection.parts]
    for part in sorted({part for part, _ in selection.parts}):
        folders.append(Folder(f"{part}A", selection.content_font, names, content=True))
    size = selection.size
    usage = (
        f"  export CYCLE='{_translation(size, 'cycle_gan', 'resnet_9blocks')}'\n"
        "  $TODAY $REPO/train.py --dataroot . --name all --model cycle_gan --display_id 0 $CYCLE\n"
        "MUNIT and UNIT, where $REPO is the clone of either and CONFIG edges2shoes_folder.yaml or\n"
        "unit_edges2shoes_folder.yaml:\n"
        "  sed -e 's|^data_root:.*|data_root: .|' \\\n"
        f"    -e 's/^new_size:.*/new_size: {size}\\nnew_size_a: {size}/' \\\n"
        f"    -e 's/^\\(crop_image_.*\\):.*/\\1: {size}/' $REPO/configs/CONFIG > all.yaml\n"
        "  $TODAY $REPO/train.py --config all.yaml --trainer MUNIT\n"
        "ILVR, with what its README has of options of the network in $NET:\n"
        "  export PYTHONPATH=$REPO:$PYTHONPATH\n"
        "  OPENAI_LOGDIR=adm $TODAY $REPO/scripts/image_train.py --data_dir trainB $NET\n"
        "All of them train on mirror images: CycleGAN not with --no_flip, the others always.\n"
    )
    return Plan(tuple(folders), usage, {}, today=_TODAY_CYCLEGAN, trains_on_unseen=True)


def draw_cyclegan(selection: Selection, asked: Asked) -> Drawing:
    """CycleGAN, UNIT and ILVR go on with a font's references as B; MUNIT takes one as the style."""
    shown = {s: f"{n}-{codepoint_name(s)}.png" for n, s in enumerate(asked.references, 1)}
    folders = [Folder(f"requests/cyclegan/fonts/{f}/trainB", f, shown) for f in asked.fonts]
    folders.append(_content("cyclegan", selection, asked))
    test = _test("cyclegan", "--model_suffix _A --no_dropout $CYCLE", asked)
    usage = (
        f"{_EACH_FONT}"
        "    ln -sfn $PWD/trainA requests/cyclegan/fonts/$FONT/trainA\n"
        "    cp -r checkpoints/all checkpoints/$FONT\n"
        "    $TODAY $REPO/train.py --dataroot requests/cyclegan/fonts/$FONT --name $FONT \\\n"
        "      --model cycle_gan --display_id 0 --continue_train $CYCLE\n"
        f"{test}{_munit(asked)}{_unit(asked)}{_ilvr(asked)}"
    )
    # ILVR numbers its pictures.
    texts = {f"requests/{asked.answers}/characters.txt": "".join(asked.characters)}
    return Drawing(tuple(folders), texts, usage)


def _munit(asked: Asked) -> str:
    return (
        "MUNIT takes one reference, and a process a glyph; N is the step of a checkpoint:\n"
        f"{_EACH_FONT}"
        "    STYLE=$(ls requests/cyclegan/fonts/$FONT/trainB/1-*.png)\n"
        "    for PNG in requests/cyclegan/content/*.png; do\n"
        "      $TODAY $REPO/test.py --config all.yaml --checkpoint outputs/all/checkpoints/gen_N.pt"
        " \\\n"
        "        --input $PNG --style $STYLE --output_folder drawn --output_only\n"
        f"      mv drawn/output000.jpg requests/{asked.answers}/$FONT/$(basename $PNG .png).jpg\n"
        "    done; done\n"
    )


def _unit(asked: Asked) -> str:
    return (
        "UNIT (max_iter in all.yaml is of both trainings together):\n"
        f"{_EACH_FONT}"
        "    for PART in trainA testA testB; do\n"
        "      ln -sfn $PWD/$PART requests/cyclegan/fonts/$FONT/$PART; done\n"
        '    sed -e "s|^data_root:.*|data_root: requests/cyclegan/fonts/$FONT|" \\\n'
        f"      -e 's/^display_size:.*/display_size: {len(asked.references)}/' all.yaml "
        "> $FONT.yaml\n"
        "    mkdir -p outputs/$FONT; cp -r outputs/all/checkpoints outputs/$FONT/\n"
        "    $TODAY $REPO/train.py --config $FONT.yaml --trainer UNIT --resume\n"
        "    $TODAY $REPO/test_batch.py --config $FONT.yaml --trainer UNIT --output_only \\\n"
        "      --checkpoint outputs/$FONT/checkpoints/gen_N.pt \\\n"
        "      --input_folder requests/cyclegan/content \\\n"
        f"      --output_folder requests/{asked.answers}/$FONT; done\n"
    )


def _ilvr(asked: Asked) -> str:
    return (
        "ILVR, one picture at a time, for what does not fill a batch is numbered wrong:\n"
        f"{_EACH_FONT}"
        "    OPENAI_LOGDIR=adm-$FONT $TODAY $REPO/scripts/image_train.py $NET \\\n"
        "      --data_dir requests/cyclegan/fonts/$FONT/trainB --resume_checkpoint adm/modelN.pt\n"
        "    $TODAY $REPO/scripts/ilvr_sample.py $NET --model_path adm-$FONT/modelN.pt \\\n"
        "      --base_samples requests/cyclegan/content --batch_size 1 --down_N 8 \\\n"
        f"      --num_samples {len(asked.characters)} \\\n"
        f"      --save_dir requests/{asked.answers}/$FONT; done\n"
    )


def pix2pix(selection: Selection) -> Plan:
    """pix2pix (data/aligned_dataset.py): two pictures in one, here the content to the right."""
    characters = [s for s in selection.characters if s not in selection.without_content]
    names = {s: f"{s}.png" for s in characters}
    font = selection.content_font
    folders = [Folder(f"{part}/{f}", f, names, beside=font) for part, f in selection.parts]
    size = selection.size
    network = next((f"unet_{n}" for n in (256, 128) if size % n == 0), "resnet_9blocks")
    usage = (
        f"  export PIX='{_translation(size, 'pix2pix', network)}'\n"
        "  $TODAY $REPO/train.py --dataroot . --name all --model pix2pix --direction BtoA \\\n"
        "    --display_id 0 $PIX\n"
        "Without --no_flip it trains on mirror images, too.\n"
    )
    return Plan(tuple(folders), usage, {}, today=_TODAY_CYCLEGAN, trains_on_unseen=True)


def draw_pix2pix(selection: Selection, asked: Asked) -> Drawing:
    """pix2pix (test.py) goes on with the pairs of a font's references."""
    shown = {s: f"{codepoint_name(s)}.png" for s in asked.references}
    font = selection.content_font
    folders = [
        Folder(f"requests/pix2pix/fonts/{f}/train", f, shown, beside=font) for f in asked.fonts
    ]
    folders.append(_content("pix2pix", selection, asked))
    usage = (
        "  for FONT in $(ls requests/pix2pix/fonts); do\n"
        "    cp -r checkpoints/all checkpoints/$FONT\n"
        "    $TODAY $REPO/train.py --dataroot requests/pix2pix/fonts/$FONT --name $FONT \\\n"
        "      --model pix2pix --direction BtoA --display_id 0 --continue_train $PIX\n"
        f"{_test('pix2pix', '$PIX', asked)}"
    )
    return Drawing(tuple(folders), {}, usage)


def _translation(size: int, model: str, network: str) -> str:
    """Options that training and drawing must be told alike."""
    norm = "batch" if model == "pix2pix" else "instance"
    return (
        f"--netG {network} --norm {norm} --input_nc 1 --output_nc 1\n"
        f"    --preprocess none --no_flip"
    )


def _content(layout: str, selection: Selection, asked: Asked) -> Folder:
    names = {s: f"{codepoint_name(s)}.png" for s in asked.characters}
    return Folder(f"requests/{layout}/content", selection.content_font, names, content=True)


def _test(layout: str, options: str, asked: Asked) -> str:
    """Draw the content glyphs and give the pictures the names of their syllables."""
    return (
        f"    $TODAY $REPO/test.py --dataroot requests/{layout}/content --name $FONT \\\n"
        f"      --model test --num_test {len(asked.characters)} {options}\n"
        "    for PNG in results/$FONT/test_latest/images/*_fake.png; do\n"
        f"      mv $PNG requests/{asked.answers}/$FONT/$(basename $PNG _fake.png).png; done; done\n"
    )


def palette(selection: Selection) -> Plan:
    """Palette (Janspiry's, data/dataset.py): ``color/NAME.png`` is made of ``gray/NAME.png``.

    A name is padded with zeros to five letters, so syllables stand there as code points. The list
    of names has what every training font draws.
    """
    names = {s: f"{codepoint_name(s)}.png" for s in selection.characters}
    folders = [Folder(f"{part}/color/{f}", f, names) for part, f in selection.parts]
    folders.append(Folder("source", selection.content_font, names, content=True))
    listed = [s for s in selection.characters if s in selection.shared - selection.without_content]
    rows = [f"{font_id}/{codepoint_name(s)}\n" for font_id in selection.train for s in listed]
    usage = (
        "  mkdir train/gray\n"
        "  for FONT in train/color/*; do ln -s ../../source train/gray/$(basename $FONT); done\n"
        "  $TODAY $REPO/run.py -p train -c train.json\n"
        "It goes on until it is stopped or n_iter of train.json, in pictures, are over.\n"
    )
    texts = {
        "train.flist": "".join(rows),
        "train.json": _palette_run(selection.size, "all", train=("train", "train.flist")),
    }
    return Plan(tuple(folders), usage, texts, today=_TODAY_PALETTE, trains_on_unseen=True)


def draw_palette(selection: Selection, asked: Asked) -> Drawing:
    """Palette goes on with a font's references; the content glyphs stand in for the truth."""
    own = "requests/palette"
    shown = {s: f"{codepoint_name(s)}.png" for s in asked.references}
    folders = []
    texts = {
        # Twice, for it cannot read a list of one.
        f"{own}/references.flist": "".join(f"{codepoint_name(s)}\n" for s in shown) * 2,
        f"{own}/asked.flist": "".join(f"{codepoint_name(s)}\n" for s in asked.characters),
    }
    for font_id in asked.fonts:
        folders.append(Folder(f"{own}/fonts/{font_id}/color", font_id, shown))
        gray = f"{own}/fonts/{font_id}/gray"
        folders.append(Folder(gray, selection.content_font, shown, content=True))
        texts[f"{own}/{font_id}.json"] = _palette_run(
            selection.size,
            font_id,
            train=(f"{own}/fonts/{font_id}", f"{own}/references.flist"),
            test=(f"{own}/asked", f"{own}/asked.flist"),
        )
    folders.append(_content("palette", selection, asked))
    usage = (
        f"  mkdir {own}/asked; for KIND in color gray; do\n"
        f"    ln -s ../content {own}/asked/$KIND; done\n"
        f"  for FONT in $(ls {own}/fonts); do\n"
        "    cp experiments/train_all_*/checkpoint/N_Network.pth model_Network.pth\n"
        f"    $TODAY $REPO/run.py -p train -c {own}/$FONT.json\n"
        "    cp experiments/train_${FONT}_*/checkpoint/N_Network.pth model_Network.pth\n"
        f"    $TODAY $REPO/run.py -p test -c {own}/$FONT.json\n"
        "    for PNG in experiments/test_${FONT}_*/results/test/0/Out_*.png; do\n"
        f"      mv $PNG requests/{asked.answers}/$FONT/${{PNG##*/Out_}}; done; done\n"
    )
    return Drawing(tuple(folders), texts, usage)


def _palette_run(
    size: int, name: str, *, train: tuple[str, str], test: tuple[str, str] | None = None
) -> str:
    """A whole configuration of Palette's, with the numbers of its colorization_mirflickr25k.json.

    Args:
        size: Of a picture, in pixels.
        name: Of the run.
        train: Folder and list of names.
        test: The same; None where nothing is drawn.
    """
    run = json.loads(_PALETTE.read_text(encoding="utf-8"))
    run["name"] = name
    run["path"]["resume_state"] = None if test is None else "model"
    run["model"]["which_networks"][0]["args"]["unet"]["image_size"] = size
    for part, (folder, names) in {"train": train, "test": test or train}.items():
        run["datasets"][part]["which_dataset"]["args"] = {
            "data_root": folder,
            "data_flist": names,
            "image_size": [size, size],
        }
    return pretty_json(run)
