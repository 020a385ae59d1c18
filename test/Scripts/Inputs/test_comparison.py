"""Usage: test_comparison.py BENCHMARKS: tests of the statistics and tables of benchmarks/comparison."""

import contextlib
import importlib.util
import io
import os
import sys
import tempfile
import unittest
from unittest import mock
from xml.etree import ElementTree

sys.path.insert(0, sys.argv.pop())

from comparison import bandwidth, models, peers, process, report, rounds  # noqa: E402


def make_result(**changes):
    return {"title": "decode 128, 1 thread", "weights": "Q4_0: 4.5 bits", "peer": "llama.cpp", "ours": "`w4a8`",
            "unit": "tokens/s", "higher": True, "outputs": "+0.3 %", "agreed": True, "disturbed": 0,
            "peer_samples": [10.0, 20.0, 10.0], "our_samples": [20.0, 20.0, 30.0], **changes}


class ReportTest(unittest.TestCase):
    def test_ratios_of_speeds(self):
        summary = report.summarize(make_result())
        self.assertEqual(summary["ratios"], [2.0, 1.0, 3.0])
        self.assertEqual((summary["ratio"], summary["ratio_min"], summary["ratio_max"]), (2.0, 1.0, 3.0))
        self.assertEqual((summary["peer_median"], summary["our_median"]), (10.0, 20.0))

    def test_ratios_of_times(self):
        summary = report.summarize(make_result(higher=False, peer_samples=[4.0], our_samples=[2.0]))
        self.assertEqual(summary["ratio"], 2.0)

    def test_row(self):
        row = report.format_row(report.summarize(make_result()))
        self.assertEqual(row, "| decode 128, 1 thread | Q4_0: 4.5 bits | llama.cpp | `w4a8` | tokens/s | 10.00 | "
                              "20.00 | 2.00 | 1.00-3.00 | +0.3 % |")

    def test_marks(self):
        row = report.format_row(report.summarize(make_result(agreed=False, disturbed=1)))
        self.assertIn("| 2.00 (!) |", row)
        self.assertIn("| **DIFFER** (+0.3 %) |", row)

    def test_table(self):
        lines = report.format_table([report.summarize(make_result())]).splitlines()
        self.assertEqual(len({line.count("|") for line in lines}), 1)

    def test_plot(self):
        text = report.format_plot([report.summarize(make_result(title="a < b"))])
        texts = [node.text for node in ElementTree.fromstring(text).iter() if node.tag.endswith("text")]
        self.assertIn("a < b, Q4_0: 4.5 bits", texts)
        self.assertIn("2.00", texts)


