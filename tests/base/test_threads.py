import os
import subprocess
import sys

import pytest
import torch

from hangeul_bench.base.threads import add_in_one_order, wait_asleep

CHOICES = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME", "MKL_CBWR")


def run(program, **chosen):
    environment = {name: value for name, value in os.environ.items() if name not in CHOICES}
    return subprocess.run(
        [sys.executable, "-c", program],
        env=environment | chosen,
        check=True,
        capture_output=True,
        text=True,
    )


def test_the_command_line_has_torch_s_threads_wait_asleep():
    program = (
        "import sys\n"
        "from hangeul_bench.cli import main\n"
        "sys.argv = ['hangeul-bench', 'models']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "import torch\n"
    )
    # OpenMP itself says what it took, at the moment it is loaded.
    said = run(program, OMP_DISPLAY_ENV="TRUE").stderr
    if "OMP_WAIT_POLICY" not in said:
        pytest.skip("this torch has another OpenMP, which does not say how it waits")
    assert "OMP_WAIT_POLICY = 'PASSIVE'" in said


@pytest.mark.parametrize(
    "chosen",
    [{"OMP_WAIT_POLICY": "ACTIVE"}, {"GOMP_SPINCOUNT": "9"}, {"KMP_BLOCKTIME": "1"}],
)
def test_what_the_user_chose_stays(chosen):
    program = (
        "import os\n"
        "from hangeul_bench.base.threads import wait_asleep\n"
        "wait_asleep()\n"
        f"print({{name: os.environ[name] for name in {CHOICES!r} if name in os.environ}})\n"
    )
    assert run(program, **chosen).stdout.strip() == str(chosen)
    assert run(program).stdout.strip() == str({"OMP_WAIT_POLICY": "PASSIVE"})


@pytest.mark.skipif(not torch.backends.mkl.is_available(), reason="this torch has no MKL")
@pytest.mark.parametrize(("chosen", "mode"), [({}, "AUTO,STRICT"), ({"MKL_CBWR": "AUTO"}, "AUTO")])
def test_a_loaded_model_has_mkl_add_in_one_order(chosen, mode, tmp_path):
    (tmp_path / "plugin.py").write_text(
        "class Nothing:\n"
        "    name, kind, parameters, trained_on = 'nothing', 'model', 0, None\n"
        "    checkpoint_sha256, details = None, {}\n"
        "    def __init__(self, device, dataset, batch_size): pass\n"
        "    def generate(self, request): return request.content\n"
    )
    program = (
        "import torch\n"
        "from hangeul_bench.adapter import load_model\n"
        f"load_model({str(tmp_path / 'plugin.py') + ':Nothing'!r})\n"
        "torch.ones(64, 64) @ torch.ones(64, 64)\n"
    )
    # MKL itself says in which mode it computed.
    said = run(program, MKL_VERBOSE="1", **chosen).stdout
    assert f" CNR:{mode} " in said, said


def test_what_the_user_has_chosen_stays(monkeypatch):
    for name in CHOICES:
        monkeypatch.delenv(name, raising=False)
    wait_asleep()
    add_in_one_order()
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE" and os.environ["MKL_CBWR"] == "AUTO,STRICT"
    monkeypatch.setenv("MKL_CBWR", "COMPATIBLE")
    monkeypatch.delenv("OMP_WAIT_POLICY")
    monkeypatch.setenv("GOMP_SPINCOUNT", "9")
    wait_asleep()
    add_in_one_order()
    assert "OMP_WAIT_POLICY" not in os.environ and os.environ["MKL_CBWR"] == "COMPATIBLE"
