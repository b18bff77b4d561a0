"""What test_workers has other processes do.

It stands here, since a process that is started anew finds a function by its module's name, and
an installed package called tests would hide the test's own.
"""

import os
import signal
import time


def double(number):
    return 2 * number


def blocks_interrupts(number):
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def crash(number):
    os._exit(1)


def waits_for(path):
    """Return once the file is there, or after a minute: a test that fails is not to hang."""
    end = time.monotonic() + 60
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.01)
