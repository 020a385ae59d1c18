#!/usr/bin/env python3
"""Usage: scripts/make-tiny-models.py [--check] [FAMILY...]

Makes the models with random weights that tests of model families use, as Hugging Face folders, and what
the package transformers computes for them in f32. Needs the packages torch and transformers (5.23), which
no test needs; a virtual environment outside the project is a good place for them. All families unless some
are named; per family test/Inputs/tiny-models gets a folder with

  config.json, model.safetensors   the model; weights are F16, so that they are small
  tokens.npy, logits.npy           i32 [1, T] and f32 [1, T, vocabulary]

Encoders have hidden_states.npy, f32 [1, T, width], instead of logits.npy, and a vocabulary, what
sentence-transformers keeps in such a folder, texts.txt (a text per line) and embeddings.npy, f32 [texts, width].

--check compares with the folders instead, without writing: weights must be the same, arrays within 1e-5
of the largest value.
"""

import argparse
import json
import os
import sys
import tempfile

import numpy as np
import torch
import transformers
from safetensors.torch import load_file, save_file

SEED = 11
TOKENS = 96  # More than a step of attention's softmax and the widest window together.
COMMON = dict(vocab_size=61, hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4,
              num_key_value_heads=2, max_position_embeddings=128, bos_token_id=1, eos_token_id=2, pad_token_id=0)
GEMMA = {**COMMON, "head_dim": 8, "query_pre_attn_scalar": 12}


def families():
    """Configuration class, its arguments, and the model's class, by the name of a family."""
    t = transformers
    return {
        # Layers 0, 1 and 3 see a window, which ends within a block of 16 positions.
        "gemma3": (t.Gemma3TextConfig, {
            **GEMMA, "num_hidden_layers": 4, "sliding_window": 21,
            "layer_types": ["sliding_attention", "sliding_attention", "full_attention", "sliding_attention"]},
            t.Gemma3ForCausalLM),
        # The window has a step of 64 positions and single blocks around it.
        "gemma2": (t.Gemma2Config, {**GEMMA, "sliding_window": 85, "attn_logit_softcapping": 2.0,
                                    "final_logit_softcapping": 5.0}, t.Gemma2ForCausalLM),
        "qwen2": (t.Qwen2Config, {**COMMON, "tie_word_embeddings": True}, t.Qwen2ForCausalLM),
        "qwen3": (t.Qwen3Config, {**COMMON, "head_dim": 8, "num_hidden_layers": 3, "use_sliding_window": True,
                                  "sliding_window": 17, "max_window_layers": 1}, t.Qwen3ForCausalLM),
        "phi3": (t.Phi3Config, {**COMMON, "hidden_size": 32, "original_max_position_embeddings": 128,
                                "rope_parameters": {"rope_theta": 10000.0, "rope_type": "default",
                                                    "partial_rotary_factor": 0.75}}, t.Phi3ForCausalLM),
        "gpt2": (t.GPT2Config, {"vocab_size": 61, "n_embd": 24, "n_layer": 2, "n_head": 3, "n_positions": 128,
                                "n_inner": 40, "bos_token_id": 1, "eos_token_id": 2}, t.GPT2LMHeadModel),
        "bert": (t.BertConfig, {"vocab_size": 61, "hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 2,
                                "num_attention_heads": 3, "max_position_embeddings": 128},
                 lambda config: t.BertModel(config, add_pooling_layer=False)),
        # Panels of weights end within experts.
        "mixtral": (t.MixtralConfig, {**COMMON, "num_local_experts": 4, "num_experts_per_tok": 2},
                    t.MixtralForCausalLM),
        "qwen2moe": (t.Qwen2MoeConfig, {**COMMON, "num_experts": 6, "num_experts_per_tok": 3,
                                        "moe_intermediate_size": 20, "shared_expert_intermediate_size": 32},
                     t.Qwen2MoeForCausalLM),
        # No built-in architecture: that of docs/Tutorials/add-an-architecture.md.
        "granite": (t.GraniteConfig, {**COMMON, "embedding_multiplier": 3.0, "attention_multiplier": 0.25,
                                      "residual_multiplier": 0.5, "logits_scaling": 2.0}, t.GraniteForCausalLM),
    }


