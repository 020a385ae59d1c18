"""Lines beside the machine itself: how fast decoding reads weights, and how fast anything could.

One run of `compress-run bench` measures both, one after the other, with the same threads.
"""

import os

from comparison.process import run, run_json
from comparison.rounds import Line

GROUP = "bandwidth"
SCHEME = "source-a8"


class BandwidthLine(Line):
    """Decoding with a number of threads."""

    def __init__(self, program, bundle, threads, generate):
        super().__init__()
        self.program, self.bundle, self.threads, self.generate = program, bundle, threads, generate

    def get_name(self):
        return f"memory, decode {self.generate}, {self.threads} thread{'s' * (self.threads > 1)}"

    def measure(self):
        """GB/s: what memory delivers, and what decoding takes of it."""
        result = run_json([self.program, "bench", self.bundle, "--threads", self.threads, "--prompt", 0,
                           "--generate", self.generate, "--repetitions", 1, "--json"])
        return result["bandwidth"] * 1e-9, result["decode_tokens_per_second"] * result["bytes_per_token"] * 1e-9

    def run_round(self, quiet, ours_first):
        (memory, ours), disturbance = quiet.measure(self.measure)
        self.peer_samples.append(memory)
        self.our_samples.append(ours)
        self.disturbances.append(disturbance)

    def describe(self):
        return {"group": GROUP, "threads": self.threads, "generate": self.generate, "title": self.get_name(),
                "weights": "as given", "peer": "a sum over 256 MiB or more", "ours": f"`{SCHEME}`", "unit": "GB/s",
                "higher": True, "outputs": "", "agreed": True}


def prepare_bandwidth(arguments, work):
    """A line per number of threads."""
    bundle = os.path.join(work, "bandwidth.bundle")
    run([arguments.compress_compile, arguments.model, f"--scheme={SCHEME}", "-o", bundle])
    generate = 4 if arguments.quick else 32
    return [BandwidthLine(arguments.compress_run, bundle, threads, generate) for threads in arguments.threads]
