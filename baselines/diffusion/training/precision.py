"""Whether a processor multiplies in bfloat16."""

import click
import torch


def bfloat16_on_cpu(asked: bool) -> bool:
    """Whether to multiply in bfloat16 on this CPU; says on stderr where it was asked for in vain.

    Without AVX-512, PyTorch imitates it on x86, at a twentieth of float32's speed.
    """
    if asked and torch.backends.cpu.get_cpu_capability() == "AVX2":
        click.echo(
            "This processor has no bfloat16; training in float32 in spite of --bf16.", err=True
        )
        return False
    return asked
