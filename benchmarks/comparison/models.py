"""Lines that run a model: the same file, number of threads and tokens on both sides, by turns."""

import dataclasses
import json
import os
import re

from comparison.process import ComparisonError, run, run_json, say
from comparison.rounds import Line

# The name of a file's kind, and the scheme that keeps its codes; None is the model as it was given.
FILES = {"q4_0": ("Q4_0", "w4a8-sym"), "source": (None, "source-a8"), "q8_0": ("Q8_0", "w8a8")}
# How far perplexities may differ: both sides round activations to 8 bits, each in its own way.
TOLERANCE = 0.02
FLASH_ATTENTION = ["on", "off"]
GROUPS = ["decode", "prefill", "depth", "sequences"]


@dataclasses.dataclass
class Work:
    """What is measured; either `prompt` tokens at once or `generate` tokens one by one."""
    group: str
    threads: int
    prompt: int = 0
    generate: int = 0
    depth: int = 0
    sequences: int = 1

    def get_title(self):
        if self.prompt:
            work = f"prefill {self.prompt}"
        elif self.group == "sequences":
            work = f"decode {self.sequences} x {self.generate}"
        else:
            work = f"decode {self.generate}" + (f" at depth {self.depth}" if self.depth else "")
        return f"{work}, {self.threads} thread{'s' * (self.threads > 1)}"


