"""The gated Hymba forward pass once more, in float64 and numpy alone: slow, plain, and independent of the Swift code.

    python hymba_float64.py record FOLDER    write the fixture gated-prepended-tiny into FOLDER, from its seed
    python hymba_float64.py check  FOLDER    recompute every capture in FOLDER's expected.safetensors and compare

The equations are those of Edifice (github blasphemetheus/edifice, lib/edifice/ssm/hymba.ex and ssm/common.ex).
Parameters have this project's names and PyTorch's orientation: a weight is [out, in], layers count from 0.
"""
import argparse
import json
import math
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file


@dataclass
class Config:
    layers: int
    heads: int
    state: int
    meta: str               # "keyValue": meta_key and meta_value in each layer's attention; "prepended": meta_tokens
    meta_count: int
    epsilon: float = 1e-5
    dt_lower: float = 0.001
    dt_upper: float = 0.1


# ---------------------------------------------------------------- the model

def forward(p, config, x):
    """x: [batch, seq, embed]. Returns every capture by name."""
    captures = {}
    # h = embed != hidden ? input_projection(x) : x
    h = dense(p, "input_projection", x) if "input_projection.weight" in p else x
    # prepended: meta tokens are positions 0..K-1 from here on, and nothing below treats them differently
    dropped = 0
    if config.meta == "prepended":
        dropped = config.meta_count
        h = np.concatenate([repeat(p["meta_tokens"], len(h)), h], axis=1)
    captures["hidden_states.0"] = h

    for i in range(config.layers):
        layer = f"layers.{i}"
        n = layer_norm(p, f"{layer}.norm", h, config.epsilon)
        mamba = mamba_path(p, f"{layer}.mamba", n, config)
        attention = attention_path(p, f"{layer}.attention", n, config)
        gate = sigmoid(dense(p, f"{layer}.fusion.gate_proj", n))
        # h = h + gate * mamba + (1 - gate) * attention
        h = h + gate * mamba + (1 - gate) * attention
        # h = h + ffn_down(gelu(ffn_up(layer_norm(h))))
        m = layer_norm(p, f"{layer}.ffn_norm", h, config.epsilon)
        h = h + dense(p, f"{layer}.ffn.down_proj", gelu(dense(p, f"{layer}.ffn.up_proj", m)))
        captures |= {f"{layer}.attention": attention, f"{layer}.mamba": mamba, f"{layer}.gate": gate,
                     f"hidden_states.{i + 1}": h}

    # the meta positions leave at the very end; the model's output is the last position
    captures["last_hidden_state"] = layer_norm(p, "final_norm", h, config.epsilon)[:, dropped:]
    captures["output"] = captures["last_hidden_state"][:, -1]
    return captures


def mamba_path(p, name, n, config):
    state = config.state
    # [xb | z] = in_proj(n)
    xb, z = np.split(dense(p, f"{name}.in_proj", n), 2, axis=-1)
    xc = silu(causal_conv(p, f"{name}.conv1d", xb))
    # x_proj's rows: dt_rank, then B, then C
    low, B, C = np.split(dense(p, f"{name}.x_proj", xc), [-2 * state, -state], axis=-1)
    # dt = clip(softplus(dt_proj(dt_rank(xc))), lower, upper)
    dt = np.clip(softplus(dense(p, f"{name}.dt_proj", low)), config.dt_lower, config.dt_upper)
    # A = -(1, 2, ..., state), the same for every channel
    A = -np.arange(1, state + 1, dtype=np.float64)

    y = np.zeros_like(xc)
    batch, length, inner = xc.shape
    for b in range(batch):
        s = np.zeros((inner, state))
        for t in range(length):
            # h_t[c,s] = exp(dt_t[c] A[s]) h_{t-1}[c,s] + mean_c(dt_t) B_t[s] xc_t[c]: the decay's dt is the channel's own
            s = np.exp(dt[b, t][:, None] * A) * s + dt[b, t].mean() * B[b, t][None, :] * xc[b, t][:, None]
            # y_t[c] = sum_s C_t[s] h_t[c,s]; no D skip
            y[b, t] = s @ C[b, t]
    return dense(p, f"{name}.out_proj", y * silu(z))


