#!/usr/bin/env python3
"""Usage: unittests/Export/compare_with_peers.py [--compress-translate PROGRAM] [--gguf FILE] [FOLDER]

Exports a Hugging Face folder (by default the tiny qwen3 of the tests) in every format, and a GGUF file under several
schemes, and compares the values that other programs read from the results with those that compress-translate
--hash-tensors reads: they must be equal in each bit.

 * compressed-tensors' formats are decoded by the PyPI package compressed-tensors, with scales made f32, since it would
   round values to the scales' type; its QuantizationConfig must take the configuration, and transformers must load
   the model.
 * GPTQ's and AWQ's are decoded in NumPy by the rules of their packages, which want a GPU.
 * GGUF files are read by the PyPI package gguf, and loaded by llama-cpp-python where that is installed.

Needs numpy, torch, transformers, compressed-tensors, safetensors and gguf.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile

import gguf
import numpy as np
import torch
from compressed_tensors.compressors import BaseCompressor
from compressed_tensors.quantization import QuantizationConfig
from safetensors.torch import load_file

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

AFFINE = "#quantized.affine<{}, block = [{}], scale = {}{}>"
FOLDERS = [
    # format, encoding, what transformers loads
    ("pack-quantized", AFFINE.format("i4", "1, 8", "f16", ""), True),
    # transformers 5 makes room for zero points that are not packed, and refuses the package's own files too.
    ("pack-quantized", AFFINE.format("ui4", "1, 8", "f32", ", zero = ui4"), False),
    ("pack-quantized", AFFINE.format("i3", "1, 8", "f16", ""), False),
    ("pack-quantized", AFFINE.format("i8", "1, -1", "bf16", ""), True),
    ("int-quantized", AFFINE.format("i8", "1, -1", "f32", ""), True),
    ("int-quantized", AFFINE.format("i8", "1, -1", "f32", ", zero = i8"), True),
    ("int-quantized", AFFINE.format("i8", "-1, -1", "f32", ""), True),
    ("float-quantized", "#quantized.float<f8E4M3FN, block = [1, -1], scale = f32>", True),
    ("float-quantized", "#quantized.float<f8E4M3FN, block = [-1, -1], scale = f32>", True),
    ("gptq", AFFINE.format("i4", "1, 8", "f16", ""), False),
    ("gptq-v2", AFFINE.format("ui4", "1, 8", "f16", ", zero = ui4"), False),
    ("gptq-v2", AFFINE.format("i8", "1, -1", "f16", ""), False),
    ("awq", AFFINE.format("i4", "1, 8", "f16", ""), False),
    ("awq", AFFINE.format("ui4", "1, 8", "f16", ", zero = ui4"), False),
]
GGUF_OPTIONS = [["--scheme=w4"], ["--scheme=w8a8"], ["--scheme=w4a8-sym"], ["--scheme=f16"],
                ["--scheme=w8a8", "--override", "blk.0.*=keep"]]


def hash_values(values):
    return hashlib.sha256(np.ascontiguousarray(values, np.dtype("<f4")).tobytes()).hexdigest()


class Translate:
    def __init__(self, program):
        self.program = program

    def __call__(self, *arguments):
        return subprocess.run([self.program, *arguments], check=True, capture_output=True, text=True).stdout

    def hashes(self, path):
        lines = [line.split() for line in self("--hash-tensors", path).splitlines()]
        return {line[1]: line[0] for line in lines}


# --- Decoders -------------------------------------------------------------------

def decode_compressed_tensors(state, config):
    """All tensors of a state as f32, by the package."""
    parsed = QuantizationConfig(**{k: v for k, v in config.items() if k != "quantization_status"})
    schemes = list(parsed.config_groups.values())
    values = {}
    for name in [n for n in state if n.endswith(".weight_scale")]:
        module = name.removesuffix(".weight_scale")
        scheme = schemes[0]
        if len(schemes) > 1:
            scheme = next(s for s in schemes if module in s.targets)
        local = {k.removeprefix(module + "."): state[k] for k in state if k.startswith(module + ".")}
        for key in list(local):
            state.pop(module + "." + key)
        local["weight_scale"] = local["weight_scale"].float()
        compressor = BaseCompressor.get_value_from_registry(config["format"])
        values[module + ".weight"] = compressor.decompress(local, scheme)["weight"].float().numpy()
    values.update({name: tensor.float().numpy() for name, tensor in state.items()})
    return values


def unpack_lines(words, bits, order=None):
    """[..., words] of int32 to [..., integers]."""
    as_bits = np.unpackbits(np.ascontiguousarray(words).view(np.uint8), axis=-1, bitorder="little")
    fields = as_bits.reshape(*as_bits.shape[:-1], -1, bits)
    integers = (fields.astype(np.int32) << np.arange(bits)).sum(-1)
    if order:
        runs = integers.reshape(*integers.shape[:-1], -1, len(order))
        restored = np.empty_like(runs)
        restored[..., order] = runs
        integers = restored.reshape(integers.shape)
    return integers


def decode_transposed(state, config):
    """All tensors of a GPTQ or AWQ state as f32."""
    values = {}
    order = [0, 2, 4, 6, 1, 3, 5, 7] if config["quant_method"] == "awq" else None
    bits = config["bits"]
    for name in [n for n in state if n.endswith(".qweight")]:
        module = name.removesuffix(".qweight")
        words, zeros, scales = (state.pop(f"{module}.{part}") for part in ["qweight", "qzeros", "scales"])
        zero = unpack_lines(zeros.numpy(), bits, order)
        if order:
            codes = unpack_lines(words.numpy(), bits, order)
            size = config["group_size"] if config["group_size"] > 0 else codes.shape[0]
            group = np.arange(codes.shape[0]) // size
        else:
            codes = unpack_lines(words.numpy().T, bits).T
            group = state.pop(module + ".g_idx").numpy()
            if config["checkpoint_format"] == "gptq":
                zero = zero + 1
        scale = scales.float().numpy()
        values[module + ".weight"] = (scale[group] * (codes - zero[group]).astype(np.float32)).T
    values.update({name: tensor.float().numpy() for name, tensor in state.items()})
    return values


# --- Comparisons ----------------------------------------------------------------

def compare(what, values, hashes):
    if set(values) != set(hashes):
        sys.exit(f"{what}: other tensors: {sorted(set(values) ^ set(hashes))}")
    wrong = [name for name in values if hash_values(values[name]) != hashes[name]]
    if wrong:
        sys.exit(f"{what}: {len(wrong)} of {len(values)} tensors differ, {wrong[0]} among them")
    print(f"{what}: {len(values)} tensors are equal")


def load_transformers(path):
    from transformers import AutoModelForCausalLM
    model = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32)
    logits = model(torch.tensor([[1, 7, 10, 3]])).logits
    assert torch.isfinite(logits).all()
    return logits


def compare_folders(translate, source, scratch):
    for index, (name, encoding, loads) in enumerate(FOLDERS):
        path = os.path.join(scratch, f"{index}-{name}")
        translate("--export-huggingface", source, f"--format={name}", f"--weights={encoding}",
                  "--override", "output=keep", "-o", path)
        with open(os.path.join(path, "config.json"), encoding="utf-8") as file:
            config = json.load(file)["quantization_config"]
        state = load_file(os.path.join(path, "model.safetensors"))
        decode = decode_compressed_tensors if config["quant_method"] == "compressed-tensors" else decode_transposed
        compare(f"{name} {encoding}", decode(state, config), translate.hashes(path))
        if loads:
            logits = load_transformers(path)
            print(f"    transformers loads it; largest logit {logits.abs().max().item():.4f}")


def compare_gguf(translate, source, scratch):
    for index, options in enumerate(GGUF_OPTIONS):
        path = os.path.join(scratch, f"{index}.gguf")
        translate("--export-gguf", source, *options, "-o", path)
        reader = gguf.GGUFReader(path)
        values = {}
        for tensor in reader.tensors:
            values[tensor.name] = gguf.dequantize(tensor.data, tensor.tensor_type)
        compare(f"GGUF {' '.join(options)}", values, translate.hashes(path))
        try:
            import llama_cpp
        except ImportError:
            continue
        llama_cpp.Llama(path, n_ctx=32, verbose=False)
        print("    llama.cpp loads it")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", default=os.path.join(ROOT, "test/Inputs/tiny-models/qwen3"))
    parser.add_argument("--gguf", default=os.path.join(ROOT, "test/Inputs/tiny-llama/tiny-quantized.gguf"))
    parser.add_argument("--compress-translate", default=os.path.join(ROOT, "build/bin/compress-translate"))
    arguments = parser.parse_args()
    translate = Translate(arguments.compress_translate)
    with tempfile.TemporaryDirectory() as scratch:
        compare_folders(translate, arguments.folder, scratch)
        compare_gguf(translate, arguments.gguf, scratch)


if __name__ == "__main__":
    main()
