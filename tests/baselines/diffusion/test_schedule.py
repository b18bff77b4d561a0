import pytest
import torch

from baselines.diffusion.schedule import SAMPLERS, TIMESTEPS, NoiseSchedule

STEPS = (0, 10, 250, 500, 900)


def glyphs_and_noise():
    generator = torch.Generator().manual_seed(0)
    x_0 = torch.rand(len(STEPS), 1, 8, 8, generator=generator) * 2 - 1
    return x_0, torch.randn(x_0.shape, generator=generator), torch.tensor(STEPS)


@pytest.mark.parametrize("name", ["linear", "cosine", "scaled_linear"])
@pytest.mark.parametrize("prediction", ["v", "epsilon", "sample"])
def test_x_0_comes_back_from_the_target(name, prediction):
    x_0, eps, t = glyphs_and_noise()
    schedule = NoiseSchedule(name)
    x_t = schedule.add_noise(x_0, eps, t)
    target = schedule.target(prediction, x_0, eps, t)
    assert torch.allclose(schedule.x_0(prediction, target, x_t, t), x_0, atol=1e-3)


@pytest.mark.parametrize("name", ["linear", "cosine"])
def test_equation_7_as_printed_does_not_bring_x_0_back(name):
    x_0, eps, t = glyphs_and_noise()
    schedule = NoiseSchedule(name)
    x_t = schedule.add_noise(x_0, eps, t)
    alpha_bar = schedule.alpha_bar[t].view(-1, 1, 1, 1)
    before = torch.where(t == 0, 1.0, schedule.alpha_bar[t - 1]).view(-1, 1, 1, 1)
    beta = 1 - alpha_bar / before
    printed = x_t / alpha_bar.sqrt() - (beta / (1 - alpha_bar)).sqrt() * eps
    error = (printed - x_0).abs().mean((1, 2, 3))
    assert (error[1:] > 0.05).all(), error


def test_coefficients_of_the_noise_at_t_500_are_those_worked_out_by_hand():
    # sqrt(1 / alpha_bar - 1): 3.44 for the linear and 1.02 for the cosine schedule; the third's
    # betas add up to 500 (.01^2 + .01 .0758 + .0758^2) / 3 = 1.10, the root of e^1.10 - 1 is 1.41.
    expected = {"linear": 3.44, "cosine": 1.02, "scaled_linear": 1.41}
    for name, value in expected.items():
        alpha_bar = NoiseSchedule(name).alpha_bar[500]
        assert float((1 / alpha_bar - 1).sqrt()) == pytest.approx(value, abs=0.02)


def test_v_is_minus_x_0_where_all_is_noise():
    x_0, eps, _ = glyphs_and_noise()
    t = torch.full((len(x_0),), TIMESTEPS - 1)
    assert torch.allclose(NoiseSchedule("cosine").target("v", x_0, eps, t), -x_0, atol=1e-3)


@pytest.mark.parametrize("t", [600, 800, 999])
def test_an_error_of_x_0_weighs_as_the_error_of_v_that_it_is(t):
    x_0, eps, _ = glyphs_and_noise()
    schedule = NoiseSchedule("cosine")
    t = torch.full((len(x_0),), t)
    x_t = schedule.add_noise(x_0, eps, t)
    wrong = x_0 + 0.1
    signal, noise = schedule.scales(t)
    as_v = (signal * x_t - wrong) / noise
    of_v = schedule.loss("v", as_v, schedule.target("v", x_0, eps, t), t)
    assert float(schedule.loss("sample", wrong, x_0, t)) == pytest.approx(float(of_v), rel=1e-3)


@pytest.mark.parametrize("name", ["linear", "cosine"])
@pytest.mark.parametrize("sampler", sorted(SAMPLERS))
def test_a_sampler_that_is_told_x_0_arrives_there(name, sampler):
    x_0 = glyphs_and_noise()[0].clamp(-0.9, 0.9)
    scheduler = NoiseSchedule(name).sampler(sampler, 10)
    x_t = torch.randn(x_0.shape, generator=torch.Generator().manual_seed(1))
    noise = {"generator": torch.Generator().manual_seed(2)} if sampler == "ddpm" else {}
    for t in scheduler.timesteps:
        x_t = scheduler.step(x_0, t, x_t, **noise).prev_sample
    assert torch.isfinite(x_t).all()
    assert (x_t - x_0).abs().mean() < 0.06