def causal_conv(p, name, x):
    """Depthwise cross-correlation; width - 1 zeros on the left, so the last tap is the current position."""
    weight, bias = p[f"{name}.weight"], p[f"{name}.bias"]
    width = weight.shape[1]
    out = np.zeros_like(x)
    for t in range(x.shape[1]):
        out[:, t] = bias
        for tap in range(width):
            source = t - (width - 1) + tap
            if source >= 0:
                out[:, t] += weight[:, tap] * x[:, source]
    return out


def attention_path(p, name, n, config):
    q, k, v = (dense(p, f"{name}.{part}_proj", n) for part in "qkv")
    # keyValue: meta_key and meta_value stand in front of k and v, visible to every query
    extra = 0
    if config.meta == "keyValue":
        extra = config.meta_count
        k = np.concatenate([repeat(p[f"{name}.meta_key"], len(k)), k], axis=1)
        v = np.concatenate([repeat(p[f"{name}.meta_value"], len(v)), v], axis=1)

    out = np.zeros_like(q)
    size = q.shape[-1] // config.heads
    for b in range(q.shape[0]):
        for head in range(config.heads):
            part = slice(head * size, (head + 1) * size)
            for t in range(q.shape[1]):
                visible = extra + t + 1          # causal: the meta keys, then positions 0..t
                scores = k[b, :visible, part] @ q[b, t, part] / math.sqrt(size)
                weights = np.exp(scores - scores.max())
                out[b, t, part] = (weights / weights.sum()) @ v[b, :visible, part]
    return dense(p, f"{name}.o_proj", out)


def dense(p, name, x):
    return x @ p[f"{name}.weight"].T + p[f"{name}.bias"]


def layer_norm(p, name, x, epsilon):
    mean = x.mean(axis=-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(axis=-1, keepdims=True)     # population
    return (x - mean) / np.sqrt(variance + epsilon) * p[f"{name}.weight"] + p[f"{name}.bias"]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def silu(x):
    return x * sigmoid(x)


def softplus(x):
    return np.logaddexp(0, x)


def gelu(x):
    return 0.5 * x * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))     # the exact one


def repeat(rows, batch):
    return np.repeat(rows[None], batch, axis=0)


# ---------------------------------------------------------------- reading a folder

EDIFICE_BLOCK = {
    "norm": "norm", "mamba_in_proj": "mamba.in_proj", "mamba_conv": "mamba.conv1d", "mamba_ssm_dt_proj": "mamba.dt_proj",
    "mamba_out_proj": "mamba.out_proj", "attn_q": "attention.q_proj", "attn_k": "attention.k_proj",
    "attn_v": "attention.v_proj", "attn_out_proj": "attention.o_proj", "fusion_gate_proj": "fusion.gate_proj",
    "ffn_norm": "ffn_norm", "ffn_up": "ffn.up_proj", "ffn_down": "ffn.down_proj",
}
EDIFICE_PART = {"kernel": "weight", "bias": "bias", "gamma": "weight", "beta": "bias"}


def from_edifice(tensors):
    """Axon's names and orientation to ours: 1-based blocks, dense kernels [in, out], conv kernels [width, 1, inner]."""
    p, rank_rows, bc_rows = {}, {}, {}
    for name, value in tensors.items():
        module, part = name.rsplit(".", 1)
        if part == "kernel":
            value = value[:, 0].T if value.ndim == 3 else value.T
        block = re.fullmatch(r"hymba_block_(\d+)_(.+)", module)
        if not block:
            if module not in ("input_projection", "final_norm"):
                raise SystemExit(f"unknown tensor {name}")
            p[f"{module}.{EDIFICE_PART[part]}"] = value
            continue
        layer, module = f"layers.{int(block[1]) - 1}", block[2]
        if module == "attn_compute":
            kind = {"meta_k": "meta_key", "meta_v": "meta_value"}[part.removeprefix(f"hymba_block_{block[1]}_")]
            p[f"{layer}.attention.{kind}"] = value
        elif module == "mamba_ssm_dt_rank":
            rank_rows[f"{layer}.mamba.x_proj.{EDIFICE_PART[part]}"] = value
        elif module == "mamba_ssm_bc_proj":
            bc_rows[f"{layer}.mamba.x_proj.{EDIFICE_PART[part]}"] = value
        elif module in EDIFICE_BLOCK:
            p[f"{layer}.{EDIFICE_BLOCK[module]}.{EDIFICE_PART[part]}"] = value
        else:
            raise SystemExit(f"unknown tensor {name}")
    if rank_rows.keys() != bc_rows.keys():
        raise SystemExit("ssm_dt_rank and ssm_bc_proj do not come in pairs")
    return p | {name: np.concatenate([rank_rows[name], bc_rows[name]]) for name in rank_rows}


