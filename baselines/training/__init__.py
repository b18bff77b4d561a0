"""What every training has in common: data, the run, recipes, checkpoints, logs, the command."""
