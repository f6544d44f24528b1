# SPDX-License-Identifier: MIT
"""Two processes that take turns at the same work, one of hw3 and one of its peer. A side prints `ready`, then for each line `go`
the seconds that the work took and a value by which the work is compared, and at the end its peak resident memory in KB."""
import os
import statistics
import subprocess
import time

PAUSE = 0.5
# Some machines pin an old kernel of OpenBLAS for other programs' sake; the peer shall run at its best.
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith('OPENBLAS_')}


class Side:
    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
        if self.process.stdout.readline().strip() != 'ready':
            raise SystemExit(f'{command} did not start')

    def go(self):
        time.sleep(PAUSE)  # threads of the side that was on may spin for a while, and would take a core from this one
        self.process.stdin.write('go\n')
        self.process.stdin.flush()
        return tuple(map(float, self.process.stdout.readline().split()))

    def end(self):
        """Peak resident memory in MB."""
        out, _ = self.process.communicate('quit\n')
        return int(out) / 1024


def take_turns(ours, theirs, rounds):
    """Medians of the seconds, first values and peak memories in MB: (mine, other), each (seconds, value, memory)."""
    a, b = Side(ours), Side(theirs)
    values = a.go()[1], b.go()[1]  # warm
    seconds = [(a.go()[0], b.go()[0]) for _ in range(rounds)]
    return [(statistics.median(column), value, side.end()) for column, value, side in zip(zip(*seconds), values, (a, b))]
