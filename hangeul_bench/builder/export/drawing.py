"""A track's questions as each codebase's own program reads them, and where its answers go.

All paths are relative to the export's folder, where the commands are run. ``$TODAY`` runs their
programs unchanged (``docs/peers.md``), ``$REPO`` is the codebase's clone.
"""

import json

from hangeul_bench.base.tables import csv_text
from hangeul_bench.builder.export.plan import Asked, Drawing, Folder, Selection
from hangeul_bench.hangeul.charset import codepoint_name

_BATCH = 20  # glyphs that Diff-Font draws at once


def diff_font(selection: Selection, asked: Asked) -> Drawing:
    """Diff-Font (sample.py): one configuration a font; it draws a list and numbers the pictures.

    It fills whole batches and stops at a list's end, so the list that it reads goes on after the
    last syllable that is kept.
    """
    known = [s for s in asked.characters if s in selection.characters]
    listed = "".join(known)
    texts = {
        "requests/diff-font/characters.txt": listed + listed[-1:] * (_BATCH - 1),
        f"requests/{asked.answers}/characters.txt": listed,
    }
    shown = f"1-{codepoint_name(asked.references[0])}.png"
    for font_id in asked.fonts:
        texts[f"requests/diff-font/{font_id}.yaml"] = (
            f"{diff_font_model(selection)}"
            f"batch_size: {_BATCH}\n"
            f"num_samples: {len(known)}\n"
            "use_ddim: True\n"
            "timestep_respacing: ddim25\n"
            "classifier_free: True\n"
            "cont_scale: 3.0\n"
            "sk_scale: 3.0\n"
            "model_path: 'model.pt'\n"
            "total_txt_file: 'characters.txt'\n"
            "gen_txt_file: 'requests/diff-font/characters.txt'\n"
            f"sty_img_path: 'requests/references/{font_id}/{shown}'\n"
            f"img_save_path: 'requests/{asked.answers}/{font_id}'\n"
        )
    usage = (
        "  cp trained_models/ema_0.9999_800000.pt model.pt\n"
        "  for FONT in requests/diff-font/*.yaml; do\n"
        "    $TODAY $REPO/sample.py --cfg_path $FONT; done\n"
        "classifier_free: True needs a model that was fine-tuned so.\n"
    )
    if len(known) < len(asked.characters):
        usage += (
            f"{len(asked.characters) - len(known)} of the syllables are none of its classes: it "
            "cannot draw them,\nand they count as blank pages.\n"
        )
    return Drawing((), texts, usage)


