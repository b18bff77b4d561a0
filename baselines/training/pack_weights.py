"""Command that stores weights of a run as they ship, at a byte a number.

python -m baselines.training.pack_weights runs/dkfont/weights.safetensors dkfont-swift.safetensors
"""

from pathlib import Path

import click

from baselines.training.checkpoint import read_weights, write_tensors
from baselines.training.quantized import quantize
from hangeul_bench.base.errors import UserError, exit_on_user_error
from hangeul_bench.base.files import write_whole


@click.command()
@click.argument("weights", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
def main(weights: Path, out: Path) -> None:
    """Write float16 WEIGHTS as int8 to OUT, and the JSON file beside them."""
    beside = weights.with_suffix(".json")
    for path in (weights, beside):
        if not path.is_file():
            raise UserError(f"Expected weights and their JSON file, but there is no {path}.")
    write_tensors(out, quantize(read_weights(weights)))
    write_whole(out.with_suffix(".json"), beside.read_bytes())
    before, after = weights.stat().st_size, out.stat().st_size
    click.echo(f"{out}: {after:,} bytes instead of {before:,}.")


if __name__ == "__main__":
    exit_on_user_error(main)
