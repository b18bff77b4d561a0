"""`draw` sets the glyphs of a text where the text has them, and says what it leaves out."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from fontmaker.content import content_images
from fontmaker.text import check_page, set_page, write_page
from hangeul_bench.base.errors import UserError
from hangeul_bench.cli import cli
from hangeul_bench.hangeul.charset import codepoint_name
from support.fontmaker import make_font
from support.photos import photograph

STUB = '''
import numpy as np
from hangeul_bench.adapter import TrainedOn


class Stub:
    """Paints each glyph with one grey: its code point and the seed."""

    name, kind, parameters, checkpoint_sha256 = "stub", "control", 0, None
    trained_on, uses_content = TrainedOn(), True

    def __init__(self, *, device="cpu", dataset=None, batch_size=None, shift=0):
        self.batch_size, self.shift, self.details = 2, shift, {}

    def generate(self, request):
        with open("asked.txt", "a", encoding="utf-8") as file:
            file.write("".join(request.characters))
        assert request.references.shape == (1, 128, 128)
        assert request.references.dtype == np.uint8
        assert request.reference_characters == ("한",)
        assert request.content.shape == (len(request.characters), 128, 128)
        assert len(request.phonetics) == len(request.characters)
        greys = [(ord(c) + request.seed + self.shift) % 200 for c in request.characters]
        return np.stack([np.full((128, 128), grey, np.uint8) for grey in greys])


class Wrong(Stub):
    def generate(self, request):
        return np.zeros((1, 64, 64), np.uint8)
'''


@pytest.fixture()
def folder(tmp_path, monkeypatch):
    """An empty working folder with a picture, a model file and no dataset."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HANGEUL_BENCH_DATA", raising=False)
    Path("stub.py").write_text(STUB, encoding="utf-8")
    Image.fromarray(photograph(side=100, height=160, width=160, at=(30, 30))).save("photo.png")
    return tmp_path


def run(*changes: str, model: str = "stub.py:Stub"):
    options = {
        "--model": model,
        "--reference": "photo.png",
        "--text": "가나",
        "--out": "out.png",
        "--device": "cpu",
    }
    options |= dict(zip(changes[::2], changes[1::2], strict=True))
    arguments = [word for option in options.items() for word in option]
    return CliRunner().invoke(cli, ["draw", *arguments], catch_exceptions=False)


def grey_of(character: str, seed: int = 0) -> int:
    return (ord(character) + seed) % 200


def test_text_becomes_one_line_of_glyphs(folder):
    result = run("--text", "가 나가", "--seed", "7")
    assert result.exit_code == 0, result.output
    page = np.asarray(Image.open("out.png"))
    assert page.shape == (128 + 64, 3 * 128 + 64 + 64)
    middle = page[96]
    assert middle[32 + 64] == grey_of("가", 7)
    assert middle[32 + 128 + 32] == 255  # the space
    assert middle[32 + 128 + 64 + 64] == grey_of("나", 7)
    assert middle[32 + 2 * 128 + 64 + 64] == grey_of("가", 7)
    assert (page[:32] == 255).all()


def test_repeated_syllables_are_drawn_once(folder):
    assert run("--text", "가나가나다\n가").exit_code == 0
    assert sorted(Path("asked.txt").read_text(encoding="utf-8")) == ["가", "나", "다"]


def test_glyphs_go_into_a_folder_by_code_point(folder):
    result = run("--text", "나가가", "--glyphs", "new/glyphs", "--out", "also/new/out.png")
    assert result.exit_code == 0, result.output
    names = sorted(path.name for path in Path("new/glyphs").iterdir())
    assert names == ["U+AC00.png", "U+B098.png"]
    glyph = np.asarray(Image.open("new/glyphs/U+B098.png"))
    assert glyph.shape == (128, 128)
    assert (glyph == grey_of("나")).all()
    assert Path("also/new/out.png").is_file()


