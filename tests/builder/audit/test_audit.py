import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from hangeul_bench.base.errors import UserError
from hangeul_bench.builder.audit.folder import Audit, audit_fonts
from hangeul_bench.builder.audit.font import FontAudit, measure, sampled_syllables
from hangeul_bench.builder.audit.report import audit_json, audit_text, defects
from hangeul_bench.cli.fonts import fonts as fonts_command
from hangeul_bench.fonts.faces import find_faces
from hangeul_bench.hangeul.charset import ksx1001
from support.fontmaker import Box, make_font

SAMPLE = sampled_syllables()


def design(seed: int, *, scale: int = 1) -> dict[str, list[Box]]:
    """A font of the sampled syllables: two boxes each, at places that the seed gives."""
    random = np.random.default_rng(seed)
    glyphs = {}
    for syllable in SAMPLE:
        x, y, width, height = (scale * int(v) for v in random.integers(1, 40, 4) * 10)
        lower = (0, 0, scale * 700, scale * 100)
        glyphs[syllable] = [lower, (x, y + scale * 120, x + width, y + height + scale * 120)]
    return glyphs


def audit_one(tmp_path: Path, glyphs: dict[str, list[Box]], **options: object) -> FontAudit:
    path = make_font(tmp_path / "printed/a.ttf", glyphs, **options)
    (face,) = find_faces(path.parent)
    return measure((face, face.font_id, path.name)).audit


def pairs_of(audit: Audit) -> set[tuple[str, str, str]]:
    return {(pair.first, pair.second, pair.kind) for pair in audit.pairs}


def test_sample_is_50_of_the_2350():
    assert len(SAMPLE) == 50
    assert set(SAMPLE) < set(ksx1001())


def test_missing_blank_and_notdef_are_told_apart(tmp_path):
    glyphs = {"가": [(0, 0, 500, 500)], "각": [], "간": [(100, 0, 900, 700)], "갂": []}
    font = audit_one(tmp_path, glyphs, to_notdef=["갇"])
    assert (font.n_ksx1001, font.n_all) == (1, 1)
    assert font.missing["empty outline"] == ("각",)  # 갂 is none of the 2,350
    assert font.missing["outline of .notdef"] == ("간",)
    assert "갇" in font.missing["not in the cmap"]
    assert sum(map(len, font.missing.values())) == 2349
    assert sum(font.n_missing_all.values()) == 11171
    assert font.n_missing_all["empty outline"] == 2
    told = list(defects(font))
    assert "blank 1: 각" in told
    assert ".notdef box 1: 간" in told
    assert ".notdef box for 11,169 of 11,172" in told


def test_empty_notdef_draws_no_box(tmp_path):
    font = audit_one(tmp_path, {"가": [(0, 0, 500, 500)]}, notdef=())
    assert not font.draws_notdef
    assert not any(".notdef" in told for told in defects(font))


def test_syllables_with_one_outline_are_grouped(tmp_path):
    box, other = [(0, 0, 500, 500)], [(0, 0, 501, 500)]
    glyphs = {"롤": box, "룰": box, "가": other, "톨": [(1, 0, 501, 500)], "갂": other}
    font = audit_one(tmp_path, glyphs)
    assert font.shapes.identical == ("롤룰",)
    assert font.shapes.n_identical_all == 4  # 가 and 갂 too, one outside the 2,350
    assert "identical outlines 1: 롤룰" in defects(font)


@pytest.mark.parametrize(("height", "is_tall"), [(599, False), (600, True)])
def test_tall_is_more_than_the_median(tmp_path, height, is_tall):
    glyphs = {s: [(0, 0, 500, 500)] for s in "가각간"} | {"홅": [(0, -100, 500, height - 100)]}
    font = audit_one(tmp_path, glyphs)
    assert font.shapes.tall == (("홅",) if is_tall else ())


@pytest.mark.parametrize(("height", "n_tall"), [(999, 0), (1000, 4)])
def test_tall_is_as_high_as_the_em(tmp_path, height, n_tall):
    font = audit_one(tmp_path, {s: [(0, 0, 500, height)] for s in "가각간홅"})
    assert font.shapes.n_tall == n_tall


def test_ink_outside_the_inner_band_is_counted(tmp_path):
    glyphs = {s: [(200, 200, 800, 800)] for s in ksx1001()[:199]}
    one = audit_one(tmp_path / "1", glyphs | {"힝": [(200, 180, 800, 820)]})
    assert one.shapes.n_outer == 1  # 99 % of 200 may not lose an inner place for one
    none = audit_one(tmp_path / "2", glyphs | {"힝": [(200, 200, 800, 800)]})
    assert none.shapes.n_outer == 0


def test_holes_are_many_contours(tmp_path):
    holes = [(x, y, x + 20, y + 20) for x in range(0, 400, 100) for y in range(0, 400, 100)]
    assert "holes or erosion, 16 contours a syllable" in defects(audit_one(tmp_path, {"가": holes}))


