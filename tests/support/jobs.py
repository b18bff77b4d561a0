"""What test_workers has other processes do.

It stands here, since a process that is started anew finds a function by its module's name, and
an installed package called tests would hide the test's own.
"""

import os
import signal


def double(number):
    return 2 * number


def blocks_interrupts(number):
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def crash(number):
    os._exit(1)
