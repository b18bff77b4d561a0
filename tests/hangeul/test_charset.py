import hashlib

import pytest

from hangeul_bench.base.errors import UserError
from hangeul_bench.hangeul.charset import (
    all_syllables,
    codepoint_name,
    is_syllable,
    ksx1001,
    load_charset,
    parse_codepoint_name,
)

# 각 as macOS writes it into file names (NFD).
DECOMPOSED = "\u1100\u1161\u11a8"


def test_ksx1001_is_the_pinned_2350_in_codepoint_order():
    syllables = ksx1001()
    digest = hashlib.sha256("".join(syllables).encode()).hexdigest()
    assert len(syllables) == len(set(syllables)) == 2350
    assert list(syllables) == sorted(syllables)
    assert digest.startswith("a2ad322f6152c68f")
    assert (syllables[0], syllables[-1]) == ("가", "힝")


def test_all_syllables_is_the_unicode_block():
    syllables = all_syllables()
    assert len(syllables) == 11172
    assert (syllables[0], syllables[-1]) == ("가", "힣")
    assert set(ksx1001()) < set(syllables)


@pytest.mark.parametrize("text", ["", "가나", "a", "ㄱ", "\u1100", "漢", DECOMPOSED])
def test_only_one_precomposed_syllable_is_a_syllable(text):
    assert not is_syllable(text)


def test_codepoint_names_read_back_to_the_syllable():
    assert codepoint_name("가") == "U+AC00"
    assert all(parse_codepoint_name(codepoint_name(s)) == s for s in all_syllables())


@pytest.mark.parametrize(
    "name", ["", "가", "AC00", "U+0041", "U+GGGG", "U+AC0", "U+0AC00", "U+D7A4"]
)
def test_a_name_that_is_no_syllable_is_refused(name):
    with pytest.raises(UserError, match=r"such as U\+AC00"):
        parse_codepoint_name(name)


def test_named_charsets_are_the_standard_ones():
    assert load_charset("ksx1001") == ksx1001()
    assert load_charset("all") == all_syllables()


def test_charset_file_ignores_white_space_and_byte_order_mark(tmp_path):
    path = tmp_path / "한글 목록.txt"
    path.write_text("\ufeff힝 나\n가\t", encoding="utf-8")
    assert load_charset(str(path)) == ("가", "나", "힝")


def test_charset_file_may_hold_decomposed_syllables(tmp_path):
    path = tmp_path / "list.txt"
    path.write_text(f"나{DECOMPOSED}\n", encoding="utf-8")
    assert load_charset(str(path)) == ("각", "나")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("가나가".encode(), r"가 \(U\+AC00\) twice"),
        ("가A".encode(), r"'A' \(U\+0041\)"),
        ("\u1100".encode(), "not a precomposed"),
        (f"각 {DECOMPOSED}".encode(), r"각 \(U\+AC01\) twice"),
        (b"  \n", "holds no syllable"),
        ("가나".encode("euc_kr"), "not UTF-8"),
    ],
)
def test_charset_file_with_a_mistake_is_refused(tmp_path, content, message):
    path = tmp_path / "list.txt"
    path.write_bytes(content)
    with pytest.raises(UserError, match=message):
        load_charset(str(path))


def test_absent_and_huge_charset_files_are_refused(tmp_path):
    with pytest.raises(UserError, match="no file at"):
        load_charset(str(tmp_path / "absent.txt"))
    huge = tmp_path / "huge.txt"
    huge.write_bytes(b" " * (2 << 20))
    with pytest.raises(UserError, match="larger than 1 MB"):
        load_charset(str(huge))