def read(folder):
    """(parameters in float64, config) of an Edifice folder (build_opts.json) or of ours (architecture.json)."""
    tensors = {name: value.astype(np.float64) for name, value in load_file(folder / "model.safetensors").items()}
    if (folder / "build_opts.json").exists():
        options = json.loads((folder / "build_opts.json").read_text())
        return from_edifice(tensors), Config(
            layers=options.get("num_layers", 4), heads=options.get("num_heads", 4), state=options.get("state_size", 16),
            meta="keyValue", meta_count=options.get("num_meta_tokens", 4))
    return tensors, tiny_config(json.loads((folder / "architecture.json").read_text()))


TOLERANCE = 2e-5        # of the largest expected value; float32 noise is a few 1e-7


def check(folder):
    p, config = read(folder)
    expected = load_file(folder / "expected.safetensors")
    captures = forward(p, config, expected["input"].astype(np.float64))
    worst, compared = {}, 0
    for name, want in sorted(expected.items()):
        if name == "input":
            continue
        if name not in captures:
            print(f"not compared: {name}")
            continue
        got = captures[name][:len(want)]          # a recording may hold fewer rows of the batch
        if got.shape != want.shape:
            raise SystemExit(f"{name}: computed {got.shape}, recorded {want.shape}")
        kind = re.sub(r"^layers\.\d+\.|\.\d+$", "", name)
        error = np.abs(got - want).max() / np.abs(want).max()
        worst[kind] = np.maximum(worst.get(kind, 0), error)       # unlike max, keeps a NaN
        compared += 1
    print(f"{folder.name}: {compared} captures; worst max|got - expected| / max|expected| of each kind")
    for kind, error in sorted(worst.items()):
        print(f"  {kind:18} {error:.1e}")
    return compared > 0 and all(error <= TOLERANCE for error in worst.values())


# ---------------------------------------------------------------- the fixture gated-prepended-tiny