def diff_font_model(selection: Selection) -> str:
    """What its training and its drawing must be told alike."""
    size = selection.size
    steps = "40, 20, 10" if size == 80 else ", ".join(str(size // part) for part in (4, 8, 16))
    return (
        f"chara_nums: {len(selection.characters)}\n"
        "diffusion_steps: 1000\n"
        "noise_schedule: 'linear'\n"
        f"image_size: {size}\n"
        "num_channels: 128\n"
        "num_res_blocks: 3\n"
        f"attention_resolutions: '{steps}'\n"
        "stroke_path: 'components.txt'\n"
    )


def dg_font(selection: Selection, asked: Asked) -> Drawing:
    """CF-Font (inf_with_style_ft.py), which draws also with a model of DG-Font's.

    ``id_0`` and on are the references of a font each, the last folder holds the content glyphs;
    an answer has the folder's name of the font and the file's of the content glyph.
    """
    shown = {s: f"{n:04d}.png" for n, s in enumerate(asked.references)}
    names = {s: f"{n:04d}.png" for n, s in enumerate(asked.characters)}
    folders = [Folder(f"requests/dg-font/id_{i}", f, shown) for i, f in enumerate(asked.fonts)]
    content = Folder(
        f"requests/dg-font/id_{len(folders)}", selection.content_font, names, content=True
    )
    usage = (
        "  export RANK=0 WORLD_SIZE=1 LOCAL_RANK=0 MASTER_ADDR=127.0.0.1 MASTER_PORT=29500\n"
        "  $TODAY $CF_FONT/inf_with_style_ft.py --data_path requests/dg-font --baseline_idx 0 \\\n"
        f"    --img_size {selection.size} --output_k {len(selection.train)} "
        f"--font_len {len(folders)} --sty_batch_size {len(shown)} \\\n"
        f"    --load_model logs/RUN/model_N.ckpt --save_path requests/{asked.answers}\n"
        "It draws with a model of either; DG-Font's own program draws grids alone.\n"
    )
    texts = {
        f"requests/{asked.answers}/fonts.csv": _fonts_table(
            {f"id_{i}": font_id for i, font_id in enumerate(asked.fonts)}
        ),
        f"requests/{asked.answers}/characters.csv": csv_text(
            ("file", "codepoint", "character"),
            [(name, codepoint_name(s), s) for s, name in names.items()],
        ),
    }
    return Drawing((*folders, content), texts, usage)


def ffg(selection: Selection, asked: Asked) -> Drawing:
    """fewshot-font-generation (inference.py): a folder of references a font, one of content."""
    shown = {s: f"{s}.png" for s in asked.references}
    names = {s: f"{s}.png" for s in asked.characters}
    folders = [Folder(f"requests/ffg/fonts/{f}", f, shown) for f in asked.fonts]
    folders.append(Folder("requests/ffg/source", selection.content_font, names, content=True))
    texts = {
        "requests/ffg/ref_chars.json": json.dumps("".join(shown)),
        "requests/ffg/gen_chars.json": json.dumps("".join(names)),
        "requests/ffg/draw.yaml": (
            "dset:\n"
            "  test:\n"
            "    extension: png\n"
            "    data_dir: requests/ffg/fonts\n"
            "    source_path: requests/ffg/source\n"
            "    source_ext: png\n"
            "    ref_chars: requests/ffg/ref_chars.json\n"
            "    gen_chars: requests/ffg/gen_chars.json\n"
        ),
    }
    usage = (
        "  $TODAY $REPO/inference.py $REPO/cfgs/FUNIT/train.yaml requests/ffg/draw.yaml \\\n"
        "    --model FUNIT --weight result/funit/checkpoints/800000.pth \\\n"
        f"    --result_dir requests/{asked.answers}\n"
        "For MX cfgs/MX/train.yaml with $JAMO as in the training; for LF its second phase:\n"
        "  $TODAY $REPO/inference.py $REPO/cfgs/LF/p2/eval.yaml requests/ffg/draw.yaml $JAMO \\\n"
        "    --model LF --weight result/lf2/checkpoints/200000.pth \\\n"
        f"    --result_dir requests/{asked.answers}\n"
        "DM stops at a jamo that none of the references has.\n"
    )
    return Drawing(tuple(folders), texts, usage)


def zi2zi(selection: Selection, asked: Asked) -> Drawing:
    """zi2zi in PyTorch (infer.py): content glyphs, drawn once for each number of a font.

    An answer lies in a folder of the font's number, is numbered in the order of the content glyphs,
    and has the content glyph to its right.
    """
    labels = {font_id: i for i, font_id in enumerate(selection.train) if font_id in asked.fonts}
    names = {s: f"0_{n:05d}.png" for n, s in enumerate(asked.characters)}
    font = selection.content_font
    folder = Folder("requests/zi2zi", font, names, content=True, beside=font)
    texts = {
        f"requests/{asked.answers}/fonts.csv": _fonts_table(
            {f"infer/{label}": font_id for font_id, label in labels.items()}
        ),
        f"requests/{asked.answers}/characters.txt": "".join(names),
    }
    usage = (
        "  $TODAY $REPO/package.py --dir requests/zi2zi --split_ratio 1 \\\n"
        f"    --save_dir requests/{asked.answers}/data --type_file characters.csv\n"
        f"  for N in {' '.join(map(str, labels.values()))}; do\n"
        f"    $TODAY $REPO/infer.py --start_from -$N --batch_size {len(names)} --resume STEP \\\n"
        f"    --experiment_dir requests/{asked.answers} --input_nc 1 \\\n"
        f"    --embedding_num {len(selection.train)} --type_file characters.csv; done\n"
        "The whole list must be one batch: it numbers its pictures from 0 in each.\n"
        "Its answers have the content glyph to their right: evaluate with --option half=left.\n"
        "It has a number for each font that it trained on and draws no other.\n"
    )
    return Drawing((folder,), texts, usage)


def _fonts_table(fonts: dict[str, str]) -> str:
    return csv_text(
        ("folder", "font_id", "split"), [(folder, font_id, "") for folder, font_id in fonts.items()]
    )
