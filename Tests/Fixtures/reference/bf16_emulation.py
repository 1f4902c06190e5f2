"""NVIDIA's Hymba with the roundings of a GPU run in BF16, beside the same pass in float64: what such a run differs by.

    python bf16_emulation.py FOLDER                  the errors of every recorded place, of float32 and of BF16
    python bf16_emulation.py FOLDER --save FILE      also write what the BF16 run gives, for hymba-verify --expect
    python bf16_emulation.py FOLDER --depth 32       a deeper model of the folder's layers, shuffled

FOLDER holds config.json and safetensors as NVIDIA releases them, and expected.safetensors or eval.safetensors with
input_ids. numpy alone, independent of the Swift code. Emulated: each operation computes in float32 and rounds its result
to BF16, as PyTorch does; attention and the scan are one operation each, as fused kernels are.
"""
import argparse
import json
import math
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file


def bf16(x):
    """The nearest BF16 number, ties to even, as float32."""
    bits = np.ascontiguousarray(x, np.float32).view(np.uint32).astype(np.uint64)
    bits = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16 << 16
    return bits.astype(np.uint32).view(np.float32)


def read(path):
    """A safetensors file, BF16 as float32."""
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    types = {"F32": "<f4", "BF16": "<u2", "I64": "<i8", "U8": "u1"}
    tensors = {}
    for name, entry in json.loads(data[8:8 + length]).items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            values = np.frombuffer(data[8 + length + begin:8 + length + end], types[entry["dtype"]])
            if entry["dtype"] == "BF16":
                values = (values.astype(np.uint32) << 16).view(np.float32)
            tensors[name] = values.reshape(entry["shape"])
    return tensors


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class Run:
    """One pass. `dtype` is that of the arithmetic, `r` rounds the result of each operation."""

    def __init__(self, weights, config, dtype, r):
        self.p = {name: np.asarray(value, dtype) for name, value in weights.items()}
        self.config, self.dtype = config, dtype
        self.r = lambda x: np.asarray(r(x), dtype)

    def norm(self, name, x):
        """The normed values are rounded before the weight multiplies them, as in the original."""
        scale = 1 / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + self.config["rms_norm_eps"])
        return self.r(self.r(x * scale) * self.p[name])

    def linear(self, name, x):
        y = self.r(x @ self.p[f"{name}.weight"].T)
        return self.r(y + self.p[f"{name}.bias"]) if f"{name}.bias" in self.p else y

    def forward(self, ids):
        c, meta, captures = self.config, self.config["num_memory_tokens"], {}
        x = self.p["model.embed_tokens.weight"][ids]
        if meta:
            x = np.concatenate([np.repeat(self.p["model.memory_tokens"][None], len(ids), 0), x], axis=1)
        captures["hidden_states.0"] = x
        self.keys = {}
        for i in range(c["num_hidden_layers"]):
            layer = f"model.layers.{i}"
            x = self.r(x + self.mixer(i, self.norm(f"{layer}.input_layernorm.weight", x), captures))
            x = self.r(x + self.mlp(f"{layer}.moe.experts.0", self.norm(f"{layer}.pre_moe_layernorm.weight", x)))
            captures[f"hidden_states.{i + 1}"] = x
        x = self.norm("model.final_layernorm.weight", x)[:, meta:]
        head = "model.embed_tokens.weight" if c["tie_word_embeddings"] else "lm_head.weight"
        captures["last_hidden_state"] = x
        captures["logits"] = self.r(x @ self.p[head].T)
        return captures

    def mlp(self, name, x):
        up = self.linear(f"{name}.up_proj", x)
        if self.config["mlp_hidden_act"] == "relu2":
            return self.linear(f"{name}.down_proj", self.r(self.r(np.maximum(up, 0)) ** 2))
        gate = self.linear(f"{name}.gate_proj", x)
        return self.linear(f"{name}.down_proj", self.r(self.r(gate * sigmoid(gate)) * up))

    def mixer(self, i, n, captures):
        c, name = self.config, f"model.layers.{i}.mamba"
        heads, groups = c["num_attention_heads"], c["num_key_value_heads"]
        inner = c["mamba_expand"] * c["hidden_size"]
        d, vd = c["hidden_size"] // heads, inner // heads
        producer = next((group[0] for group in c["kv_reuse_group"] or [] if i in group[1:]), None)
        own = [groups * d, groups * vd] if producer is None else []
        q, *kv, u, z = np.split(
            self.linear(f"{name}.in_proj", n), np.cumsum([heads * d, *own, inner]), axis=-1)
        q = self.rotated(name, "q", self.split(q, heads))
        if producer is None:
            self.keys[i] = self.rotated(name, "k", self.split(kv[0], groups)), self.split(kv[1], groups)
        attention = self.attention(i, q, *self.keys[i if producer is None else producer])
        mamba = self.mamba(name, u, z)
        a = self.norm(f"{name}.pre_avg_layernorm1.weight", attention)
        m = self.norm(f"{name}.pre_avg_layernorm2.weight", mamba)
        captures |= {f"layers.{i}.attention": attention, f"layers.{i}.mamba": mamba,
                     f"layers.{i}.attention_normed": a, f"layers.{i}.mamba_normed": m}
        return self.linear(f"{name}.out_proj", self.r(self.r(a + m) / 2))

    @staticmethod
    def split(x, heads):
        """[batch, heads, length, size]"""
        return x.reshape(*x.shape[:2], heads, -1).transpose(0, 2, 1, 3)

    def rotated(self, name, kind, x):
        c, d = self.config, x.shape[-1]
        weight = self.p.get(f"{name}.self_attn.{kind}_norm.weight")
        if weight is not None:
            x = self.r(self.r(x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + 1e-6)) * weight)
        if not c["rope"]:
            return x
        base, scaling = c["rope_theta"], c["rope_type"]
        original = c.get("orig_max_position_embeddings")
        length = {"ntk": c["max_position_embeddings"], "dynamic_ntk": x.shape[2]}.get(scaling)
        if scaling == "ntk" or (scaling == "dynamic_ntk" and length > original):
            base *= (2 * length / original - 1) ** (d / (d - 2))
        angles = np.outer(np.arange(x.shape[2]), base ** (-np.arange(0, d, 2) / d))
        angles = np.concatenate([angles, angles], axis=-1)
        cos, sin = self.r(np.cos(angles)), self.r(np.sin(angles))
        turned = np.concatenate([-x[..., d // 2:], x[..., :d // 2]], axis=-1)
        return self.r(self.r(x * cos) + self.r(turned * sin))

    def attention(self, i, q, k, v):
        c, length = self.config, q.shape[2]
        repeat = q.shape[1] // k.shape[1]
        k, v = np.repeat(k, repeat, axis=1), np.repeat(v, repeat, axis=1)
        back = np.arange(length)[:, None] - np.arange(length)[None]
        seen = back >= 0
        if c["sliding_window"] is not None and i not in (c["global_attn_idx"] or []):
            seen &= (back <= c["sliding_window"]) | (np.arange(length)[None] < c["num_memory_tokens"])
        scores = np.where(seen, q @ k.swapaxes(-1, -2) / math.sqrt(q.shape[-1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        y = self.r(self.r(weights) @ v / weights.sum(axis=-1, keepdims=True))
        return y.transpose(0, 2, 1, 3).reshape(len(y), length, -1)

    def mamba(self, name, x, z):
        """State and decay stay float32 in the kernel; what goes in and comes out is rounded."""
        p, c = self.p, self.config
        width, (batch, length, inner) = c["mamba_d_conv"], x.shape
        padded = np.concatenate([np.zeros((batch, width - 1, inner), self.dtype), x], axis=1)
        u = sum(padded[:, j:j + length] * p[f"{name}.conv1d.weight"][:, 0, j] for j in range(width))
        u = u + p.get(f"{name}.conv1d.bias", np.zeros(1, self.dtype))
        u = self.r(u * sigmoid(u))
        rank, state = p[f"{name}.dt_proj.0.weight"].shape[1], p[f"{name}.A_log.0"].shape[1]
        parts = np.split(self.linear(f"{name}.x_proj.0", u), [rank, rank + state], axis=-1)
        if c["mamba_inner_layernorms"]:
            parts = [self.norm(f"{name}.{kind}_layernorm.weight", part) for kind, part in zip(("dt", "B", "C"), parts)]
        dt, b, cc = parts
        delta = self.r(dt @ p[f"{name}.dt_proj.0.weight"].T)
        delta = np.logaddexp(0, delta + p[f"{name}.dt_proj.0.bias"], dtype=self.dtype)
        a = -np.exp(p[f"{name}.A_log.0"])
        h, y = np.zeros((batch, inner, state), self.dtype), np.empty_like(u)
        for t in range(length):
            h = np.exp(delta[:, t, :, None] * a) * h + (delta[:, t] * u[:, t])[..., None] * b[:, t, None]
            y[:, t] = (h * cc[:, t, None]).sum(-1) + p[f"{name}.D.0"] * u[:, t]
        return self.r(y * z * sigmoid(z))


def deepened(weights, config, depth):
    """`depth` layers of the same kinds, each with the elements of its tensors in another order."""
    generator = np.random.default_rng(1)
    count = config["num_hidden_layers"]
    deep = {name: value for name, value in weights.items() if ".layers." not in name}
    for i in range(depth):
        for name, value in weights.items():
            if f".layers.{i % count}." in name:
                shuffled = generator.permutation(value.reshape(-1)).reshape(value.shape)
                deep[name.replace(f".layers.{i % count}.", f".layers.{i}.")] = shuffled
    groups = [[i - i % count + member for member in group] for i in range(0, depth, count)
              for group in config["kv_reuse_group"] or [] if i + max(group) < depth]
    windows = [i for i in range(depth) if i % count in (config["global_attn_idx"] or [])]
    return deep, {**config, "num_hidden_layers": depth, "kv_reuse_group": groups, "global_attn_idx": windows}


def errors(got, expected):
    """NMSE, and the largest error over the largest expected magnitude: the tool's two measures."""
    difference = got.astype(np.float64) - expected
    return np.mean(difference ** 2) / np.var(expected), np.abs(difference).max() / np.abs(expected).max()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--save", type=Path)
    parser.add_argument("--depth", type=int)
    arguments = parser.parse_args()
    folder = arguments.folder
    config = json.loads((folder / "config.json").read_text())
    weights = {}
    for path in sorted(folder.glob("model*.safetensors")):
        weights |= read(path)
    weights = {name: bf16(value) for name, value in weights.items()}
    recorded = next(path for name in ("expected", "eval") if (path := folder / f"{name}.safetensors").exists())
    ids = read(recorded)["input_ids"]
    if arguments.depth:
        weights, config = deepened(weights, config, arguments.depth)

    exact = Run(weights, config, np.float64, lambda x: x).forward(ids)
    single = Run(weights, config, np.float32, lambda x: x).forward(ids)
    half = Run(weights, config, np.float32, bf16).forward(ids)
    if arguments.save:
        arrays = {name: np.ascontiguousarray(value, np.float32) for name, value in half.items()}
        save_file({**arrays, "input_ids": np.ascontiguousarray(ids)}, arguments.save)

    print(f"{'':25}  float32             BF16\n{'capture':25}  {'NMSE':8}  {'largest':8}  {'NMSE':8}  largest")
    for name, value in exact.items():
        cells = [number for run in (single, half) for number in errors(run[name], value)]
        print(f"{name:25}  " + "  ".join(f"{number:.2e}" for number in cells))

    def log_probabilities(logits):
        logits = logits.astype(np.float64)
        largest = logits.max(axis=-1, keepdims=True)
        return logits - largest - np.log(np.exp(logits - largest).sum(axis=-1, keepdims=True))

    p = log_probabilities(exact["logits"])
    top = np.sort(exact["logits"], axis=-1)
    for label, run in (("float32", single), ("BF16", half)):
        q = log_probabilities(run["logits"])
        same = run["logits"].argmax(-1) == exact["logits"].argmax(-1)
        gaps = (top[..., -1] - top[..., -2])[~same]
        gap = f", there the two highest are within {gaps.max():.2g}" if len(gaps) else ""
        print(f"{label}: same highest score at {same.sum()} of {same.size} positions{gap}; "
              f"KL divergence {(np.exp(p) * (p - q)).sum(-1).mean():.2e} nats")


if __name__ == "__main__":
    main()
