"""Writes values.safetensors, expected.json and parts.json.

The first has tensors of every floating-point type, the second what NumPy says of them, and the third the same of the
logical parts of fused weights of recorded sets. Everything is computed in float64.

python make_fixtures.py, with numpy, ml_dtypes and safetensors.
"""

import hashlib
import json
import os

import ml_dtypes
import numpy as np
from safetensors.numpy import load_file, save_file

HERE = os.path.dirname(os.path.abspath(__file__))
SHARES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]
BINS = 24

random = np.random.default_rng(20261127)


def effective_bits(values):
    """Bits of the fraction in use, from the shortest hexadecimal form of each value."""
    used = 0
    for value in np.unique(values):
        if value == 0:
            continue
        fraction = float(value).hex().split(".")[-1].split("p")[0]
        bits = int(fraction, 16)
        length = 4 * len(fraction)
        while bits and bits % 2 == 0:
            bits //= 2
            length -= 1
        used = max(used, length if bits else 0)
    return used


def histogram(values):
    lower, upper = np.quantile(values, [0.001, 0.999])
    inside = values[(values >= lower) & (values <= upper)]
    if lower == upper:
        counts = [len(inside)]
    else:
        place = np.minimum(BINS - 1, ((inside - lower) / (upper - lower) * BINS).astype(np.int64))
        counts = np.bincount(place, minlength=BINS).tolist()
    return {"lower": lower, "upper": upper, "counts": counts,
            "below": int((values < lower).sum()), "above": int((values > upper).sum())}


def expected(tensor):
    values = tensor.astype(np.float64).ravel()
    finite = values[np.isfinite(values)]
    result = {
        "sha256": hashlib.sha256(tensor.tobytes()).hexdigest(),
        "count": len(values), "nanCount": int(np.isnan(values).sum()), "infiniteCount": int(np.isinf(values).sum()),
        "zeroShare": float((values == 0).mean()) if len(values) else 0.0,
        "mean": None, "std": None, "min": None, "max": None, "quantiles": [], "effectiveBits": 0, "histogram": None}
    if len(finite):
        result.update(
            mean=finite.mean(), std=finite.std(), min=finite.min(), max=finite.max(),
            quantiles=[{"share": share, "value": value} for share, value in zip(SHARES, np.quantile(finite, SHARES))],
            effectiveBits=effective_bits(finite), histogram=histogram(finite))
    return result


def normal(count, scale=0.02, mean=0.0):
    return random.normal(mean, scale, count).astype(np.float32)


holes = normal(900)
holes[[3, 500]] = np.nan
holes[7] = np.inf
holes[[8, 9, 10]] = -np.inf
holes[100:250] = 0
holes[11] = -0.0

tensors = {
    "normal": normal(3000).reshape(30, 100),
    "shifted": normal(1500, scale=0.001, mean=1.0),
    "wide": (normal(2000, scale=1.0) * np.exp(random.uniform(-40, 40, 2000))).astype(np.float32),
    "holes": holes,
    "positive": np.exp(normal(1200, scale=2.0)),
    "negative": -np.exp(normal(1200, scale=2.0)),
    "zeros": np.zeros(50, np.float32),
    "constant": np.full(77, 1.5, np.float32),
    "one": np.array([0.1], np.float32),
    "empty": np.zeros((0, 4), np.float32),
    "nothing finite": np.array([np.nan, np.inf, -np.inf], np.float32),
    "was BF16": normal(2500).astype(ml_dtypes.bfloat16).astype(np.float32),
    "was F16": normal(2500).astype(np.float16).astype(np.float32),
    "subnormal": (random.integers(-5000, 5000, 700) * 2.0 ** -149).astype(np.float32),
    "F64": random.normal(0, 1e-3, 1100),
    "F16": normal(2100).astype(np.float16),
    "BF16": normal(2100).astype(ml_dtypes.bfloat16),
    "F8_E4M3": normal(600, scale=1.0).astype(ml_dtypes.float8_e4m3fn),
    "F8_E5M2": normal(600, scale=1.0).astype(ml_dtypes.float8_e5m2),
}
with open(os.path.join(HERE, "expected.json"), "w", encoding="utf-8") as file:
    json.dump({name: expected(tensor) for name, tensor in tensors.items()}, file, indent=1)
    file.write("\n")
save_file(tensors, os.path.join(HERE, "values.safetensors"))


# --- logical parts --------------------------------------------------------------------------------------


def recorded(name):
    folder = os.path.join(HERE, "..", name)
    with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
        return json.load(file), load_file(os.path.join(folder, "model.safetensors"))


def rows(tensor, *parts):
    start, found = 0, {}
    for name, count in parts:
        found[name] = expected(tensor[start:start + count])
        start += count
    assert start == len(tensor)
    return found


parts = {}
config, weights = recorded("hymba-nvidia-tiny")
hidden, inner = config["hidden_size"], config["mamba_expand"] * config["hidden_size"]
kv, heads = config["num_key_value_heads"], config["num_attention_heads"]
parts["hymba-nvidia-tiny"] = {"model.layers.0.mamba.in_proj.weight": rows(
    weights["model.layers.0.mamba.in_proj.weight"], ("q", hidden), ("k", kv * hidden // heads),
    ("v", kv * inner // heads), ("x", inner), ("z", inner))}

config, weights = recorded("mamba2-tiny")
inner, heads = config["expand"] * config["hidden_size"], config["num_heads"]
width = config["n_groups"] * config["state_size"]
mixer = "backbone.layers.1.mixer."
parts["mamba2-tiny"] = {
    mixer + "in_proj.weight": rows(
        weights[mixer + "in_proj.weight"], ("z", inner), ("x", inner), ("B", width), ("C", width), ("dt", heads)),
    mixer + "conv1d.weight": rows(weights[mixer + "conv1d.weight"], ("x", inner), ("B", width), ("C", width))}

config, weights = recorded("jamba-tiny")
inner = config["mamba_expand"] * config["hidden_size"]
mixer = "model.layers.0.mamba."
parts["jamba-tiny"] = {
    mixer + "in_proj.weight": rows(weights[mixer + "in_proj.weight"], ("x", inner), ("z", inner)),
    mixer + "x_proj.weight": rows(
        weights[mixer + "x_proj.weight"], ("dt", config["mamba_dt_rank"]), ("B", config["mamba_d_state"]),
        ("C", config["mamba_d_state"]))}

# Zamba's rows of the input are x and z in turn, and each head has its own dt, B and C.
config, weights = recorded("zamba-tiny")
rank, state = config["mamba_dt_rank"], config["mamba_d_state"]
mixer = "model.layers.0.mamba."
heads = weights[mixer + "x_proj_weight"]
parts["zamba-tiny"] = {
    mixer + "in_proj.weight": {
        "x": expected(weights[mixer + "in_proj.weight"][0::2]), "z": expected(weights[mixer + "in_proj.weight"][1::2])},
    mixer + "x_proj_weight": {
        "dt": expected(heads[:, :rank]), "B": expected(heads[:, rank:rank + state]),
        "C": expected(heads[:, rank + state:])}}
with open(os.path.join(HERE, "parts.json"), "w", encoding="utf-8") as file:
    json.dump(parts, file, indent=1)
    file.write("\n")
