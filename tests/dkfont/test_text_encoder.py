import torch

from dkfont.model import NULL_TOKEN, TextEncoder, jamo_tokens
from hangeul_bench.hangeul.charset import all_syllables


def test_initial_and_final_of_one_letter_have_different_tokens():
    initial, medial, final = jamo_tokens(["각"])[0].tolist()
    assert initial != final
    assert (initial, medial, final) == (0, 19, 40 + 1)


def test_no_two_of_all_syllables_share_their_tokens():
    tokens = jamo_tokens(all_syllables())
    assert len(tokens.unique(dim=0)) == 11172
    assert int(tokens.max()) < NULL_TOKEN


def test_no_two_of_all_syllables_share_their_vector():
    torch.manual_seed(0)
    encoder = TextEncoder().eval()
    tokens = jamo_tokens(all_syllables())
    with torch.no_grad():
        vectors = torch.cat([encoder(part) for part in tokens.split(2048)])
    assert len((vectors * 1e4).round().unique(dim=0)) == 11172