def test_pixel_outlines_are_right_angles_only(tmp_path, real_fonts):
    assert audit_one(tmp_path, {"가": [(0, 0, 500, 500), (600, 0, 700, 100)]}).shapes.is_pixel
    cubic = audit_one(tmp_path / "cff", {"가": [(0, 0, 500, 500)]}, cff=True)
    assert cubic.shapes.is_pixel
    face = next(f for f in find_faces(real_fonts) if f.font_id == "gugi-regular")
    assert not measure((face, face.font_id, "gugi.ttf")).audit.shapes.is_pixel


def test_copies_are_found_in_another_format_scale_and_name(tmp_path):
    make_font(tmp_path / "printed/a.ttf", design(1), family="Jua")
    make_font(tmp_path / "printed/b.ttf", design(1, scale=2), upm=2000, advance=2000, family="BM")
    make_font(tmp_path / "printed/c.otf", design(1), family="Cubic", cff=True)
    make_font(tmp_path / "printed/d.ttf", design(2), family="Other")
    audit = audit_fonts(tmp_path)
    assert pairs_of(audit) == {
        ("bm-regular", "cubic-regular", "copy"),
        ("bm-regular", "jua-regular", "copy"),
        ("cubic-regular", "jua-regular", "copy"),
    }
    assert all(pair.rmse < 0.001 for pair in audit.pairs)


def test_one_outline_under_another_advance_is_a_copy(tmp_path):
    make_font(tmp_path / "printed/a.ttf", design(1), family="One", advance=1000)
    make_font(tmp_path / "printed/b.ttf", design(1), family="Two", advance=1600)
    (pair,) = audit_fonts(tmp_path).pairs
    assert (pair.kind, pair.same_outlines) == ("copy", 1.0)
    assert pair.rmse > 0.11


def slightly(glyphs: dict[str, list[Box]], by: int) -> dict[str, list[Box]]:
    return {s: [lower, (x0, y0, x1 + by, y1)] for s, (lower, (x0, y0, x1, y1)) in glyphs.items()}


@pytest.mark.parametrize(
    ("family", "style", "kind"),
    [("BM JUA_TTF", "Regular", "copy"), ("Jua", "Bold", "near"), ("Song", "Regular", "near")],
)
def test_close_fonts_are_copies_if_family_and_weight_agree(tmp_path, family, style, kind):
    make_font(tmp_path / "printed/a.ttf", design(1), family="Jua")
    make_font(tmp_path / "printed/b.ttf", slightly(design(1), 50), family=family, style=style)
    (pair,) = audit_fonts(tmp_path).pairs
    assert 0.06 < pair.rmse < 0.11
    assert pair.kind == kind


def test_weights_of_one_family_are_kept_on_one_side_and_copies_leak(tmp_path):
    make_font(tmp_path / "printed/a.ttf", design(3), family="Nanum", style="Bold")
    make_font(tmp_path / "printed/b.ttf", design(4), family="Nanum", style="Light")
    make_font(tmp_path / "printed/c.ttf", design(1), family="Do Hyeon")
    make_font(tmp_path / "printed/d.ttf", design(1), family="BM Do Hyeon")
    split = audit_fonts(tmp_path).split
    assert split.lineages == {"nanum": ("nanum-bold", "nanum-light")}
    (leak,) = split.leaks  # Do Hyeon is an unseen font of the benchmark
    assert (leak.first, leak.second) == ("bm-do-hyeon-regular", "do-hyeon-regular")
    assert split.nearest["do-hyeon-regular"] == ("bm-do-hyeon-regular", 0.0)
    (tmp_path / "fonts.csv").write_text("file,lineage\nprinted/d.ttf,do-hyeon\n")
    split = audit_fonts(tmp_path).split
    assert split.leaks == split.unlinked == ()


def test_a_leak_ends_the_command_with_1(tmp_path):
    make_font(tmp_path / "printed/c.ttf", design(1), family="Do Hyeon")
    make_font(tmp_path / "printed/d.ttf", design(1), family="BM Do Hyeon")
    make_font(tmp_path / "printed/e.ttf", design(2), family="Other")
    command = ["audit", str(tmp_path), "--workers", "1"]
    result = CliRunner().invoke(fonts_command, command)
    assert result.exit_code == 1
    assert "LEAK: bm-do-hyeon-regular and do-hyeon-regular" in result.output
    (tmp_path / "fonts.csv").write_text("file,lineage\nprinted/d.ttf,do-hyeon\n")
    assert CliRunner().invoke(fonts_command, command).exit_code == 0
    assert "1: some are not usable, or two such fonts leak" in told(["audit", "--help"])


def told(command):
    """What a command prints, whatever its lines' length."""
    return " ".join(CliRunner().invoke(fonts_command, command).output.split())


