"""What the adapters of trained models share: their weights, and what a result says of them."""

from pathlib import Path

import pytest
import torch

from baselines.dg_font.adapter import DGFontAdapter
from baselines.diff_font.adapter import DiffFontAdapter
from baselines.font_diffuser.adapter import FontDiffuserAdapter
from baselines.retrieval_font.adapter import RetrievalFontAdapter
from baselines.trained_model import TrainedAdapter
from dkfont.adapter import DKFontAdapter
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import file_sha256

ADAPTERS = (
    DKFontAdapter,
    DiffFontAdapter,
    FontDiffuserAdapter,
    DGFontAdapter,
    RetrievalFontAdapter,
)


@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda adapter: adapter.name)
def test_cuda_that_is_not_there_is_one_sentence_of_every_adapter(adapter, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UserError, match="CUDA was asked for, but torch finds no CUDA device"):
        # A dataset that only retrieval-font asks for; it comes to its weights first.
        adapter(device="cuda", dataset=object(), checkpoint="weights.safetensors")


def test_a_model_tells_what_its_weights_are():
    shipped = DiffFontAdapter.weights
    adapter = DiffFontAdapter()
    assert isinstance(adapter, TrainedAdapter)
    assert adapter.checkpoint_sha256 == file_sha256(Path(shipped))
    assert adapter.parameters == sum(p.numel() for p in adapter.model.parameters())
    assert (adapter.device, adapter.model.training) == (torch.device("cpu"), False)
    assert adapter.trained_on.font_ids
