"""``python -m hangeul_bench`` is the command ``hangeul-bench``."""

from hangeul_bench.cli import main

main()