def test_copies_of_two_lineages_on_one_side_are_told(tmp_path):
    for name, seed in (("Do Hyeon", 1), ("A", 2), ("B", 2)):
        make_font(tmp_path / f"printed/{name}.ttf", design(seed), family=name)
    split = audit_fonts(tmp_path).split
    assert not split.leaks
    assert [(p.first, p.second) for p in split.unlinked] == [("a-regular", "b-regular")]


def test_fonts_without_a_category_give_no_split(tmp_path):
    make_font(tmp_path / "a.ttf", design(1))
    audit = audit_fonts(tmp_path)
    assert audit.split.reason == "no category is known for test-regular"
    assert "Split: none, as no category is known for test-regular." in audit_text(audit)


def test_two_files_of_one_font_are_a_copy_and_no_error(tmp_path):
    for name in ("a.ttf", "b.ttf"):
        make_font(tmp_path / "printed" / name, design(1))
    audit = audit_fonts(tmp_path)
    names = ("test-regular (a.ttf)", "test-regular (b.ttf)")
    assert tuple(font.name for font in audit.fonts) == names
    assert pairs_of(audit) == {(*names, "copy")}


def test_unusable_files_are_reported_beside_the_others(tmp_path):
    make_font(tmp_path / "printed/a.ttf", design(1))
    (tmp_path / "printed/b.ttf").write_text("no font")
    make_font(tmp_path / "printed/c.ttf", {"갂": [(0, 0, 100, 100)]}, family="Rare")
    audit = audit_fonts(tmp_path)
    assert [font.file for font in audit.fonts] == ["printed/a.ttf"]
    assert list(audit.unusable) == ["printed/b.ttf", "printed/c.ttf"]
    assert "is not a font" in audit_text(audit)


def test_folder_without_fonts(tmp_path):
    with pytest.raises(UserError, match="No font"):
        audit_fonts(tmp_path)


def test_processes_change_nothing(tmp_path):
    for seed in range(3):
        make_font(tmp_path / f"printed/{seed}.ttf", design(seed), family=f"F{seed}")
    assert audit_json(audit_fonts(tmp_path)) == audit_json(audit_fonts(tmp_path, workers=2))


def test_command_prints_a_table_and_writes_json(tmp_path):
    make_font(tmp_path / "printed/a.ttf", design(1), family="Jua")
    file = tmp_path / "audit.json"
    command = ["audit", str(tmp_path), "--json", str(file), "--workers", "1"]
    result = CliRunner().invoke(fonts_command, command)
    assert result.exit_code == 0
    assert "jua-regular" in result.output
    document = json.loads(file.read_text(encoding="utf-8"))
    assert document["format"] == 1
    assert document["fonts"][0]["n_ksx1001"] == 50
    assert document["fonts"][0]["defects"][0].startswith("missing 2300: 각간갇")
    (tmp_path / "printed/b.ttf").write_text("no font")
    assert CliRunner().invoke(fonts_command, command).exit_code == 1


def test_evaluation_fonts_are_complete_and_without_defect(real_fonts):
    for face in find_faces(real_fonts):
        if face.font_id not in ("single-day-regular", "song-myung-regular", "yeon-sung-regular"):
            continue
        font = measure((face, face.font_id, face.path.name)).audit
        assert font.n_ksx1001 == 2350
        assert not font.shapes.identical and not font.missing


# The defects that were found by opening every file of the corpus, by font id. They need the fonts
# of `fonts fetch --set core`; $HANGEUL_BENCH_CORE names their folder.
KNOWN = {
    "black-han-sans-regular": ("롤룰", "뢸륄", "룔률", "톨툴", "홅훑"),
    "un-pen-regular": ("갠걘", "샌섄", "앤얜", "잰쟨"),
    "moirai-one-regular": ("씰씹", "올욜"),
    "diphylleia-regular": ("쐬씌", "퇴틔"),
}
KNOWN_TALL = ("bandal", "bangwool", "guseul", "dongle", "sunflower", "gaegu", "cute-font", "dokdo")


def test_known_defects_of_the_corpus(core_fonts):
    for face in find_faces(core_fonts):
        is_tall = face.lineage in KNOWN_TALL
        if not is_tall and face.font_id not in KNOWN and face.lineage != "galmuri":
            continue
        shapes = measure((face, face.font_id, face.path.name)).audit.shapes
        assert shapes.identical == KNOWN.get(face.font_id, ())
        assert bool(shapes.n_tall) >= is_tall
        assert shapes.is_pixel == (face.lineage == "galmuri")


def test_a_folder_without_a_usable_font_is_a_report_and_no_traceback(tmp_path):
    (tmp_path / "printed").mkdir()
    (tmp_path / "printed" / "a.ttf").write_bytes(b"no font")
    make_font(tmp_path / "printed" / "b.ttf", {"A": [(0, 0, 500, 500)]})  # draws no syllable
    result = CliRunner().invoke(fonts_command, ["audit", str(tmp_path), "--workers", "1"])
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert "a.ttf" in result.output and "b.ttf" in result.output
