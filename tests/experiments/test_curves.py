import pytest

from experiments.curves import draw_curves
from hangeul_bench.base.errors import UserError


def test_curves_are_drawn_from_the_logs_of_runs(tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    (run / "log.csv").write_text("step,samples,loss,extra_loss\n1,32,0.5,\n2,64,0.4,\n")
    draw_curves({"run": run}, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_a_folder_without_a_log_is_named(tmp_path):
    with pytest.raises(UserError, match=r"holds no log\.csv"):
        draw_curves({"nothing": tmp_path}, tmp_path / "curves.png")


def test_curves_of_two_players_show_both_sides(tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    (run / "log.csv").write_text("step,samples,d_adversarial,g_adversarial\n1,32,2.0,-0.5\n")
    draw_curves({"run": run}, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_a_log_without_losses_is_named(tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    (run / "log.csv").write_text("step,samples\n1,32\n")
    with pytest.raises(UserError, match="log of run"):
        draw_curves({"run": run}, tmp_path / "curves.png")