def make_works(groups, threads, quick):
    generate, prompt, depth = (8, 32, 64) if quick else (128, 512, 2048)
    counts = [1, 4] if quick else [1, 4, 8, 16]
    works = []
    for count in threads:
        works += [Work("decode", count, generate=generate), Work("prefill", count, prompt=prompt),
                  Work("depth", count, generate=generate, depth=depth)]
        # A sequence of llama-batched-bench has a prompt, of at least a token.
        works += [Work("sequences", count, generate=generate // 2, depth=1, sequences=number) for number in counts]
    return [work for work in works if work.group in groups]


class Model:
    """One model file, with our bundle of it."""

    def __init__(self, kind, path, scheme, arguments, peers, work):
        self.name = FILES[kind][0] or "as given"
        self.path, self.scheme, self.arguments, self.peers = path, scheme, arguments, peers
        self.bundle = os.path.join(work, f"{kind}.bundle")
        run([arguments.compress_compile, path, f"--scheme={scheme}", "-o", self.bundle])
        self._verify_same_bits()
        self.bits = self._get_bits()
        self.difference = None
        # Bytes per second that our measurements found, by the number of threads.
        self.bandwidths = {}

    def _get_ledger(self):
        with open(os.path.join(self.bundle, "manifest.json"), encoding="utf-8") as file:
            return json.load(file)["ledger"]

    def _verify_same_bits(self):
        for entry in self._get_ledger():
            # Scales of 6 bits take whole bytes in panels: ours may be more bytes, never fewer.
            same = entry["algorithm"] == "copy" and entry["before"] == entry["after"]
            if not same or entry["bytes_before"] > entry["bytes_after"]:
                raise ComparisonError(f"{self.path}: {entry['symbol']} is {entry['before']} in the file and "
                                      f"{entry['after']} with --scheme={self.scheme}; the two sides would not "
                                      "read the same codes")

    def _get_bits(self):
        """Bits per weight of the matrices, fewest first."""
        return sorted({entry["bits_per_weight"] for entry in self._get_ledger() if len(entry["shape"]) > 1})

    # --- Outputs -----------------------------------------------------------

    def compare_outputs(self, text, context, chunks):
        """Perplexities of both sides on the same text, scored in the same way."""
        threads = max(self.arguments.threads)
        command = [self.peers.get_program("llama-perplexity"), "-m", self.path, "-f", text, "-c", context,
                   "--chunks", chunks, "-t", threads, "-tb", threads]
        output = "".join(run(command))
        match = re.search(r"Final estimate: PPL = ([\d.]+)", output)
        if not match:
            raise ComparisonError(f"{' '.join(map(str, command))}: printed no perplexity\n{output[-1000:]}")
        peer = float(match.group(1))
        ours = run_json([self.arguments.compress_run, "perplexity", self.bundle, "--file", text, "--context",
                         context, "--chunks", chunks, "--threads", threads, "--json"])["perplexity"]
        self.difference = {"peer_perplexity": peer, "our_perplexity": ours, "difference": ours / peer - 1}
        say(f"{self.name}: perplexity {peer:.3f} of llama.cpp, {ours:.3f} ours")

    def get_agreement(self):
        difference = self.difference["difference"]
        return {"outputs": f"{100 * difference:+.1f} %", "agreed": abs(difference) <= TOLERANCE}

    # --- Speeds ------------------------------------------------------------

    def measure_peer(self, work, flash):
        """Tokens per second."""
        common = ["-m", self.path, "-t", work.threads, "-fa", flash]
        if work.group == "sequences":
            # What a sequence gets is a multiple of 256.
            context = work.sequences * -(-(work.depth + work.generate) // 256) * 256
            rows, _ = run([self.peers.get_program("llama-batched-bench"), *common, "-tb", work.threads,
                           "-c", context, "-npp", work.depth, "-ntg", work.generate, "-npl", work.sequences,
                           "--output-format", "jsonl"])
            found = [json.loads(row) for row in rows.splitlines() if row.startswith("{")]
            if len(found) != 1:
                raise ComparisonError(f"llama-batched-bench: {len(found)} measurements of {work.sequences} "
                                      f"sequences, 1 was asked for\n{rows[-1000:]}")
            return found[0]["speed_tg"]
        rows = run_json([self.peers.get_program("llama-bench"), *common, "-p", work.prompt, "-n", work.generate,
                         "-d", work.depth, "-r", 1, "-o", "json"])
        if len(rows) != 1:
            raise ComparisonError(f"llama-bench: {len(rows)} measurements of {work.get_title()}, 1 was asked for")
        return rows[0]["avg_ts"]

    def measure_ours(self, work):
        """Tokens per second."""
        result = run_json([self.arguments.compress_run, "bench", self.bundle, "--threads", work.threads,
                           "--prompt", work.prompt, "--generate", work.generate, "--depth", work.depth,
                           "--sequences", work.sequences, "--repetitions", 1, "--json"])
        self.bandwidths.setdefault(work.threads, []).append(result["bandwidth"])
        return result["prefill_tokens_per_second" if work.prompt else "decode_tokens_per_second"]


class ModelLine(Line):
    """A line of one model."""

    def __init__(self, model, work):
        super().__init__()
        self.model, self.work = model, work
        self.flash = None

    def get_name(self):
        return f"{self.work.get_title()} ({self.model.name})"

    def prepare(self, measure):
        """Tries both settings of llama.cpp and keeps the faster one."""
        self.flash = max(FLASH_ATTENTION, key=lambda flash: measure(lambda: self.model.measure_peer(self.work, flash)))

    def measure_peer(self):
        return self.model.measure_peer(self.work, self.flash)

    def measure_ours(self):
        return self.model.measure_ours(self.work)

    def describe(self):
        bits = " and ".join(f"{bits:.4g}" for bits in self.model.bits)
        return {**dataclasses.asdict(self.work), "title": self.work.get_title(),
                "weights": f"{self.model.name}: {bits} bits", "peer": f"llama.cpp, flash attention {self.flash}",
                "ours": f"`{self.model.scheme}`", "unit": "tokens/s", "higher": True, **self.model.difference,
                **self.model.get_agreement()}


def make_files(arguments, peers, work):
    """{kind: path}: the model as it is, and requantized so that all its matrices have one type but the
    embeddings and the head, which have 8 bits."""
    paths = {}
    for kind in arguments.files:
        name, _ = FILES[kind]
        paths[kind] = arguments.model
        if name:
            paths[kind] = os.path.join(work, f"{name}.gguf")
            run([peers.get_program("llama-quantize"), "--allow-requantize", "--token-embedding-type", "q8_0",
                 "--output-tensor-type", "q8_0", arguments.model, paths[kind], name, max(arguments.threads)])
    return paths


def prepare_models(arguments, peers, work):
    """The lines of all models, ready to be measured, and the models."""
    models, lines = [], []
    for kind, path in make_files(arguments, peers, work).items():
        model = Model(kind, path, FILES[kind][1], arguments, peers, work)
        model.compare_outputs(arguments.text, arguments.context, arguments.chunks)
        models.append(model)
        lines += [ModelLine(model, work)
                  for work in make_works(arguments.lines, arguments.threads, arguments.quick)]
    return models, lines