def test_columns_scale_and_options(folder):
    result = run("--text", "가나다라", "--columns", "2", "--scale", "0.5", "--option", "shift=3")
    assert result.exit_code == 0, result.output
    page = np.asarray(Image.open("out.png"))
    assert page.shape == ((2 * 128 + 64) // 2, (2 * 128 + 64) // 2)
    assert page[48, 48] == grey_of("가") + 3


def test_other_characters_are_left_out_with_a_word(folder):
    result = run("--text", "가A나!")
    assert result.exit_code == 0
    assert "A (U+0041), ! (U+0021)" in result.output
    assert np.asarray(Image.open("out.png")).shape == (192, 2 * 128 + 64)


def test_blank_content_is_said_if_the_model_uses_it(folder):
    assert "2 of 2 syllables have no content glyph" in run().output


def test_font_file_as_reference(folder):
    make_font(Path("font.ttf"), {"한": [(100, 0, 900, 800)], "가": [(100, 0, 900, 800)]})
    assert run("--reference", "font.ttf").exit_code == 0
    assert run("--reference", "font.ttf", "--reference-character", "글").exit_code == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (("--text", "hello"), "Expected --text with Hangul syllables"),
        (("--text", ""), "Expected --text with Hangul syllables"),
        (("--reference-character", "AB"), "Expected one precomposed Hangul syllable"),
        (("--reference", "absent.png"), "found nothing at absent.png"),
        (("--reference", "stub.py"), "is none"),
        (("--out", "out.jpg"), "file named *.png"),
        (("--out", "."), "found a folder"),
        (("--out", "photo.png/out.png"), "photo.png is a file"),
        (("--model", "no-such-model"), "no-such-model"),
        (("--option", "shift"), "KEY=VALUE"),
        (("--option", "colour=1"), "takes no option colour"),
        (("--data", "absent"), "absent"),
        (("--text", "가" * 20000), "megapixels"),
        (("--model", "stub.py:Wrong"), "shape"),
    ],
    ids=lambda value: value[:2] if isinstance(value, tuple) else None,
)
def test_mistake_ends_in_one_sentence_and_code_2(changes, words, folder):
    result = run(*changes)
    assert result.exit_code == 2
    words_found = result.output.replace("Hangeul", "Hangul")
    assert words in words_found
    assert "Traceback" not in result.output
    assert not Path("out.png").exists()
    assert not list(folder.glob("**/*.tmp-*"))


def test_cuda_that_is_not_there_is_an_error(folder, monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    result = run("--device", "cuda")
    assert result.exit_code == 2
    assert "--device cpu" in result.output


def test_page_is_exact(tmp_path):
    glyph = np.arange(128 * 128, dtype=np.uint32).reshape(128, 128).astype(np.uint8)
    page = set_page(("가", "", " 가"), {"가": glyph})
    assert page.shape == (3 * 128 + 64, 128 + 64 + 64)
    assert np.array_equal(page[32:160, 32:160], glyph)
    assert np.array_equal(page[32 + 256 : 160 + 256, 96:224], glyph)
    assert (page == 255).sum() > page.size / 2
    write_page(tmp_path / "page.png", page)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "page.png")), page)


def test_too_large_a_page_is_refused():
    check_page(("가" * 100,), 1.0)
    with pytest.raises(UserError, match="at most 100 megapixels"):
        check_page(("가" * 100,) * 100, 1.0)


def test_content_comes_from_the_content_font(eval_dataset):
    from hangeul_bench.dataset.glyphs import GlyphDataset

    dataset = GlyphDataset.open(eval_dataset)
    beyond = next(chr(c) for c in range(0xAC00, 0xD7A4) if chr(c) not in set(dataset.characters))
    content, blank = content_images(dataset, ("가", beyond))
    assert blank == 1, codepoint_name(beyond)
    assert np.array_equal(content[0], dataset.images(dataset.splits.content_font, ["가"])[0])
    assert (content[1] == 255).all()
    assert content_images(None, ("가",))[1] == 1
