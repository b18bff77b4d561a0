"""The command line as ``python -m hangeul_bench``."""

from hangeul_bench.cli import main

if __name__ == "__main__":
    main()
