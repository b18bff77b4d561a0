"""`fonts audit --read`: syllables that surely read as another one are named, with pictures."""

import json
import shutil

import numpy as np
import pytest
from click.testing import CliRunner
from fontTools import subset
from fontTools.ttLib import TTFont
from PIL import Image

from hangeul_bench.base.errors import UserError
from hangeul_bench.builder.audit.folder import audit_fonts
from hangeul_bench.builder.audit.reading import SURE_ODDS, misread_syllables, read_fonts, sample
from hangeul_bench.cli import cli
from hangeul_bench.cli.fonts import fonts as fonts_command
from hangeul_bench.fonts.faces import find_faces
from hangeul_bench.hangeul.charset import ksx1001
from hangeul_bench.hangeul.phonetics import decompose

TEXT = "즉즘가각나닭말몸빛산숲안옷집춤콩턱품"


@pytest.fixture
def swapped(real_fonts, tmp_path):
    """A folder with an open font of a few syllables, two of which changed places in its cmap."""
    face = next(f for f in find_faces(real_fonts) if f.font_id == "song-myung-regular")
    font = TTFont(face.path)
    cut = subset.Subsetter()
    cut.populate(text=TEXT)
    cut.subset(font)
    for table in font["cmap"].tables:
        table.cmap[ord("즉")], table.cmap[ord("즘")] = table.cmap[ord("즘")], table.cmap[ord("즉")]
    (tmp_path / "fonts" / "printed").mkdir(parents=True)
    font.save(tmp_path / "fonts" / "printed" / "swap.ttf")
    return tmp_path / "fonts"


def audit(*words):
    result = CliRunner().invoke(cli, ["fonts", "audit", *map(str, words), "--workers", "1"])
    assert result.exit_code == 0, result.output
    return result.output


def test_two_syllables_that_changed_places_are_named_with_a_picture(swapped, tmp_path):
    output = audit(swapped, "--read", "--json", tmp_path / "audit.json")
    assert "Surely read as another syllable: 2\n" in output
    assert "즉 (U+C989) as 즘, swapped, 즘 (U+C998) as 즉, swapped" in output
    readings = json.loads((tmp_path / "audit.json").read_text(encoding="utf-8"))["readings"]
    ((name, found),) = readings.items()
    assert [(one["syllable"], one["read_as"]) for one in found] == [("즉", "즘"), ("즘", "즉")]
    assert all(one["swapped"] and one["odds"] > SURE_ODDS for one in found)
    page = np.asarray(Image.open(tmp_path / "audit-misread" / f"{name}.png"))
    rows = page[1:128, :256], page[129:256, :256]  # what stands right above stands left below
    assert (page < 128).any()
    assert (rows[0][:, :128] == rows[1][:, 128:]).all()
    assert (rows[0][:, 128:] == rows[1][:, :128]).all()


def test_nobody_reads_unless_asked_to(swapped, tmp_path):
    output = audit(swapped, "--json", tmp_path / "audit.json")
    assert "read as" not in output
    assert json.loads((tmp_path / "audit.json").read_text(encoding="utf-8"))["readings"] is None
    assert not list(tmp_path.rglob("*.png"))


def test_a_sample_is_read_in_its_place_and_pictures_go_where_they_should(swapped, tmp_path):
    output = audit(swapped, "--read", "--sample", 1, "--pictures", tmp_path / "here")
    assert "Surely read as another syllable: 0\n" in output  # 가 alone
    assert not (tmp_path / "here").exists()
    audit(swapped, "--read", "--pictures", tmp_path / "here")
    assert len(list((tmp_path / "here").iterdir())) == 1


def test_options_of_reading_want_reading(swapped):
    result = CliRunner().invoke(fonts_command, ["audit", str(swapped), "--sample", "5"])
    assert isinstance(result.exception, UserError) and "--read" in str(result.exception)


def test_a_sample_is_spread_over_all():
    assert sample(None) == sample(9999) == ksx1001()
    few = sample(100)
    assert len(set(few)) == 100 and len({decompose(s).initial for s in few}) == 19


def probabilities(*readings):
    """Tables in which each row has the jamo of (syllable, probability of those, syllable)."""
    tables = [np.zeros((len(readings), n)) for n in (19, 21, 28)]
    for row, (first, share, second) in enumerate(readings):
        for table, one, other in zip(tables, decompose(first), decompose(second), strict=True):
            table[row, one] += share
            table[row, other] += 1 - share
    return tables


def found(syllables, *readings):
    misread = misread_syllables(syllables, probabilities(*readings))
    return [(one.syllable, one.read_as, one.swapped) for one in misread]


def test_only_what_is_sure_is_named():
    assert found("각", ("각", 0.95, "간")) == []
    assert found("각", ("간", 0.95, "각")) == []  # 19 to 1
    assert found("각", ("간", 0.995, "각")) == [("각", "간", False)]
    doubtful = probabilities(("간", 0.995, "각"))
    doubtful[0][0, :2] = 0.6, 0.4  # the initial, which is read right
    assert misread_syllables("각", doubtful) == ()


def test_two_that_read_as_each_other_need_less():
    both = ("간", 0.95, "각"), ("각", 0.95, "간")
    assert found("각간", *both) == [("각", "간", True), ("간", "각", True)]
    assert found("각간", both[0], ("각", 0.7, "간")) == []
    assert found("각감", ("간", 0.95, "각"), ("각", 0.95, "감")) == []


def test_known_misreadings_of_the_corpus(core_fonts, tmp_path):
    """Diphylleia draws these as others; its pictures were looked at."""
    face = next(f for f in find_faces(core_fonts) if f.font_id == "diphylleia-regular")
    (tmp_path / "fonts" / "printed").mkdir(parents=True)
    shutil.copyfile(face.path, tmp_path / "fonts" / "printed" / face.path.name)
    (misread,) = read_fonts(audit_fonts(tmp_path / "fonts")).readings.values()
    found = {one.syllable: one.read_as for one in misread}
    assert found == {"륵": "룩", "틘": "퇸", "틥": "툅", "휙": "휨"}
