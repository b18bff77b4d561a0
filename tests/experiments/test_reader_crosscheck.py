from experiments.reader_crosscheck import compare


def test_two_readers_are_counted_apart_and_together():
    asked, reader, tesseract = list("가나다라마"), list("가나다고마"), ["가", "", "더", "고", "마"]
    glyphs, right, answered, also_right, agree, right_where_agree, neither = compare(
        asked, reader, tesseract
    )
    assert (glyphs, right, answered, also_right) == (5, 4, 4, 2)
    assert (agree, right_where_agree) == (3, 2)  # of 라 both say 고
    assert neither == 1
