#!/usr/bin/env python3
"""Usage: scripts/make-frontend-modules.py [--check] [MODULE...]

Makes the modules with which tests show that what other front ends make runs: small PyTorch modules with random
weights, as torch-mlir exports them to linalg on tensors, and what PyTorch computes for them. Needs the packages
torch and torch-mlir (20261001), which no test needs; a virtual environment outside the project is a good place
for them. All modules unless some are named; each is in test/Inputs/frontend-modules

  NAME.mlir                               the module, text; its function is called NAME
  NAME-argument-I.npy, NAME-result-I.npy  arguments, and the results, summed in double precision

The batch of the arguments is another one than at the export. dot-general.mlir, in the style of StableHLO's
lowering, is written by hand; only its arrays are made.

--check compares with the files instead, without writing: modules must be the same, arrays within 1e-6 of the
largest value.
"""

import argparse
import os
import sys
import tempfile

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch_mlir import fx

SEED = 5


class MLP(nn.Module):
    """Layers with ReLU and GELU; the widths leave parts of vectors and blocks over."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(24, 41)
        self.second = nn.Linear(41, 32)
        self.third = nn.Linear(32, 10)

    def forward(self, x):
        return self.third(F.gelu(self.second(F.relu(self.first(x)))))


class Residual(nn.Module):
    """Convolutions with strides, padding and groups, batch norms, pooling, and two ways around."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.grouped = nn.Conv2d(8, 8, 3, padding=2, dilation=2, groups=2, bias=False)
        self.wide = nn.Conv2d(8, 16, 3, stride=2, padding=1)
        self.around = nn.Conv2d(8, 16, 1, stride=2)
        self.last = nn.Linear(16, 10)
        with torch.no_grad():
            self.norm.running_mean.normal_()
            self.norm.running_var.uniform_(0.5, 2)
            self.norm.weight.normal_(1, 0.1)
            self.norm.bias.normal_()

    def forward(self, x):
        x = F.relu(self.norm(self.first(x)))
        x = F.max_pool2d(F.relu(x + self.grouped(x)), 2)
        x = F.relu(self.wide(x) + self.around(x))
        return self.last(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))


class Transformer(nn.Module):
    """Embedding and one block of a decoder: causal attention of two heads, and a feed-forward part."""

    def __init__(self, width=32, heads=2):
        super().__init__()
        self.heads = heads
        self.tokens = nn.Embedding(40, width)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        with torch.no_grad():
            for norm in (self.norm1, self.norm2):
                norm.weight.normal_(1, 0.1)
                norm.bias.normal_()

    def forward(self, tokens):
        x = self.tokens(tokens)
        batch, length, width = x.shape

        def split(y):
            return y.view(batch, length, self.heads, width // self.heads).transpose(1, 2)

        y = self.norm1(x)
        y = F.scaled_dot_product_attention(split(self.query(y)), split(self.key(y)), split(self.value(y)),
                                           is_causal=True)
        x = x + self.out(y.transpose(1, 2).reshape(batch, length, width))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class LSTM(nn.Module):
    """A step of a long short-term memory, and one of a gated recurrent unit on what it gives."""

    def __init__(self):
        super().__init__()
        self.memory = nn.LSTMCell(16, 24)
        self.gated = nn.GRUCell(24, 24)

    def forward(self, x, hidden, cell):
        hidden, cell = self.memory(x, (hidden, cell))
        return self.gated(hidden, cell), cell


def dot_general(x, image):
    """What dot-general.mlir computes."""
    values = np.arange(40, dtype=np.float64).reshape(2, 4, 5) / 16 - 1
    scores = np.einsum("bik,bjk->bij", x.double().numpy(), np.einsum("bkj->bjk", values))
    scores = np.exp(scores - scores.max(-1, keepdims=True))
    scores = scores / scores.sum(-1, keepdims=True)
    taps = torch.arange(36, dtype=torch.float64).reshape(2, 2, 3, 3) / 32 - 0.5  # height, width, in, out
    convolved = F.conv2d(image.double().permute(0, 3, 1, 2), taps.permute(3, 2, 0, 1), stride=2)
    return torch.from_numpy(scores), torch.clamp(convolved.permute(0, 2, 3, 1), 0, 6)


def modules():
    """The module, arguments for the export, and how those are dynamic, by name."""
    batch = torch.export.Dim("batch", min=2, max=64)
    rows = {0: batch}
    return {
        "mlp": (MLP, [torch.randn(4, 24)], {"x": rows}),
        "residual": (Residual, [torch.randn(4, 3, 12, 12)], {"x": rows}),
        "transformer": (Transformer, [torch.randint(0, 40, (4, 9))], {"tokens": rows}),
        "lstm": (LSTM, [torch.randn(4, 16), torch.randn(4, 24), torch.randn(4, 24)],
                 {"x": rows, "hidden": rows, "cell": rows}),
    }


def write(path, content):
    """A file that appears whole; `content` is text or an array."""
    temporary = path + ".part"
    with open(temporary, "wb") as file:
        if isinstance(content, str):
            file.write(content.encode())
        else:
            np.save(file, content, allow_pickle=False)
    os.replace(temporary, path)


def make(name, folder):
    torch.manual_seed(SEED)
    files = {}
    if name == "dot-general":
        arguments = [torch.randn(2, 3, 4), torch.randn(3, 6, 6, 3)]
        results = dot_general(*arguments)
    else:
        kind, example, dynamic = modules()[name]
        module = kind().eval()
        exported = fx.export_and_import(module, *example, output_type="linalg-on-tensors",
                                        dynamic_shapes=dynamic, func_name=name)
        files[f"{name}.mlir"] = str(exported)
        arguments = [torch.cat([x[:2], x[:1]]) if x.dtype == torch.int64 else torch.randn(3, *x.shape[1:])
                     for x in example]
        with torch.no_grad():
            results = module.double()(*(x.double() if x.is_floating_point() else x for x in arguments))
    results = results if isinstance(results, tuple) else (results,)
    for role, arrays in (("argument", arguments), ("result", results)):
        for i, array in enumerate(arrays):
            array = array.float() if array.is_floating_point() else array
            files[f"{name}-{role}-{i}.npy"] = array.numpy()
    for file, content in files.items():
        write(os.path.join(folder, file), content)
    return sorted(files)


def check(name, folder):
    """What differs from the files of the project, as text."""
    with tempfile.TemporaryDirectory() as fresh:
        for file in make(name, fresh):
            old, new = os.path.join(folder, file), os.path.join(fresh, file)
            if not os.path.exists(old):
                return f"{file} is missing"
            if file.endswith(".mlir"):
                with open(old) as a, open(new) as b:
                    if a.read() != b.read():
                        return f"{file} differs"
                continue
            a, b = np.load(old), np.load(new)
            if a.shape != b.shape or a.dtype != b.dtype or np.abs(a - b).max() > 1e-6 * np.abs(a).max():
                return f"{file} differs"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("module", nargs="*")
    arguments = parser.parse_args()
    known = [*modules(), "dot-general"]
    for name in arguments.module:
        if name not in known:
            parser.error(f"no module '{name}'; there are {', '.join(known)}")
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    folder = os.path.join(root, "test", "Inputs", "frontend-modules")
    os.makedirs(folder, exist_ok=True)
    for name in arguments.module or known:
        if not arguments.check:
            make(name, folder)
            print(f"{name}: made")
            continue
        wrong = check(name, folder)
        if wrong:
            sys.exit(f"{name}: {wrong}; make it again without --check, and look at what changed")
        print(f"{name}: the same")


if __name__ == "__main__":
    main()
