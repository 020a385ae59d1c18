"""Measuring two sides by turns, on a machine that may have other things to do."""

import os
import resource
import time

from comparison.process import say
from comparison.report import summarize

# Cores that other programs may take while something is measured. One that takes a share of a core from a
# program with as many threads as cores can slow it down a hundredfold: its other threads spin and wait.
LOUD_CORES = 0.1
ATTEMPTS = 3
# Seconds to wait for other programs to end, before one attempt.
LONGEST_WAIT = 20


def get_processor_seconds():
    """Seconds that all processors together were busy, and those of this program's children."""
    with open("/proc/stat", encoding="utf-8") as file:
        user, nice, system, _, _, irq, softirq, steal = map(int, file.readline().split()[1:9])
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
    return busy, usage.ru_utime + usage.ru_stime


def get_disturbance(function):
    """A function's result, and how many cores other programs took meanwhile."""
    start, (busy, own) = time.monotonic(), get_processor_seconds()
    result = function()
    now, (busy_now, own_now) = time.monotonic(), get_processor_seconds()
    return result, max(0.0, (busy_now - busy - (own_now - own)) / (now - start))


class Quiet:
    """Measures while other programs are quiet, as long as there is patience: seconds to wait and to
    repeat in all, so that a run on a busy machine ends."""

    def __init__(self, patience):
        self.patience = patience

    def wait(self):
        end = time.monotonic() + min(LONGEST_WAIT, self.patience)
        while time.monotonic() < end and get_disturbance(lambda: time.sleep(0.5))[1] > LOUD_CORES:
            self.patience -= 0.5

    def measure(self, function):
        """The least disturbed of up to three attempts: (result, cores that others took)."""
        best = None
        for _ in range(ATTEMPTS):
            self.wait()
            start = time.monotonic()
            attempt = get_disturbance(function)
            best = min(best or attempt, attempt, key=lambda pair: pair[1])
            if best[1] <= LOUD_CORES or self.patience <= 0:
                break
            self.patience -= time.monotonic() - start
        return best


class Line:
    """Something that both sides do. A subclass gives get_name(), measure_peer() and measure_ours(), which
    return a sample, describe() (see report.py), and prepare(measure), where there is something to choose
    before the rounds; measure(function) gives a sample."""

    def __init__(self):
        self.peer_samples, self.our_samples, self.disturbances = [], [], []

    def prepare(self, measure):
        pass

    def run_round(self, quiet, ours_first):
        sides = [(self.peer_samples, self.measure_peer), (self.our_samples, self.measure_ours)]
        for samples, function in sides[::-1] if ours_first else sides:
            sample, disturbance = quiet.measure(function)
            samples.append(sample)
            self.disturbances.append(disturbance)

    def get_result(self):
        return {**self.describe(), "peer_samples": self.peer_samples, "our_samples": self.our_samples,
                "disturbances": self.disturbances,
                "disturbed": sum(value > LOUD_CORES for value in self.disturbances)}


def measure_rounds(lines, rounds, patience):
    """Every round measures each side of each line once; who begins changes from round to round."""
    quiet = Quiet(patience)
    for number, line in enumerate(lines, 1):
        say(f"trial, line {number} of {len(lines)}: {line.get_name()}")
        line.prepare(lambda function: quiet.measure(function)[0])
    for turn in range(rounds):
        for number, line in enumerate(lines, 1):
            line.run_round(quiet, ours_first=turn % 2 == 1)
            summary = summarize(line.get_result())
            loud = max(line.disturbances[-2:])
            say(f"round {turn + 1} of {rounds}, line {number} of {len(lines)}: {line.get_name()}: "
                f"ratio {summary['ratios'][-1]:.2f}"
                + (f" (other programs took {loud:.1f} cores)" if loud > LOUD_CORES else ""))
