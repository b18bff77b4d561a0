"""FontDiffuser as a whole: sizes, shapes, gradients, what is dropped, what is added up."""

import pytest
import torch

from baselines.diffusion.model import ModelConfig
from baselines.diffusion.sampling import SamplingOptions, sample
from baselines.diffusion.unet import PRESETS
from baselines.font_diffuser.model import CONDITIONS, FontDiffuser, StyleContrast
from baselines.font_diffuser.unet import SIZES
from baselines.perceptual.loss import GlyphNetwork, PerceptualLoss
from baselines.style_encoder.encoder import StyleEncoder


def make(preset="tiny", representation="pixels", **losses):
    torch.manual_seed(0)
    return FontDiffuser(ModelConfig(preset=preset, representation=representation), **losses)


def batch(model, n=2):
    torch.manual_seed(1)
    pages = torch.randint(256, (4, n, 128, 128), dtype=torch.uint8)
    inputs = {"content": pages[0], "reference": pages[1].unsqueeze(1), "positive": pages[2]}
    inputs["negatives"] = pages[3].unsqueeze(1).repeat(1, 3, 1, 1)
    x = torch.randn(n, 1, model.representation.size, model.representation.size)
    return x, torch.tensor([900, 3] * n)[:n], inputs


def losses():
    torch.manual_seed(2)
    network = GlyphNetwork().requires_grad_(False)
    return {
        "perceptual": PerceptualLoss(network, facts={"network": "glyph"}),
        "contrast": StyleContrast(StyleEncoder().frozen()),
    }


def test_every_preset_has_a_size():
    assert SIZES.keys() == PRESETS.keys()


def test_swift_is_as_large_as_the_other_models_for_a_cpu():
    with torch.device("meta"):
        model = make("swift")
    assert 9e6 < sum(p.numel() for p in model.parameters()) < 12e6


@pytest.mark.parametrize(
    ("preset", "representation"), [("swift", "pixels"), ("tiny", "pixels"), ("tiny", "sdf64")]
)
def test_output_has_the_shape_of_the_glyphs(preset, representation):
    model = make(preset, representation)
    x, t, inputs = batch(model)
    with torch.no_grad():
        assert model(x, t, inputs).shape == x.shape


def test_a_sampler_reads_the_pages_once_for_all_steps():
    model = make().eval()
    reads = []
    model.style_encoder.register_forward_hook(lambda *_: reads.append(1))
    _, _, inputs = batch(model)
    pages = {name: inputs[name] for name in CONDITIONS}
    for steps in (2, 5):
        sample(model, pages, "한글", seed=0, options=SamplingOptions(steps=steps))
        assert sum(reads) == 2  # for the guided steps and for the rest
        reads.clear()


def test_references_are_a_set():
    model = make()
    with torch.no_grad():  # what begins as zero would hide the references
        for parameter in model.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    x, t, inputs = batch(model)
    pages = torch.randint(256, (2, 3, 128, 128), dtype=torch.uint8)

    def drawn(shown):
        with torch.no_grad():
            return model(x, t, {**inputs, "reference": shown})

    assert torch.allclose(drawn(pages), drawn(pages.flip(1)), atol=1e-5)
    assert torch.allclose(drawn(pages[:, :1]), drawn(pages[:, [0, 0]]), atol=1e-5)
    assert not torch.allclose(drawn(pages), drawn(pages[:, :1]), atol=1e-3)


def test_equal_references_are_read_once():
    model = make().eval()
    sizes = []
    model.style_encoder.register_forward_hook(lambda _, given, __: sizes.append(len(given[0])))
    x, t, inputs = batch(model, 4)
    same = inputs["reference"][:1].expand(4, 1, 128, 128)
    with torch.no_grad():
        once = model(x, t, {**inputs, "reference": same})
        apart = model(x[2:], t[2:], {n: v[2:] for n, v in {**inputs, "reference": same}.items()})
    assert sizes == [1, 1]
    assert torch.allclose(once[2:], apart, atol=1e-5)


def test_a_preset_without_a_stem_cannot_paint_fields():
    with torch.device("meta"), pytest.raises(ValueError, match="128 pixels without a stem"):
        make("paper", "sdf64")


def test_gradients_reach_every_parameter():
    model = make(**losses())
    with torch.no_grad():  # what begins as zero stops the gradient of what lies before it
        for parameter in model.parameters():
            parameter.add_(0.02 * torch.randn_like(parameter))
    x, t, inputs = batch(model, 8)
    pages = model.drop_for_training(inputs, 1, torch.Generator().manual_seed(0))
    output = model(x, t, pages)
    (output.square().mean() + model.extra_loss(output, x, t, x.clamp(-1, 1))).backward()
    silent = [
        name
        for name, parameter in model.named_parameters()
        if parameter.grad is None or not parameter.grad.abs().sum() > 0
    ]
    assert silent == []


def test_both_pages_decide_what_is_drawn():
    model = make().eval()
    x, t, inputs = batch(model)
    with torch.no_grad():
        drawn = model(x, t, inputs)
        for name in CONDITIONS:
            other = model(x, t, {**inputs, name: inputs[name].flip(2)})
            assert not torch.allclose(drawn, other, atol=1e-5), name


def test_pages_are_dropped_together_and_are_white_paper_then():
    model = make()
    _, _, inputs = batch(model, 200)
    dropped = model.drop_for_training(inputs, 1, torch.Generator().manual_seed(0))
    assert dropped.keys() == set(CONDITIONS)  # the loss's own pages never reach the network
    white = [(dropped[name] == 255).flatten(1).all(1) for name in CONDITIONS]
    assert torch.equal(*white)
    assert 0.05 < float(white[0].float().mean()) < 0.2
    everything = model.drop(inputs, model.guidance_branches()["character"])
    assert all((everything[name] == 255).all() for name in CONDITIONS)


def test_the_losses_add_up_as_the_paper_weights_them():
    both = losses()
    total = {}
    for kept in ((), ("perceptual",), ("contrast",), ("perceptual", "contrast")):
        model = make(**{name: both[name] for name in kept})
        torch.nn.init.constant_(model.unet.up[1].bend[0].to_offsets.bias, 0.25)
        x, t, inputs = batch(model)
        pages = model.drop_for_training(inputs, 1, torch.Generator().manual_seed(0))
        total[kept] = float(model.extra_loss(model(x, t, pages), x, t, x.clamp(-1, 1)).detach())
    assert total[()] == pytest.approx(0.5 * 0.25)
    parts = total[("perceptual",)] + total[("contrast",)] - total[()]
    assert total[("perceptual", "contrast")] == pytest.approx(parts, rel=1e-4)
    assert min(total[("perceptual",)], total[("contrast",)]) > total[()]


def test_longer_offsets_cost_what_they_are_said_to():
    model = make(offset_weight=2.0)
    torch.nn.init.constant_(model.unet.up[1].bend[0].to_offsets.bias, -0.25)
    x, t, inputs = batch(model)
    assert float(model.extra_loss(model(x, t, inputs), x, t, x).detach()) == pytest.approx(0.5)


def test_the_networks_of_the_losses_are_no_part_of_the_model():
    assert make(**losses()).state_dict().keys() == make().state_dict().keys()
    assert make(**losses()).training_facts() == {
        "perceptual": {"network": "glyph", "weighting": "none"},
        "phase": 2,
    }
    assert make().training_facts() == {"perceptual": None, "phase": 1}
