#!/usr/bin/env python3
"""Writes a llama model of random weights as GGUF, to measure speed at sizes that nobody needs to fetch.

Usage: make-random-llama.py [--layers N] [--width N] [--heads N] [--kv-heads N] [--ffn N]
                            [--vocabulary N] [--context N] [--seed N] OUT.gguf

The sizes are those of Llama-3.2-1B unless others are given: 1.24 billion weights, of which the embedding,
which is the head as well, has 0.26. Matrices are Q4_1 (blocks of 32 codes of 4 bits with a scale and a
minimum in f16, 5 bits a weight), norms f32. Values have the spread that keeps activations from growing.
The tokenizer is a byte-level BPE whose tokens are bytes, pairs of them, and so on. Needs the packages
gguf and numpy. The same arguments give the same file.
"""

import argparse
import itertools

import gguf
import numpy as np

BLOCK = 32
Q4_1 = gguf.GGMLQuantizationType.Q4_1
# Codes of 4 bits, drawn evenly, are spread by this much.
SPREAD = np.sqrt((16**2 - 1) / 12)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", metavar="OUT.gguf")
    for name, value in [
        ("layers", 16),
        ("width", 2048),
        ("heads", 32),
        ("kv-heads", 8),
        ("ffn", 8192),
        ("vocabulary", 128256),
        ("context", 8192),
        ("seed", 0),
    ]:
        parser.add_argument(f"--{name}", type=int, default=value)
    arguments = parser.parse_args()
    for name, divisor in [("width", BLOCK), ("ffn", BLOCK), ("heads", arguments.kv_heads)]:
        if getattr(arguments, name) % divisor:
            parser.error(f"--{name} must be a multiple of {divisor}")
    if arguments.width % (2 * arguments.heads):
        parser.error("--width must be an even multiple of --heads")
    if arguments.vocabulary < 257:
        parser.error("--vocabulary must be 257 or more: all bytes, and an end")
    return arguments


def byte_characters():
    """GPT-2's table: the printable character that stands for each byte."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = itertools.count(256)
    return [chr(byte) if byte in printable else chr(next(others)) for byte in range(256)]


def make_tokenizer(size):
    """Tokens and merges: bytes, then each token so far with each byte after it."""
    characters = byte_characters()
    tokens, merges = list(characters), []
    for index in itertools.count():
        for character in characters:
            if len(tokens) == size - 1:
                return [*tokens, "<|end|>"], merges
            merges.append(f"{tokens[index]} {character}")
            tokens.append(tokens[index] + character)


def random_matrix(generator, rows, columns):
    """Blocks of Q4_1: scale, minimum, codes; a row has the variance 1 / columns."""
    blocks = rows * columns // BLOCK
    scale = generator.uniform(0.9, 1.1, blocks) / (SPREAD * np.sqrt(columns))
    data = np.empty((blocks, 4 + BLOCK // 2), np.uint8)
    data[:, 0:2] = scale.astype("<f2").view(np.uint8).reshape(-1, 2)
    data[:, 2:4] = (-7.5 * scale).astype("<f2").view(np.uint8).reshape(-1, 2)
    data[:, 4:] = generator.integers(0, 256, (blocks, BLOCK // 2), np.uint8)
    return data.reshape(rows, -1)


def add_metadata(writer, arguments):
    head = arguments.width // arguments.heads
    writer.add_name(f"random-llama-seed-{arguments.seed}")
    writer.add_block_count(arguments.layers)
    writer.add_context_length(arguments.context)
    writer.add_embedding_length(arguments.width)
    writer.add_feed_forward_length(arguments.ffn)
    writer.add_head_count(arguments.heads)
    writer.add_head_count_kv(arguments.kv_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(head)
    writer.add_rope_freq_base(500000.0)
    writer.add_vocab_size(arguments.vocabulary)
    tokens, merges = make_tokenizer(arguments.vocabulary)
    end = arguments.vocabulary - 1
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("llama-bpe")
    writer.add_token_list(tokens)
    writer.add_token_types([gguf.TokenType.NORMAL] * end + [gguf.TokenType.CONTROL])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(end)
    writer.add_eos_token_id(end)
    writer.add_add_bos_token(False)


def list_matrices(arguments):
    """Names, rows and columns."""
    width, ffn = arguments.width, arguments.ffn
    keys = width // arguments.heads * arguments.kv_heads
    yield "token_embd", arguments.vocabulary, width
    for layer in range(arguments.layers):
        for name, rows, columns in [
            ("attn_q", width, width),
            ("attn_k", keys, width),
            ("attn_v", keys, width),
            ("attn_output", width, width),
            ("ffn_gate", ffn, width),
            ("ffn_up", ffn, width),
            ("ffn_down", width, ffn),
        ]:
            yield f"blk.{layer}.{name}", rows, columns


def main():
    arguments = parse_arguments()
    writer = gguf.GGUFWriter(arguments.output, "llama")
    add_metadata(writer, arguments)
    generator = np.random.default_rng(arguments.seed)
    weights = 0
    for name, rows, columns in list_matrices(arguments):
        writer.add_tensor(f"{name}.weight", random_matrix(generator, rows, columns), raw_dtype=Q4_1)
        weights += rows * columns
    norms = [f"blk.{i}.{kind}_norm" for i in range(arguments.layers) for kind in ("attn", "ffn")]
    for name in [*norms, "output_norm"]:
        writer.add_tensor(f"{name}.weight", np.ones(arguments.width, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    print(f"{arguments.output}: {weights / 1e9:.2f} billion weights")


if __name__ == "__main__":
    main()
