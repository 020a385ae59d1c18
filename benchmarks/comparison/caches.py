"""Lines that decode behind a long text with a cache of few bits, beside our own cache of f16."""

import os

from comparison.models import Work
from comparison.process import run, run_json, say
from comparison.rounds import Line

FORMATS = ["int8", "int4"]
PLAIN = "f16"
# How far an encoded cache may raise the perplexity before a line compares unequal work.
TOLERANCE = 0.03


class CachedBundle:
    """The model as it is given, compiled with a format of the cache."""

    def __init__(self, arguments, cache, work):
        self.arguments, self.cache = arguments, cache
        self.bundle = os.path.join(work, f"cache-{cache}.bundle")
        run([arguments.compress_compile, arguments.model, "--scheme=source-a8", f"--cache={cache}", "-o",
             self.bundle])
        self.perplexity = run_json([arguments.compress_run, "perplexity", self.bundle, "--file", arguments.text,
                                    "--context", arguments.context, "--chunks", arguments.chunks, "--threads",
                                    max(arguments.threads), "--json"])["perplexity"]
        say(f"cache of {cache}: perplexity {self.perplexity:.3f}")

    def measure(self, work):
        """Tokens per second."""
        result = run_json([self.arguments.compress_run, "bench", self.bundle, "--threads", work.threads, "--prompt",
                           0, "--generate", work.generate, "--depth", work.depth, "--repetitions", 1, "--json"])
        return result["decode_tokens_per_second"]


class CacheLine(Line):
    def __init__(self, plain, encoded, work):
        super().__init__()
        self.plain, self.encoded, self.work = plain, encoded, work

    def get_name(self):
        return f"{self.work.get_title()}, cache of {self.encoded.cache}"

    def measure_peer(self):
        return self.plain.measure(self.work)

    def measure_ours(self):
        return self.encoded.measure(self.work)

    def describe(self):
        difference = self.encoded.perplexity / self.plain.perplexity - 1
        return {"title": self.work.get_title(), "group": self.work.group, "threads": self.work.threads,
                "weights": "as given", "peer": f"ours, cache of {PLAIN}", "ours": f"cache of {self.encoded.cache}",
                "unit": "tokens/s", "higher": True, "outputs": f"{100 * difference:+.1f} %",
                "agreed": difference <= TOLERANCE}


def prepare_caches(arguments, work):
    """The lines, ready to be measured."""
    depth, generate = (64, 8) if arguments.quick else (2048, 128)
    plain = CachedBundle(arguments, PLAIN, work)
    return [CacheLine(plain, encoded, Work("caches", threads, generate=generate, depth=depth))
            for encoded in [CachedBundle(arguments, cache, work) for cache in FORMATS]
            for threads in arguments.threads]
