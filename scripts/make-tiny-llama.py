#!/usr/bin/env python3
"""Usage: scripts/make-tiny-llama.py [--check] [FOLDER]

Makes the models that tests use, with random weights, and what an implementation
of the architecture in NumPy, in double precision, computes for them. FOLDER is
test/Inputs/tiny-llama of the project by default:

  tiny.gguf            F32; sizes of no particular factors, tied embeddings
  huggingface/         the same weights as a Hugging Face folder, in F16
  tiny-quantized.gguf  Q4_0, Q4_1, Q5_0, Q8_0, F16 and F32 tensors, a head of its own
  golden.json          tokens of texts; greedy tokens, logits and a score of each model

--check compares with what lies there instead of writing.
"""

import argparse
import json
import os
import struct
import sys

import numpy as np

SEED = 20
TEXTS = ["the other theory", "I'll be  there: 3 + 4 = 7!\n", "", "<|start|>the<|end|>"]
PROMPTS = [[1, 74, 257, 100], [5], list(range(40, 57))]
GENERATED = 12

TINY = dict(layers=2, width=36, heads=6, kv_heads=2, head_dim=8, ffn=52, vocabulary=263, tied=True,
            epsilon=1e-5, base=10000.0, length=128)
QUANTIZED = dict(layers=2, width=64, heads=4, kv_heads=2, head_dim=16, ffn=96, vocabulary=263,
                 tied=False, epsilon=1e-6, base=500000.0, length=96)


# --- The model -----------------------------------------------------------------

def shapes(c):
    """Names as GGUF has them, and shapes [rows, columns]."""
    query, keys = c["heads"] * c["head_dim"], c["kv_heads"] * c["head_dim"]
    result = {"token_embd": (c["vocabulary"], c["width"])}
    for i in range(c["layers"]):
        for name, shape in [("attn_norm", (c["width"],)), ("attn_q", (query, c["width"])),
                            ("attn_k", (keys, c["width"])), ("attn_v", (keys, c["width"])),
                            ("attn_output", (c["width"], query)), ("ffn_norm", (c["width"],)),
                            ("ffn_gate", (c["ffn"], c["width"])), ("ffn_up", (c["ffn"], c["width"])),
                            ("ffn_down", (c["width"], c["ffn"]))]:
            result[f"blk.{i}.{name}"] = shape
    result["output_norm"] = (c["width"],)
    if not c["tied"]:
        result["output"] = (c["vocabulary"], c["width"])
    return result


def rms_norm(x, weight, epsilon):
    return x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + epsilon) * weight


def rotate(x, c):
    """Pairs (i, i + head_dim / 2) of each head, as Hugging Face has them; x: [T, heads, head_dim]."""
    half = c["head_dim"] // 2
    frequencies = c["base"] ** (-np.arange(half) / half)
    angles = np.arange(len(x))[:, None, None] * frequencies
    a, b = x[..., :half], x[..., half:]
    return np.concatenate([a * np.cos(angles) - b * np.sin(angles),
                           b * np.cos(angles) + a * np.sin(angles)], axis=-1)


