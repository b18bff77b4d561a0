"""The font maker's commands reach `hangeul-bench` by their entry point."""

import importlib

import click

from fontmaker.cli import COMMANDS
from hangeul_bench.cli import added_commands


def test_hangeul_bench_finds_the_commands_of_the_installed_package():
    assert COMMANDS.items() <= added_commands().items()


def test_the_table_points_at_commands():
    for name, (target, _) in COMMANDS.items():
        module, attribute = target.split(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command) and command.name == name