class Recorder(rounds.Line):
    """A line whose sides return what they are called with."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def measure_peer(self):
        self.calls.append("peer")
        return 1.0

    def measure_ours(self):
        self.calls.append("ours")
        return 2.0

    def describe(self):
        return {}


class RoundsTest(unittest.TestCase):
    def test_turns(self):
        line = Recorder()
        with mock.patch.object(rounds, "get_disturbance", lambda function: (function(), 0.0)):
            line.run_round(rounds.Quiet(0), ours_first=False)
            line.run_round(rounds.Quiet(0), ours_first=True)
        self.assertEqual(line.calls, ["peer", "ours", "ours", "peer"])
        result = line.get_result()
        self.assertEqual((result["peer_samples"], result["our_samples"]), ([1.0, 1.0], [2.0, 2.0]))
        self.assertEqual(result["disturbed"], 0)

    def measure(self, disturbances, patience=1000):
        attempts = iter(enumerate(disturbances))
        with mock.patch.object(rounds.Quiet, "wait"), \
                mock.patch.object(rounds, "get_disturbance", lambda function: next(attempts)):
            return rounds.Quiet(patience).measure(None)

    def test_repeats_what_is_disturbed(self):
        self.assertEqual(self.measure([0.0]), (0, 0.0))
        self.assertEqual(self.measure([1.0, 0.05, 0.0]), (1, 0.05))
        self.assertEqual(self.measure([1.0, 0.5, 0.7, 0.0]), (1, 0.5))
        self.assertEqual(self.measure([1.0, 0.0], patience=0), (0, 1.0))

    def test_waits_as_long_as_there_is_patience(self):
        with mock.patch.object(rounds, "get_disturbance", lambda function: (None, 1.0)), \
                mock.patch.object(rounds.time, "monotonic", iter(range(1000)).__next__):
            quiet = rounds.Quiet(2)
            quiet.wait()
            self.assertLess(quiet.patience, 2)


class ModelsTest(unittest.TestCase):
    def test_works(self):
        titles = [work.get_title() for work in models.make_works(["decode", "sequences"], [1, 2], quick=False)]
        self.assertEqual(titles[:2], ["decode 128, 1 thread", "decode 1 x 64, 1 thread"])
        self.assertEqual(titles[-1], "decode 16 x 64, 2 threads")
        self.assertEqual(len(titles), 10)
        (work,) = models.make_works(["depth"], [1], quick=False)
        self.assertEqual(work.get_title(), "decode 128 at depth 2048, 1 thread")

    def check_agreement(self, difference):
        model = models.Model.__new__(models.Model)
        model.difference = {"difference": difference}
        return model.get_agreement()

    def test_agreement(self):
        self.assertEqual(self.check_agreement(-0.019), {"outputs": "-1.9 %", "agreed": True})
        self.assertEqual(self.check_agreement(0.021), {"outputs": "+2.1 %", "agreed": False})

    def test_other_codes_are_refused(self):
        model = models.Model.__new__(models.Model)
        model.path, model.scheme = "m.gguf", "w8a8"
        entry = {"symbol": "q", "before": "i4", "after": "i8", "algorithm": "round", "bytes_before": 1,
                 "bytes_after": 2}
        model._get_ledger = lambda: [entry]
        with self.assertRaisesRegex(process.ComparisonError, "q is i4 in the file and i8 with --scheme=w8a8"):
            model._verify_same_bits()


class BandwidthTest(unittest.TestCase):
    def test_both_sides_are_of_one_run(self):
        line = bandwidth.BandwidthLine("program", "bundle", 2, 8)
        runs = iter([(10, 2), (20, 5)])

        def run_json(_):
            available, speed = next(runs)
            return {"bandwidth": available * 1e9, "decode_tokens_per_second": speed, "bytes_per_token": 3e9}

        with mock.patch.object(bandwidth, "run_json", run_json):
            for ours_first in [False, True]:
                line.run_round(rounds.Quiet(0), ours_first)
        summary = report.summarize(line.get_result())
        self.assertEqual([round(ratio, 9) for ratio in summary["ratios"]], [0.6, 0.75])
        self.assertEqual(summary["title"], "memory, decode 8, 2 threads")


@unittest.skipUnless(importlib.util.find_spec("numpy"), "numpy is not installed")
class KernelsTest(unittest.TestCase):
    def test_codes_survive(self):
        import numpy
        from comparison import kernels

        for kernel in kernels.KERNELS[:2]:
            weights = kernels.make_weights(kernel, 64, numpy.random.default_rng(0))
            values, scales = kernels.get_values(weights), weights["scales"]
            most = 7 if kernel.group == "matmul-4bit" else 127
            blocks = numpy.abs(values).reshape(64, scales.shape[1], -1)
            numpy.testing.assert_array_equal(blocks.max(axis=2) / most, scales)

    def test_module(self):
        from comparison import kernels

        with tempfile.TemporaryDirectory() as folder:
            for kernel in kernels.KERNELS:
                with open(kernels.write_module(kernel, 64, folder), encoding="utf-8") as file:
                    text = file.read()
                self.assertEqual("compress.encode" in text, kernel.group != "matmul-f32")
                self.assertNotIn("{{", text)


class ProcessTest(unittest.TestCase):
    def test_failures_tell_what_failed(self):
        with self.assertRaisesRegex(process.ComparisonError, "exit code 3\nwhy"):
            process.run([sys.executable, "-c", "print('why'); exit(3)"])
        with self.assertRaisesRegex(process.ComparisonError, "printed no JSON"):
            process.run_json([sys.executable, "-c", "print('text')"])
        with self.assertRaisesRegex(process.ComparisonError, "no-such-program: can't be run"):
            process.run(["no-such-program"])

    def test_log_of_a_failed_step(self):
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()):
            log = os.path.join(folder, "build.log")
            with self.assertRaisesRegex(process.ComparisonError, "Build: exit code 1; .*build.log tells why"):
                process.run_logged("Build", [sys.executable, "-c", "print('no compiler'); exit(1)"], log)
            with open(log, encoding="utf-8") as file:
                self.assertEqual(file.read(), "no compiler\n")

    def choose_compiler(self, *programs):
        with mock.patch.object(peers.shutil, "which", lambda name: name if name in programs else None):
            return peers.choose_compiler()

    def test_compilers(self):
        self.assertEqual(self.choose_compiler("cc", "c++", "clang++-22"), [])
        self.assertIn("-DCMAKE_CXX_COMPILER=clang++-22", self.choose_compiler("clang-22", "clang++-22"))
        with self.assertRaisesRegex(process.ComparisonError, "install g\\+\\+"):
            self.choose_compiler()

    def test_build_options_are_verified(self):
        with tempfile.TemporaryDirectory() as folder:
            found = peers.Peers(folder)
            os.makedirs(found.build)
            with open(os.path.join(found.build, "CMakeCache.txt"), "w", encoding="utf-8") as file:
                file.write(f"CMAKE_HOME_DIRECTORY:INTERNAL={found.source}/vendor/llama.cpp\n"
                           "CMAKE_BUILD_TYPE:STRING=Debug\nGGML_NATIVE:BOOL=ON\n")
            with self.assertRaisesRegex(process.ComparisonError, "CMAKE_BUILD_TYPE=Debug, not Release"):
                found._verify_build()


if __name__ == "__main__":
    unittest.main()