def attend(x, w, layer, c):
    tokens = len(x)

    def heads(name, count):
        return (x @ w[f"blk.{layer}.{name}"].T).reshape(tokens, count, c["head_dim"])

    q = rotate(heads("attn_q", c["heads"]), c)
    k = np.repeat(rotate(heads("attn_k", c["kv_heads"]), c), c["heads"] // c["kv_heads"], axis=1)
    v = np.repeat(heads("attn_v", c["kv_heads"]), c["heads"] // c["kv_heads"], axis=1)
    scores = np.einsum("qhd,khd->hqk", q, k) / np.sqrt(c["head_dim"])
    scores = np.where(np.tril(np.ones((tokens, tokens))), scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    return np.einsum("hqk,khd->qhd", weights, v).reshape(tokens, -1) @ w[f"blk.{layer}.attn_output"].T


def logits_of(tokens, w, c):
    """Logits [T, vocabulary] of all positions."""
    x = w["token_embd"][tokens]
    for i in range(c["layers"]):
        x = x + attend(rms_norm(x, w[f"blk.{i}.attn_norm"], c["epsilon"]), w, i, c)
        h = rms_norm(x, w[f"blk.{i}.ffn_norm"], c["epsilon"])
        gate = h @ w[f"blk.{i}.ffn_gate"].T
        x = x + (gate / (1 + np.exp(-gate)) * (h @ w[f"blk.{i}.ffn_up"].T)) @ w[f"blk.{i}.ffn_down"].T
    return rms_norm(x, w["output_norm"], c["epsilon"]) @ w["token_embd" if c["tied"] else "output"].T


def greedy(prompt, w, c):
    tokens, margin = list(prompt), np.inf
    for _ in range(GENERATED):
        last = logits_of(tokens, w, c)[-1]
        best, second = np.sort(last)[[-1, -2]]
        margin = min(margin, best - second)
        tokens.append(int(np.argmax(last)))
    return tokens[len(prompt):], margin


def golden_of(w, c):
    result = {"prompts": []}
    for prompt in PROMPTS:
        tokens, margin = greedy(prompt, w, c)
        # A test of f32 code must not hang on a rounding error.
        assert margin > 5e-3, f"the choice of a token is close: {margin}; take another seed"
        result["prompts"].append({
            "tokens": prompt, "greedy": tokens,
            "first_logits": [float(f"{x:.7g}") for x in logits_of(prompt, w, c)[-1]]})
    text = np.random.default_rng(SEED).integers(0, c["vocabulary"], 40).tolist()
    logits = logits_of(text[:-1], w, c)
    logits -= logits.max(axis=-1, keepdims=True)
    likelihood = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    result["score"] = {"tokens": text, "mean_negative_log_likelihood":
                       float(-np.mean(likelihood[np.arange(39), text[1:]]))}
    return result


# --- Number formats: random blocks and what they stand for ------------------------

def f16_bytes(values):
    return values.astype("<f2").view(np.uint8).reshape(len(values), 2)


def nibbles(codes):
    """Value j in the low half of byte j, value j + 16 in the high half."""
    return (codes[:, :16] | codes[:, 16:] << 4).astype(np.uint8)


def random_blocks(kind, shape, scale, rng):
    """(bytes, values) of a tensor of blocks of 32 values whose magnitudes are near `scale`."""
    count = shape[0] * shape[1] // 32
    bits = {"Q4_0": 4, "Q4_1": 4, "Q5_0": 5, "Q8_0": 8}[kind]
    d = (rng.uniform(0.5, 1.5, count) * scale / 2 ** (bits - 2)).astype(np.float16)
    step = d.astype(np.float64)[:, None]
    if kind == "Q8_0":
        codes = rng.integers(-127, 128, (count, 32))
        data = [f16_bytes(d), codes.astype(np.int8).view(np.uint8)]
        values = codes * step
    elif kind == "Q4_1":
        codes = rng.integers(0, 16, (count, 32))
        m = (-7.5 * step[:, 0] + rng.normal(size=count) * scale / 8).astype(np.float16)
        data = [f16_bytes(d), f16_bytes(m), nibbles(codes)]
        values = codes * step + m.astype(np.float64)[:, None]
    else:
        codes = rng.integers(0, 2 ** bits, (count, 32))
        data = [f16_bytes(d)]
        if kind == "Q5_0":
            high = (codes >> 4) << np.arange(32)
            data.append(high.sum(axis=1).astype("<u4").view(np.uint8).reshape(count, 4))
        data.append(nibbles(codes & 15))
        values = (codes - 2 ** (bits - 1)) * step
    return np.concatenate(data, axis=1).tobytes(), values.reshape(shape)


def random_tensor(name, shape, kind, rng):
    if len(shape) == 1:  # A norm.
        values = rng.uniform(0.5, 1.5, shape).astype(np.float16)
        return values.astype("<f4").tobytes(), values.astype(np.float64)
    scale = 1.0 if name in ("token_embd", "output") else 1.6 / np.sqrt(shape[1])
    if kind.startswith("Q"):
        return random_blocks(kind, shape, scale, rng)
    # F16 holds all of them, so that the same weights can be stored as F32 and F16.
    values = (rng.normal(size=shape) * scale).astype(np.float16)
    return values.astype({"F32": "<f4", "F16": "<f2"}[kind]).tobytes(), values.astype(np.float64)


# --- The tokenizer ------------------------------------------------------------------

def byte_letters():
    """The letter that stands for each byte in byte-level vocabularies."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in printable]
    letters = {b: chr(b) for b in printable}
    letters.update({b: chr(256 + i) for i, b in enumerate(others)})
    return letters


LETTERS = byte_letters()
SPACE = LETTERS[32]
MERGES = [("t", "h"), ("th", "e"), (SPACE, "the"), ("e", "r")]
SPECIAL = ["<|start|>", "<|end|>", "<|turn|>"]
VOCABULARY = [LETTERS[b] for b in range(256)] + [a + b for a, b in MERGES] + SPECIAL
CHAT_TEMPLATE = ("{% for message in messages %}{{ '<|turn|>' + message['role'] + '\\n' + message['content'] "
                 "+ '<|end|>' }}{% endfor %}{% if add_generation_prompt %}{{ '<|turn|>assistant\\n' }}{% endif %}")


def split_words(text):
    """GPT-2's rule for text of ASCII letters, digits, punctuation and white space."""
    words, i = [], 0

    def kind(ch):
        return "space" if ch.isspace() else "letter" if ch.isalpha() else "digit" if ch.isdigit() else "other"

    while i < len(text):
        contraction = next((s for s in ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"] if text.startswith(s, i)), None)
        if contraction:
            end = i + len(contraction)
        else:
            start = i + (text[i] == " " and i + 1 < len(text) and not text[i + 1].isspace())
            end = start + 1
            while end < len(text) and kind(text[end]) == kind(text[start]):
                end += 1
            # The last blank before a word belongs to the word.
            if kind(text[start]) == "space" and end < len(text) and end - start > 1:
                end -= 1
        words.append(text[i:end])
        i = end
    return words


def tokenize(text):
    for special in SPECIAL:
        if special in text:
            before, after = text.split(special, 1)
            return tokenize(before) + [VOCABULARY.index(special)] + tokenize(after)
    tokens = []
    for word in split_words(text):
        pieces = [LETTERS[b] for b in word.encode()]
        for merge in MERGES:
            i = 0
            while i + 1 < len(pieces):
                if (pieces[i], pieces[i + 1]) == merge:
                    pieces[i:i + 2] = ["".join(merge)]
                i += 1
        tokens += [VOCABULARY.index(p) for p in pieces]
    return tokens


def tokenizer_json():
    added = [{"id": VOCABULARY.index(s), "content": s, "single_word": False, "lstrip": False, "rstrip": False,
              "normalized": False, "special": True} for s in SPECIAL]
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
            "pre_tokenizer": byte_level, "post_processor": None, "decoder": byte_level,
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                      "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
                      "vocab": {piece: i for i, piece in enumerate(VOCABULARY[:-len(SPECIAL)])},
                      "merges": [" ".join(m) for m in MERGES]}}


# --- Files ----------------------------------------------------------------------------

def gguf_string(text):
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def gguf_value(value):
    """A metadata value with its type in front."""
    if isinstance(value, bool):
        return struct.pack("<IB", 7, value)
    if isinstance(value, int):
        return struct.pack("<II", 4, value)
    if isinstance(value, float):
        return struct.pack("<If", 6, value)
    if isinstance(value, str):
        return struct.pack("<I", 8) + gguf_string(value)
    types = {str: 8, int: 5}
    item = type(value[0])
    body = b"".join(gguf_string(v) if item is str else struct.pack("<i", v) for v in value)
    return struct.pack("<IIQ", 9, types[item], len(value)) + body


def gguf_metadata(name, c):
    types = [1] * (len(VOCABULARY) - len(SPECIAL)) + [3] * len(SPECIAL)  # Normal, control.
    return {
        "general.architecture": "llama", "general.name": name,
        "llama.block_count": c["layers"], "llama.context_length": c["length"],
        "llama.embedding_length": c["width"], "llama.feed_forward_length": c["ffn"],
        "llama.attention.head_count": c["heads"], "llama.attention.head_count_kv": c["kv_heads"],
        "llama.attention.key_length": c["head_dim"], "llama.attention.value_length": c["head_dim"],
        "llama.rope.dimension_count": c["head_dim"], "llama.rope.freq_base": c["base"],
        "llama.attention.layer_norm_rms_epsilon": c["epsilon"],
        "tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "gpt-2",
        "tokenizer.ggml.tokens": VOCABULARY, "tokenizer.ggml.token_type": types,
        "tokenizer.ggml.merges": [" ".join(m) for m in MERGES],
        "tokenizer.ggml.bos_token_id": VOCABULARY.index(SPECIAL[0]),
        "tokenizer.ggml.eos_token_id": VOCABULARY.index(SPECIAL[1]),
        "tokenizer.ggml.add_bos_token": False, "tokenizer.chat_template": CHAT_TEMPLATE,
    }


def rows_for_interleaved_pairs(data, rows, head_dim):
    """Reorders the rows of a query or key weight: GGUF's llama files rotate columns 2i and 2i + 1 of a
    head where Hugging Face rotates i and i + head_dim / 2."""
    stored = np.frombuffer(data, np.uint8).reshape(rows // head_dim, 2, head_dim // 2, -1)
    return stored.swapaxes(1, 2).tobytes()


def gguf_file(name, c, tensors, kinds):
    metadata = gguf_metadata(name, c)
    infos, body = b"", b""
    types = {"F32": 0, "F16": 1, "Q4_0": 2, "Q4_1": 3, "Q5_0": 6, "Q8_0": 8}
    for tensor, shape in shapes(c).items():
        data = tensors[tensor]
        if tensor.endswith(("attn_q", "attn_k")):
            data = rows_for_interleaved_pairs(data, shape[0], c["head_dim"])
        infos += gguf_string(tensor + ".weight") + struct.pack("<I", len(shape))
        infos += struct.pack(f"<{len(shape)}Q", *reversed(shape)) + struct.pack("<IQ", types[kinds[tensor]], len(body))
        body += data + bytes(-len(data) % 32)
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(shapes(c)), len(metadata))
    head += b"".join(gguf_string(k) + gguf_value(v) for k, v in metadata.items()) + infos
    return head + bytes(-len(head) % 32) + body


def safetensors_file(c, weights):
    parts = {"token_embd": "embed_tokens", "output_norm": "norm", "attn_norm": "input_layernorm",
             "ffn_norm": "post_attention_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj",
             "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj", "ffn_gate": "mlp.gate_proj",
             "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj"}
    header, body = {}, b""
    for tensor, shape in shapes(c).items():
        layer, part = tensor.split(".")[1:] if tensor.startswith("blk.") else (None, tensor)
        prefix = "model." if layer is None else f"model.layers.{layer}."
        data = weights[tensor].astype("<f2").tobytes()
        header[f"{prefix}{parts[part]}.weight"] = {
            "dtype": "F16", "shape": list(shape), "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + body


def config_json(c):
    return {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": c["width"],
            "intermediate_size": c["ffn"], "num_hidden_layers": c["layers"], "num_attention_heads": c["heads"],
            "num_key_value_heads": c["kv_heads"], "head_dim": c["head_dim"], "vocab_size": c["vocabulary"],
            "max_position_embeddings": c["length"], "rms_norm_eps": c["epsilon"], "rope_theta": c["base"],
            "hidden_act": "silu", "tie_word_embeddings": c["tied"], "torch_dtype": "float16",
            "bos_token_id": VOCABULARY.index(SPECIAL[0]), "eos_token_id": VOCABULARY.index(SPECIAL[1])}


def make_weights(c, kind_of, rng):
    kinds = {name: "F32" if len(shape) == 1 else kind_of(name) for name, shape in shapes(c).items()}
    made = {name: random_tensor(name, shape, kinds[name], rng) for name, shape in shapes(c).items()}
    return kinds, {n: data for n, (data, _) in made.items()}, {n: values for n, (_, values) in made.items()}


def make_files():
    rng = np.random.default_rng(SEED)
    kinds, tensors, weights = make_weights(TINY, lambda _: "F32", rng)
    mix = {"token_embd": "Q8_0", "output": "Q5_0", "attn_q": "Q4_0", "attn_k": "Q4_1", "attn_v": "Q5_0",
           "attn_output": "F16", "ffn_gate": "Q4_1", "ffn_up": "Q4_0", "ffn_down": "Q8_0"}
    quantized = make_weights(QUANTIZED, lambda name: mix[name.split(".")[-1]], rng)
    golden = {
        "texts": [{"text": text, "tokens": tokenize(text)} for text in TEXTS],
        "tiny": golden_of(weights, TINY), "tiny-quantized": golden_of(quantized[2], QUANTIZED)}

    def as_json(value):
        return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()

    special = {"bos_token": SPECIAL[0], "eos_token": SPECIAL[1], "chat_template": CHAT_TEMPLATE,
               "add_bos_token": False, "tokenizer_class": "PreTrainedTokenizerFast"}
    return {
        "tiny.gguf": gguf_file("tiny", TINY, tensors, kinds),
        "tiny-quantized.gguf": gguf_file("tiny-quantized", QUANTIZED, quantized[1], quantized[0]),
        "huggingface/config.json": as_json(config_json(TINY)),
        "huggingface/model.safetensors": safetensors_file(TINY, weights),
        "huggingface/tokenizer.json": as_json(tokenizer_json()),
        "huggingface/tokenizer_config.json": as_json(special),
        "golden.json": (json.dumps(golden, ensure_ascii=False) + "\n").encode(),
    }


def main():
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", default=os.path.join(root, "test", "Inputs", "tiny-llama"))
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    status = 0
    for name, data in make_files().items():
        path = os.path.join(arguments.folder, name)
        if arguments.check:
            with open(path, "rb") as file:
                same = file.read() == data
            if not same:
                print(f"{path}: differs from what the script makes", file=sys.stderr)
                status = 1
            continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
        print(f"{path}: {len(data)} bytes")
    return status


if __name__ == "__main__":
    sys.exit(main())
