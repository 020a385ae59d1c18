#!/usr/bin/env python3
"""Usage: scripts/make-tiny-models.py [--check] [FAMILY...]

Makes the models with random weights that tests of model families use, as Hugging Face folders, and what
the package transformers computes for them in f32. Needs the packages torch and transformers (5.23), which
no test needs; a virtual environment outside the project is a good place for them. All families unless some
are named; per family test/Inputs/tiny-models gets a folder with

  config.json, model.safetensors   the model; weights are F16, so that they are small
  tokens.npy, logits.npy           i32 [1, T] and f32 [1, T, vocabulary]

--check compares with the folders instead, without writing: weights must be the same, logits within 1e-5
of the largest one.
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


def fill(model, generator):
    """Random weights that F16 holds, of magnitudes that keep activations near 1."""
    gemma = model.config.model_type.startswith("gemma")
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            shape = tuple(parameter.shape)
            if "embed" in name or "wte" in name or "wpe" in name or "lm_head" in name:
                values = generator.normal(size=shape) * (0.25 if gemma else 1.0)
            elif len(shape) >= 2:
                inputs = shape[0] if "c_" in name else shape[-1]  # GPT-2 stores columns as rows.
                values = generator.normal(size=shape) * 1.6 / np.sqrt(inputs)
            elif name.endswith("bias"):
                values = generator.normal(size=shape) * 0.3
            else:
                values = generator.uniform(0.5, 1.5, shape) - (1.0 if gemma else 0.0)
            parameter.copy_(torch.from_numpy(values.astype(np.float16).astype(np.float32)))


def make(name, folder):
    config_class, arguments, model_class = families()[name]
    model = model_class(config_class(**arguments, attn_implementation="eager"))
    generator = np.random.default_rng(SEED)
    fill(model, generator)
    model.eval()
    tokens = generator.integers(0, model.config.vocab_size, (1, TOKENS)).astype(np.int32)
    with torch.no_grad():
        logits = model(torch.from_numpy(tokens).long()).logits.numpy()
    with tempfile.TemporaryDirectory() as saved:
        model.save_pretrained(saved)
        with open(os.path.join(saved, "config.json")) as file:
            config = json.load(file)
        weights = load_file(os.path.join(saved, "model.safetensors"))
    os.makedirs(folder, exist_ok=True)
    config["dtype"] = "float16"
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump(config, file, indent=1)
        file.write("\n")
    save_file({key: value.half().contiguous() for key, value in weights.items()},
              os.path.join(folder, "model.safetensors"), metadata={"format": "pt"})
    np.save(os.path.join(folder, "tokens.npy"), tokens)
    np.save(os.path.join(folder, "logits.npy"), logits.astype(np.float32))


def check(name, folder):
    """What differs between the folder and what the script makes, or None."""
    with tempfile.TemporaryDirectory() as made:
        make(name, made)
        weights, wanted = (load_file(os.path.join(path, "model.safetensors")) for path in (folder, made))
        if weights.keys() != wanted.keys() or any(not torch.equal(weights[key], wanted[key]) for key in wanted):
            return "other weights"
        logits, wanted = (np.load(os.path.join(path, "logits.npy")) for path in (folder, made))
        difference = np.abs(logits - wanted).max() / np.abs(wanted).max()
        return None if difference < 1e-5 else f"logits that differ by {difference:.1e} of the largest"


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
