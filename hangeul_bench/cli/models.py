"""`hangeul-bench models`: list the models; check one."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from hangeul_bench.adapter import ModelInfo


@click.group(invoke_without_command=True)
@click.pass_context
def models(context: click.Context) -> None:
    """List the registered models; `models check NAME` checks one."""
    if context.invoked_subcommand is None:
        from hangeul_bench.adapter import list_models

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
    """Ask NAME for 20 glyphs in several ways and read them back; exit 1 if a check fails."""
    from hangeul_bench.adapter import load_model, resolve_model
    from hangeul_bench.cli.options import parse_options
    from hangeul_bench.dataset import GlyphDataset
    from hangeul_bench.processes import join_processes
    from hangeul_bench.reader import JamoReader
    from hangeul_bench.selfcheck import check_model

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
        lines.append(f"    parameters  {info.parameters:,}")
        lines.append(f"    checkpoint  {_describe_checkpoint(info)}")
        lines.append(f"    trained on  {_describe_training(info)}")
    return lines


def _describe_checkpoint(info: "ModelInfo") -> str:
    if info.checkpoint is None:
        return "none"
    return f"{info.checkpoint.name}{'' if info.checkpoint.is_file() else ' (not here)'}"


def _describe_training(info: "ModelInfo") -> str:
    seen = info.trained_on
    if seen is None:
        return "not declared"
    fonts, families = len(seen.font_ids), len(seen.lineages)
    return f"{fonts} fonts of {families} families, {len(seen.characters)} syllables"
