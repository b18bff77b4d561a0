"""A program of the kind that people publish runs unchanged: what it misses is given back."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from baselines.deformable import deform_conv2d, lend_torchvision_deform_conv2d
from baselines.peers import today

ROOT = Path(__file__).parents[3]
# What stops the peers: each line is taken from how one of them is written.
PROGRAM = """
import collections, sys
import numpy as np
import torch
import torch.distributed as dist
from PIL import Image
from mpi4py import MPI
import DCN
from datasets.getter import answer
from torch.utils.serialization import load_lua
from torchvision.utils import save_image
import yaml
import paddle

torch.cuda.set_device(0)
net = torch.nn.Linear(2, 1).cuda(0)
noise = torch.zeros(1, 2, device=torch.device("cuda"), requires_grad=True)
dist.init_process_group(backend="nccl", init_method="env://")
wrapped = torch.nn.parallel.DistributedDataParallel(net.to("cuda:0"), device_ids=[0])
wrapped.load_state_dict(net.state_dict())
wrapped(noise.to(torch.cuda.current_device())).sum().backward()
torch.cuda.synchronize()
print(answer, sys.argv[1:], issubclass(dict, collections.Mapping), np.int, Image.ANTIALIAS.name)
save_image(torch.zeros(1, 3, 4, 4), "grey.png", normalize=True, range=(-1, 1))
paddle.device.set_device("gpu")
layer = paddle.nn.Layer()
print(yaml.load("a: 1"), np.str, Image.open("grey.png").getpixel((0, 0)))
print(layer.to("gpu:0"), layer.to("cpu"), paddle.Tensor().cuda())
print(paddle.device.cuda.max_memory_allocated())
print(MPI.COMM_WORLD.Get_rank(), wrapped.module is net, noise.grad.shape, __name__)
"""


PADDLE = """
class device:
    set_device = staticmethod(lambda device: print("set", device))
    class cuda: pass
class nn:
    class Layer:
        def to(self, device): return device
class Tensor:
    def __repr__(self): return "tensor"
    def cuda(self): raise RuntimeError("no GPU")
def is_compiled_with_cuda(): return False
"""


@pytest.mark.skipif(torch.cuda.is_available(), reason="what is told is what happens without a GPU")
def test_a_program_runs_that_needs_what_is_gone(tmp_path):
    (tmp_path / "datasets").mkdir()  # Hugging Face's package of that name is installed
    (tmp_path / "datasets/getter.py").write_text("answer = 42\n")
    (tmp_path / "paddle.py").write_text(PADDLE)
    (tmp_path / "main.py").write_text(PROGRAM)
    one = {"RANK": "0", "WORLD_SIZE": "1", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "baselines.peers.today", str(tmp_path / "main.py"), "--gpu", "0"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PATH": "/usr/bin:/bin", **one},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "42 ['--gpu', '0'] True <class 'int'> LANCZOS",
        "set cpu",
        "{'a': 1} <class 'str'> (128, 128, 128)",
        "cpu cpu tensor",
        "0",
        "0 True torch.Size([1, 2]) __main__",
    ]


def test_the_lent_convolution_has_the_gradients_of_the_function():
    lend_torchvision_deform_conv2d()
    torch.manual_seed(0)
    sizes = (3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 64)  # kernel, stride, padding, dilation, groups, step
    parts = [
        torch.randn(2, 3, 8, 8),
        torch.randn(2, 18, 4, 4),
        torch.rand(2, 9, 4, 4),
        torch.randn(5, 3, 3, 3),
        torch.randn(5),
    ]
    x, offset, mask, weight, bias = (part.requires_grad_() for part in parts)
    expected = deform_conv2d(x, offset, weight, bias, stride=2, padding=1, mask=mask)
    drawn = today._dcn_forward(x, weight, bias, offset, mask, *sizes)
    torch.testing.assert_close(drawn, expected)
    gradient = torch.randn_like(expected)
    lent = today._dcn_backward(x, weight, bias, offset, mask, gradient, *sizes)
    for one, other in zip(lent, torch.autograd.grad(expected, parts, gradient), strict=True):
        torch.testing.assert_close(one, other)


def test_no_program_is_told_how(capsys):
    with pytest.raises(SystemExit, match=r"Usage: python -m baselines.peers.today PROGRAM.py"):
        today.main(["no-such-program.py"])
