"""`hangeul-bench models`: list the models; check one."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from hangeul_bench.adapter.contract import TrainedOn
    from hangeul_bench.adapter.registry import ModelInfo


@click.group(invoke_without_command=True)
@click.pass_context
def models(context: click.Context) -> None:
    """List the registered models; `models check NAME` checks one."""
    if context.invoked_subcommand is None:
        from hangeul_bench.adapter.registry import list_models

        for info in list_models():
            click.echo("\n".join(_describe(info)))


@models.command()
@click.argument("name")
@click.option("--data", type=click.Path(path_type=Path), help="Dataset to take glyphs from.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto")
@click.option("--batch-size", type=click.IntRange(min=1), help="Glyphs drawn at once.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--option", "options", multiple=True, metavar="KEY=VALUE", help="For the model.")
def check(
    name: str,
    data: Path | None,
    device: str,
    batch_size: int | None,
    seed: int,
    options: tuple[str, ...],
) -> None:
    """Ask NAME for 20 glyphs in several ways and read them back; exit 1 if a check fails.

    NAME is a registered name, FILE.py:Class or dir:FOLDER. FILE.py:Class runs that file with your
    rights, as `python FILE.py` does: read a stranger's file before you name it.
    """
    from hangeul_bench.adapter.registry import load_model, resolve_model
    from hangeul_bench.base.options import parse_options
    from hangeul_bench.base.processes import join_processes
    from hangeul_bench.dataset.glyphs import GlyphDataset
    from hangeul_bench.evaluate.selfcheck import check_model
    from hangeul_bench.reader.reader import JamoReader

    resolve_model(name)
    dataset = GlyphDataset.open(data)
    device = join_processes(device).device
    model = load_model(
        name,
        device=device,
        dataset=dataset,
        batch_size=batch_size,
        options=parse_options(options),
    )
    click.echo(f"{model.name} ({model.kind}), trained on {_count(model.trained_on)}")
    findings = check_model(model, dataset, JamoReader.load(device=device), seed=seed)
    for finding in findings:
        click.echo(f"{'ok' if finding.passed else 'FAIL':<6}{finding.check:<24}{finding.found}")
    if not all(finding.passed for finding in findings):
        sys.exit(1)


def _describe(info: "ModelInfo") -> list[str]:
    lines = [f"{info.name} ({info.kind}): {info.summary}"]
    if info.paper:
        lines.append(f"    paper       {info.paper}")
    lines.append(f"    licence     {info.licence or 'not stated'}")
    if info.kind == "model":
        lines.append(
            f"    parameters  {f'{info.parameters:,}' if info.parameters else 'not stated'}"
        )
        lines.append(f"    checkpoint  {_describe_checkpoint(info)}")
        if info.checkpoint is not None or not info.train:
            lines.append(f"    trained on  {_describe_training(info)}")
    return lines


def _describe_checkpoint(info: "ModelInfo") -> str:
    if info.checkpoint is None and info.train:
        command = f"hangeul-bench train {info.name}"
        return f"no weights yet; {command} makes some, --option checkpoint=FILE names them"
    if info.checkpoint is None:
        return "none stated"
    if info.checkpoint.is_file():
        return info.checkpoint.name
    return f"{info.checkpoint.name} ({'downloaded at first use' if info.url else 'not here'})"


def _describe_training(info: "ModelInfo") -> str:
    from hangeul_bench.base.errors import UserError

    try:
        seen = info.trained_on
    except UserError as error:
        return f"unknown: {error}"
    if seen is None:
        return f"said by the model itself: hangeul-bench models check {info.name}"
    return _count(seen)


def _count(seen: "TrainedOn | None") -> str:
    if seen is None:
        return "not declared, so no rank"
    fonts, families = len(seen.font_ids), len(seen.lineages)
    return f"{fonts} fonts of {families} families, {len(seen.characters)} syllables"