SEED, BATCH, SEQ = 1414, 2, 7      # with this seed dt meets both ends of its clip range in both layers
EMBED, HIDDEN, STATE, LAYERS, HEADS, META = 12, 8, 4, 2, 2, 3
INNER, WIDTH, RANK, FFN = 2 * HIDDEN, 4, max(HIDDEN // 8, 1), 4 * HIDDEN


def tiny_architecture():
    layer = {
        "mixer": {"parallel": {
            "attention": {"heads": HEADS, "keyValueHeads": HEADS, "keyHeadSize": HIDDEN // HEADS,
                          "valueHeadSize": HIDDEN // HEADS, "biases": ["q_proj", "k_proj", "v_proj", "o_proj"]},
            "mamba": {"innerSize": INNER, "stateSize": STATE, "rank": RANK, "convWidth": WIDTH,
                      "biases": ["in_proj", "conv1d", "x_proj", "dt_proj", "out_proj"],
                      "decay": "fixed", "timeStepClip": {"lower": 0.001, "upper": 0.1}, "inputTimeStep": "channelMean",
                      "skip": False, "innerNorms": False},
            "fusion": "gated"}},
        "feedForward": {"gelu": {"intermediateSize": FFN}},
    }
    return {"input": {"features": {"size": EMBED}}, "hiddenSize": HIDDEN, "layers": [layer] * LAYERS,
            "metaTokens": {"prepended": {"count": META}}, "norm": {"kind": "layerNorm", "epsilon": 1e-5},
            "output": "lastHiddenState"}


def tiny_config(architecture):
    mixer = architecture["layers"][0]["mixer"]["parallel"]
    clip = mixer["mamba"]["timeStepClip"]
    return Config(
        layers=len(architecture["layers"]), heads=mixer["attention"]["heads"], state=mixer["mamba"]["stateSize"],
        meta="prepended", meta_count=architecture["metaTokens"]["prepended"]["count"],
        epsilon=architecture["norm"]["epsilon"], dt_lower=clip["lower"], dt_upper=clip["upper"])


def tiny_parameters(random):
    p = {}

    def add_dense(name, rows, columns, scale=1.0, bias=(0.0, 0.1)):
        p[f"{name}.weight"] = random.normal(0, scale / math.sqrt(columns), (rows, columns))
        p[f"{name}.bias"] = random.normal(*bias, rows)

    def add_norm(name):
        p[f"{name}.weight"] = random.normal(1, 0.1, HIDDEN)
        p[f"{name}.bias"] = random.normal(0, 0.1, HIDDEN)

    add_dense("input_projection", HIDDEN, EMBED)
    p["meta_tokens"] = random.normal(0, 0.5, (META, HIDDEN))
    for i in range(LAYERS):
        layer = f"layers.{i}"
        add_norm(f"{layer}.norm")
        for part in "qkvo":
            add_dense(f"{layer}.attention.{part}_proj", HIDDEN, HIDDEN)
        add_dense(f"{layer}.mamba.in_proj", 2 * INNER, HIDDEN)
        add_dense(f"{layer}.mamba.conv1d", INNER, WIDTH)
        add_dense(f"{layer}.mamba.x_proj", RANK + 2 * STATE, INNER)
        p[f"{layer}.mamba.x_proj.weight"][RANK:] *= 3                       # B and C
        add_dense(f"{layer}.mamba.dt_proj", INNER, RANK, bias=(-3.5, 1.5))  # so that dt straddles its clip range
        add_dense(f"{layer}.mamba.out_proj", HIDDEN, INNER)
        add_dense(f"{layer}.fusion.gate_proj", HIDDEN, HIDDEN, scale=2)
        add_norm(f"{layer}.ffn_norm")
        add_dense(f"{layer}.ffn.up_proj", FFN, HIDDEN)
        add_dense(f"{layer}.ffn.down_proj", HIDDEN, FFN)
    add_norm("final_norm")
    return {name: p[name].astype(np.float32) for name in sorted(p)}


def gate_statistics(captures):
    """Of the captures as stored: float32 values, float64 statistics."""
    blocks = []
    for i in range(LAYERS):
        gate, mamba, attention = (captures[f"layers.{i}.{kind}"].astype(np.float64) for kind in ("gate", "mamba", "attention"))
        blocks.append({
            "block": i + 1, "count": gate.size, "mean": gate.mean(), "std": gate.std(), "min": gate.min(), "max": gate.max(),
            "frac_below_0.05": (gate < 0.05).mean(), "frac_above_0.95": (gate > 0.95).mean(),
            "mean_abs_mamba_out": np.abs(mamba).mean(), "mean_abs_attn_out": np.abs(attention).mean()})
    return {
        "definition": "float64 statistics of the float32 gate over all batch*(meta+seq)*hidden values, meta positions "
                      "included; std is the population one; fractions are strict (< 0.05, > 0.95)",
        "blocks": blocks}


def record(folder):
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.RandomState(SEED)      # the generator whose stream numpy never changes
    parameters = tiny_parameters(random)
    x = random.normal(0, 1, (BATCH, SEQ, EMBED)).astype(np.float32)
    # from the stored float32 parameters, in float64, stored as float32
    captures = forward({name: value.astype(np.float64) for name, value in parameters.items()},
                       tiny_config(tiny_architecture()), x.astype(np.float64))
    captures = {"input": x} | {name: np.ascontiguousarray(value, dtype=np.float32) for name, value in captures.items()}
    save_file(parameters, folder / "model.safetensors")
    save_file(dict(sorted(captures.items())), folder / "expected.safetensors")
    (folder / "architecture.json").write_text(json.dumps(tiny_architecture(), sort_keys=True, separators=(",", ":")))
    (folder / "gate_stats.json").write_text(json.dumps(gate_statistics(captures), indent=1, default=float) + "\n")
    return True


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("command", choices=["record", "check"])
    arguments.add_argument("folder", type=Path)
    chosen = arguments.parse_args()
    sys.exit(0 if {"record": record, "check": check}[chosen.command](chosen.folder) else 1)
