"""What a peer's own program is asked in its own layout, answered the way it names its pictures."""

import json
import shutil
from types import SimpleNamespace

import numpy as np
import pytest

from hangeul_bench.adapter.questions import build_request, plan
from hangeul_bench.adapter.registry import load_model
from hangeul_bench.adapter.requests import write_requests
from hangeul_bench.base.errors import UserError
from hangeul_bench.builder.export.asked import answers_of, write_drawing
from hangeul_bench.builder.export.writer import export_dataset
from support.fake_dataset import SEEN, FakeDataset
from support.small_dataset import as_png

ANSWERS = {}  # layout -> what its program does, were it to return the content glyph


def answers(layout):
    return lambda program: ANSWERS.setdefault(layout, program)


@answers("diff-font")
def _diff_font(out):
    for config in sorted((out / "requests/diff-font").glob("*.yaml")):
        line = (text.split(": ") for text in config.read_text(encoding="utf-8").splitlines())
        asked = {key: value.strip("'") for key, value in line}
        listed = (out / asked["gen_txt_file"]).read_text(encoding="utf-8")
        classes = (out / asked["total_txt_file"]).read_text(encoding="utf-8")
        batch, samples = int(asked["batch_size"]), int(asked["num_samples"])
        assert len(listed) >= -(-samples // batch) * batch  # it fills whole batches
        assert set(listed) <= set(classes)
        assert int(asked["chara_nums"]) == len(classes)
        assert (out / asked["sty_img_path"]).is_file()
        for number, syllable in enumerate(listed[:samples]):
            content = out / f"requests/content/U+{ord(syllable):04X}.png"
            shutil.copy(content, out / asked["img_save_path"] / f"{number:05d}.png")


@answers("dg-font")
def _dg_font(out):
    folders = sorted((out / "requests/dg-font").glob("id_*"), key=lambda path: int(path.name[3:]))
    assert {len(list(folder.iterdir())) for folder in folders[:-1]} == {2}  # the shots
    for folder in folders[:-1]:
        shutil.copytree(folders[-1], out / "requests/my-dg-font" / folder.name)


@answers("ffg")
def _ffg(out):
    for folder in (out / "requests/ffg/fonts").iterdir():
        assert len(list(folder.iterdir())) == 2
        source, target = out / "requests/ffg/source", out / "requests/my-ffg" / folder.name
        shutil.copytree(source, target, dirs_exist_ok=True)


@answers("zi2zi")
def _zi2zi(out):
    fonts = sorted(path.name for path in (out / "train").iterdir())
    for label in range(len(fonts)):
        folder = out / f"requests/my-zi2zi/infer/{label}"
        folder.mkdir(parents=True)
        for number, pair in enumerate(sorted((out / "requests/zi2zi").glob("*.png"))):
            shutil.copy(pair, folder / f"{number}.png")


@answers("fs-font")
def _fs_font(out):
    own = out / "requests/fs-font"
    asked = json.loads((own / "references.json").read_text(encoding="utf-8"))
    for folder in (own / "fonts").iterdir():
        shown = {f"{ord(path.stem):04X}" for path in folder.iterdir()}
        for code, references in asked.items():
            assert len(references) == 3
            assert set(references) <= shown
            name = f"{chr(int(code, 16))}.png"
            shutil.copy(own / "source" / name, out / "requests/my-fs-font" / folder.name / name)


@answers("pix2pix")
def _pix2pix(out):
    _translated(out, "pix2pix", shown="train")


@answers("cyclegan")
def _cyclegan(out):
    _translated(out, "cyclegan", shown="trainB")


def _translated(out, layout, *, shown):
    own = out / "requests" / layout
    for folder in (own / "fonts").iterdir():
        assert len(list((folder / shown).iterdir())) == 2  # the shots
        answer = out / f"requests/my-{layout}" / folder.name
        shutil.copytree(own / "content", answer, dirs_exist_ok=True)


@answers("palette")
def _palette(out):
    for config in sorted((out / "requests/palette").glob("*.json")):
        run = json.loads(config.read_text(encoding="utf-8"))
        train, test = (run["datasets"][part]["which_dataset"]["args"] for part in ("train", "test"))
        for name in (out / train["data_flist"]).read_text(encoding="utf-8").split():
            assert all((out / train["data_root"] / k / f"{name}.png").is_file() for k in KINDS)
        for name in (out / test["data_flist"]).read_text(encoding="utf-8").split():
            content = out / f"requests/palette/content/{name.zfill(5)}.png"  # as it pads a name
            shutil.copy(content, out / "requests/my-palette" / run["name"])


KINDS = ("color", "gray")  # what Palette makes, and of what


class Dataset(FakeDataset):
    """With what an export asks of one besides."""

    def font(self, font_id):
        about = {"family": font_id, "style": "Regular", "licence": "OFL-1.1"}
        return SimpleNamespace(**vars(super().font(font_id)), **about)

    def pngs(self, font_id):
        syllables = [s for s in self.characters if s not in self.missing(font_id)]
        pages = self.images(font_id, syllables)
        return {s: as_png(page) for s, page in zip(syllables, pages, strict=True)}


def ask(dataset, out, layout, *, shots=1, seen_only=False):
    export = export_dataset(dataset, out, layout=layout, seen_only=seen_only)
    train, characters = export.selection.train, export.train_characters
    named = {"name": answers_of(layout), "fonts": train, "characters": characters}
    write_requests(dataset, out / "requests", track="full", **named)
    return write_drawing(dataset, export, layout=layout, track="full", shots=shots)


@pytest.mark.parametrize("layout", ANSWERS)
def test_a_program_draws_from_it_and_is_read_back_without_a_script(layout, tmp_path):
    out, dataset = tmp_path / "export", Dataset()
    for _ in range(2):  # the second asks the same
        readme = ask(dataset, out, layout, shots=2)
    assert "--shots 2" in readme.read_text(encoding="utf-8")
    ANSWERS[layout](out)
    options = {"half": "left"} if layout == "zi2zi" else {}
    model = load_model(f"dir:{out / f'requests/my-{layout}'}", dataset=dataset, options=options)
    for task in plan(dataset, "full"):
        request = build_request(dataset, task.font_id, task.characters, seed=0, shots=2)
        images, delivered = model.look_up(task.font_id, task.characters)
        if layout == "zi2zi" and task.font_id in dataset.splits.unseen_fonts:
            assert not delivered.any()
        else:
            assert delivered.all()
            assert np.array_equal(images, request.content)


def test_diff_font_is_not_asked_for_what_it_has_no_class_of(tmp_path):
    readme = ask(Dataset(), tmp_path, "diff-font", seen_only=True)
    asked = (tmp_path / "requests/my-diff-font/characters.txt").read_text(encoding="utf-8")
    assert set(asked) == set(SEEN)
    assert "count as blank pages" in readme.read_text(encoding="utf-8")


def test_lf_font_draws_with_its_second_phase(tmp_path):
    readme = ask(Dataset(), tmp_path, "ffg").read_text(encoding="utf-8").replace("\\\n", " ")
    (command,) = (line.split() for line in readme.splitlines() if "--model LF" in line)
    assert {"$REPO/cfgs/LF/p2/eval.yaml", "requests/ffg/draw.yaml", "$JAMO"} <= set(command)
    assert command[command.index("--weight") + 1].startswith("result/lf2/checkpoints/")
    assert command[command.index("--result_dir") + 1] == f"requests/{answers_of('ffg')}"


def test_more_references_than_there_are_is_refused(tmp_path):
    with pytest.raises(UserError, match="Expected --shots from 1 to 2, but found 3"):
        ask(Dataset(), tmp_path, "ffg", shots=3)


def test_palettes_list_of_one_reference_is_no_single_line(tmp_path):
    ask(Dataset(), tmp_path, "palette")
    listed = (tmp_path / "requests/palette/references.flist").read_text(encoding="utf-8")
    assert len(listed.splitlines()) == 2  # genfromtxt makes no list of one line


def test_fs_font_is_shown_the_references_that_share_most_jamo(tmp_path):
    ask(Dataset(), tmp_path, "fs-font", shots=2)
    asked = json.loads((tmp_path / "requests/fs-font/references.json").read_text())
    han, geul = (f"{ord(s):04X}" for s in ("한", "글"))
    assert asked[f"{ord('간'):04X}"] == [han, geul, han]  # ㅏ and ㄴ of 한, ㄱ of 글
    assert asked[f"{ord('골'):04X}"] == [geul, han, geul]