# What the texts of encoders are made of: letters, at the start of words and within them, and some longer pieces.
VOCABULARY = (["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "!", ",", "the", "##ing"]
              + [chr(c) for c in range(ord("a"), ord("z") + 1)] + ["##" + chr(c) for c in range(ord("a"), ord("z") + 1)])
TEXTS = ["The thing!", "zebra, zebra", "  \u00dcn\u00efc\u00f6de\tSTRA\u00c9E ", "", "\u65e5\u672c a\u4e00b", "sing, ring, the king!",
         "a text that is cut since it has more letters than the model takes"]
MOST_TOKENS = 24


def fill(model, generator):
    """Random weights that F16 holds, of magnitudes that keep activations near 1."""
    gemma = model.config.model_type.startswith("gemma")
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            shape = tuple(parameter.shape)
            if len(shape) == 2 and any(part in name for part in ("embed", "wte", "wpe", "lm_head")):
                values = generator.normal(size=shape) * (0.25 if gemma else 1.0)
            elif len(shape) >= 2:
                inputs = shape[0] if "c_" in name else shape[-1]  # GPT-2 stores columns as rows.
                values = generator.normal(size=shape) * 1.6 / np.sqrt(inputs)
            elif name.endswith("bias"):
                values = generator.normal(size=shape) * 0.3
            else:
                values = generator.uniform(0.5, 1.5, shape) - (1.0 if gemma else 0.0)
            parameter.copy_(torch.from_numpy(values.astype(np.float16).astype(np.float32)))


def write_json(value, *path):
    os.makedirs(os.path.dirname(os.path.join(*path)), exist_ok=True)
    with open(os.path.join(*path), "w") as file:
        json.dump(value, file, indent=1)
        file.write("\n")


def make_embeddings(model, folder):
    """What turns texts into embeddings, and those of TEXTS."""
    with open(os.path.join(folder, "vocab.txt"), "w") as file:
        file.writelines(token + "\n" for token in VOCABULARY)
    write_json({"do_lower_case": True, "tokenizer_class": "BertTokenizer"}, folder, "tokenizer_config.json")
    modules = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    write_json([{"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
                for i, (path, kind) in enumerate(modules)], folder, "modules.json")
    write_json({"pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True}, folder, "1_Pooling", "config.json")
    write_json({"max_seq_length": MOST_TOKENS, "do_lower_case": False}, folder, "sentence_bert_config.json")
    tokenizer = transformers.BertTokenizer(os.path.join(folder, "vocab.txt"))
    embeddings = []
    for text in TEXTS:
        tokens = tokenizer(text, truncation=True, max_length=MOST_TOKENS, return_tensors="pt")
        mean = model(tokens["input_ids"]).last_hidden_state[0].mean(0)
        embeddings.append(torch.nn.functional.normalize(mean, dim=0).numpy())
    with open(os.path.join(folder, "texts.txt"), "w") as file:
        file.writelines(text + "\n" for text in TEXTS)
    np.save(os.path.join(folder, "embeddings.npy"), np.stack(embeddings).astype(np.float32))


def make(name, folder):
    config_class, arguments, model_class = families()[name]
    model = model_class(config_class(**arguments, attn_implementation="eager"))
    generator = np.random.default_rng(SEED)
    fill(model, generator)
    model.eval()
    tokens = generator.integers(0, model.config.vocab_size, (1, TOKENS)).astype(np.int32)
    os.makedirs(folder, exist_ok=True)
    with torch.no_grad():
        result = model(torch.from_numpy(tokens).long())
        if not hasattr(result, "logits"):
            make_embeddings(model, folder)
    with tempfile.TemporaryDirectory() as saved:
        model.save_pretrained(saved)
        with open(os.path.join(saved, "config.json")) as file:
            config = json.load(file)
        weights = load_file(os.path.join(saved, "model.safetensors"))
    config["dtype"] = "float16"
    write_json(config, folder, "config.json")
    save_file({key: value.half().contiguous() for key, value in weights.items()},
              os.path.join(folder, "model.safetensors"), metadata={"format": "pt"})
    np.save(os.path.join(folder, "tokens.npy"), tokens)
    output = "logits" if hasattr(result, "logits") else "hidden_states"
    values = getattr(result, "logits" if output == "logits" else "last_hidden_state")
    np.save(os.path.join(folder, output + ".npy"), values.numpy().astype(np.float32))


def check(name, folder):
    """What differs between the folder and what the script makes, or None."""
    with tempfile.TemporaryDirectory() as made:
        make(name, made)
        weights, wanted = (load_file(os.path.join(path, "model.safetensors")) for path in (folder, made))
        if weights.keys() != wanted.keys() or any(not torch.equal(weights[key], wanted[key]) for key in wanted):
            return "other weights"
        for file in ("logits.npy", "hidden_states.npy", "embeddings.npy"):
            if not os.path.exists(os.path.join(made, file)):
                continue
            values, wanted = (np.load(os.path.join(path, file)) for path in (folder, made))
            difference = np.abs(values - wanted).max() / np.abs(wanted).max()
            if difference > 1e-5:
                return f"{file}, which differs by {difference:.1e} of the largest value"
        return None


def main():
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("family", nargs="*")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    unknown = set(arguments.family) - families().keys()
    if unknown:
        parser.error(f"unknown families {', '.join(sorted(unknown))}; there are {', '.join(families())}")
    status = 0
    for name in arguments.family or families():
        folder = os.path.join(root, "test", "Inputs", "tiny-models", name)
        if not arguments.check:
            make(name, folder)
            print(f"{folder}: {sum(entry.stat().st_size for entry in os.scandir(folder))} bytes")
            continue
        wrong = check(name, folder)
        if wrong:
            print(f"{folder}: has {wrong}", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
