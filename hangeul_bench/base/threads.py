"""How torch's threads wait for each other, and in which order they add.

They wait asleep instead of spinning, which a busy machine needs. A step of a network is thousands
of short parallel pieces. Between them OpenMP's threads spin; where another program holds a core,
they spin until the system takes the processor from them, and the one that they wait for has none.
Asleep they cost a wake-up a piece. ``benchmarks/busy_machine.py`` measures both.
"""

import os

# Whoever set one of these has chosen: OpenMP's own, GNU's, and LLVM's and Intel's.
_CHOICES = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME")


def wait_asleep() -> None:
    """Have OpenMP's threads sleep while they wait, unless the user has chosen how they do.

    OpenMP reads this when it is loaded, so it counts before torch is imported, and for the
    processes that are started afterwards.
    """
    if not any(name in os.environ for name in _CHOICES):
        os.environ["OMP_WAIT_POLICY"] = "PASSIVE"


def add_in_one_order() -> None:
    """Have a matrix product be the same bytes for any number of threads.

    On Intel's processors MKL divides a sum among its threads as it sees fit, and float addition
    depends on the order; its "strict" mode does not. MKL reads this at its first product, so it
    counts only before that. A mode that the user has chosen stays.
    """
    os.environ.setdefault("MKL_CBWR", "AUTO,STRICT")
