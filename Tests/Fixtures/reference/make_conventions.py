"""Writes Tests/Fixtures/conventions: for each case the tensors of a recorded set that one transformation changed.

    pip install numpy safetensors ml_dtypes
    python make_conventions.py

conventions/NAME.safetensors holds the changed tensors under the names of the files; all others are those of the set. expected.json
says for each case its set, the options of config.json that changed, and which parameters get which flag. A case without a
kind is a control, of which nothing but notes may be said.
"""

import json
import os
import re
import shutil

import ml_dtypes
import numpy as np
from safetensors.numpy import load_file, save_file

HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURES = os.path.dirname(HERE)
SETS = {name: load_file(os.path.join(FIXTURES, name, "model.safetensors")) for name in ("bamba-tiny", "jamba-tiny", "falcon-h1-tiny")}
OURS = [
    (r"^model\.", ""), (r"input_layernorm", "norm"), (r"pre_ff_layernorm", "ffn_norm"), (r"final_layernorm", "final_norm"),
    (r"self_attn", "attention"), (r"feed_forward", "ffn"), (r"mamba\.dt_layernorm", "mamba.dt_norm"),
    (r"mamba\.b_layernorm", "mamba.B_norm"), (r"mamba\.c_layernorm", "mamba.C_norm"),
]
random = np.random.default_rng(20261128)
cases, expected = {}, {}


def ours(name):
    for pattern, text in OURS:
        name = re.sub(pattern, text, name)
    return name


def named(base, pattern):
    return {name: value for name, value in SETS[base].items() if re.search(pattern, name)}


def case(name, base, changed, kind=None, severity=None, only=None, configuration=None):
    changed = {key: np.ascontiguousarray(value, dtype=np.float32) for key, value in changed.items()}
    for key, value in changed.items():
        assert value.shape == SETS[base][key].shape, (name, key)
    cases[name] = changed
    expected[name] = {
        "base": base, "kind": kind, "severity": severity, "configuration": configuration or {},
        "parameters": sorted(ours(key) for key in changed if only is None or key in only) if kind else [],
    }


def softplus(x):
    return np.log1p(np.exp(x.astype(np.float64)))


# Norms.
NORM = r"norm.*weight$"
norms = named("bamba-tiny", NORM)
case("norm-minus-one", "bamba-tiny", {k: v - 1 for k, v in norms.items()}, "normCentre", "error")
case("norm-plus-one", "bamba-tiny", {k: v + 1 for k, v in norms.items()}, "normCentre", "error")
case("norm-minus-one-jamba", "jamba-tiny", {k: v - 1 for k, v in named("jamba-tiny", NORM).items()}, "normCentre", "error")
# Trained norms of any size, positive.
case("control-norm-sizes", "bamba-tiny", {
    k: v * np.exp(random.normal(0, 0.8)) for k, v in norms.items()})
# One layer's norm alone, and norms within the mixer, may lie around 2.
case("control-norm-one-layer", "bamba-tiny", {
    k: v + 1 for k, v in norms.items() if "layers.2." in k})
case("control-norm-inner", "jamba-tiny", {k: v + 1 for k, v in named("jamba-tiny", r"mamba\.(b|c|dt)_layernorm").items()})
case("control-norm-some-negative", "bamba-tiny", {
    k: np.where(random.random(v.shape) < 0.1, -v, v) for k, v in norms.items()})

# Decay rates.
for base in ("bamba-tiny", "jamba-tiny"):
    logs = named(base, r"A_log")
    case(f"decay-negative-{base[:-5]}", base, {k: -np.exp(v) for k, v in logs.items()}, "decayStored", "error")
logs = named("bamba-tiny", r"A_log")
fresh = {k: np.log(random.uniform(1, 16, v.shape)) for k, v in logs.items()}
case("decay-positive", "bamba-tiny", {k: np.exp(v) for k, v in fresh.items()}, "decayStored", "error")
case("decay-sign", "bamba-tiny", {k: -v for k, v in fresh.items()}, "decaySign", "warning")
case("control-decay-fresh", "bamba-tiny", fresh)
case("control-decay-slow", "bamba-tiny", {k: random.uniform(-3, 2.8, v.shape) for k, v in logs.items()})

# Time steps.
for base, name in (("jamba-tiny", r"dt_proj\.bias"), ("bamba-tiny", r"dt_bias")):
    biases = named(base, name)
    fresh = {k: np.exp(random.uniform(np.log(0.001), np.log(0.1), v.shape)) for k, v in biases.items()}
    case(f"time-steps-{base[:-5]}", base, fresh, "timeStepBias", "error")
    case(f"control-time-steps-{base[:-5]}", base, {k: v + np.log(-np.expm1(-v)) for k, v in fresh.items()})
trained = named("jamba-tiny", r"dt_proj\.bias")
case("time-steps-trained", "jamba-tiny", {k: softplus(v) for k, v in trained.items()}, "timeStepBias", "error")
case("control-time-steps-one", "bamba-tiny", {k: np.ones_like(v) for k, v in biases.items()})
case("control-time-steps-near-one", "bamba-tiny", {k: 1 + random.normal(0, 0.1, v.shape) for k, v in biases.items()})
case("control-time-steps-near-zero", "jamba-tiny", {k: np.abs(random.normal(0.3, 0.05, v.shape)) for k, v in trained.items()})

# Convolutions, of which later taps are larger.
for base in ("jamba-tiny", "bamba-tiny"):
    taps = {k: random.normal(0, 1, v.shape) * np.array([0.05, 0.2, 0.3, 0.5]) for k, v in named(base, r"conv1d\.weight").items()}
    case(f"control-convolution-{base[:-5]}", base, taps)
    case(f"convolution-transposed-{base[:-5]}", base, {
        k: v[:, 0, :].T.reshape(v.shape) for k, v in taps.items()}, "convolution", "warning")
    case(f"convolution-reversed-{base[:-5]}", base, {k: v[..., ::-1] for k, v in taps.items()}, "convolution", "note")
case("control-convolution-channels", "bamba-tiny", {
    k: v * np.linspace(0.2, 2, v.shape[0])[:, None, None] for k, v in taps.items()})

# Multipliers of a size that releases have.
factors = {"embedding_multiplier": 5.65685, "lm_head_multiplier": 0.0130208, "key_multiplier": 0.0306904}
ends = named("falcon-h1-tiny", r"embed_tokens|lm_head")
keys = named("falcon-h1-tiny", r"k_proj")
case("multipliers-ends", "falcon-h1-tiny", {
    k: v * factors["embedding_multiplier" if "embed" in k else "lm_head_multiplier"] for k, v in ends.items()},
    "multipliers", "error", configuration=factors)
# The recorded keys and queries have one size, so that the product has the factor itself, or hardly less.
ratios = [
    np.sqrt(np.mean((v * factors["key_multiplier"]) ** 2) / np.mean(SETS["falcon-h1-tiny"][k.replace("k_proj", "q_proj")] ** 2))
    for k, v in keys.items()]
case("multipliers-keys", "falcon-h1-tiny", {k: v * factors["key_multiplier"] for k, v in keys.items()},
     "multipliers", "error" if np.median(ratios) <= factors["key_multiplier"] else "warning", configuration=factors)
case("control-multipliers", "falcon-h1-tiny", {
    "model.final_layernorm.weight": SETS["falcon-h1-tiny"]["model.final_layernorm.weight"]}, configuration=factors)
# Without the factors in the configuration, folded weights are right.
case("control-multipliers-folded", "falcon-h1-tiny", {k: v * 20 if "embed" in k else v / 20 for k, v in ends.items()})

# Tensors that were never filled, or not to their end.
IN, DOWN = "model.layers.0.mamba.in_proj.weight", "model.layers.0.feed_forward.down_proj.weight"
K, EMBEDDING = "model.layers.1.self_attn.k_proj.weight", "model.embed_tokens.weight"
B = SETS["bamba-tiny"]


def cut(value, kept):
    flat = value.copy().reshape(-1)
    flat[kept:] = 0
    return flat.reshape(value.shape)


case("zero", "bamba-tiny", {IN: np.zeros_like(B[IN])}, "zero", "error")
case("zero-mostly", "bamba-tiny", {IN: np.where(random.random(B[IN].shape) < 0.7, 0, B[IN])}, "zero", "warning")
case("constant", "bamba-tiny", {DOWN: np.full_like(B[DOWN], 0.02)}, "constant", "warning")
case("zero-tail", "bamba-tiny", {IN: cut(B[IN], 3217)}, "zeroTail", "error")
case("zero-tail-embedding", "bamba-tiny", {EMBEDDING: cut(B[EMBEDDING], 2003)}, "zeroTail", "error")
case("zero-tail-rows", "bamba-tiny", {IN: cut(B[IN], 100 * 32)}, "zeroTail", "warning")
columns = B[DOWN].copy()
columns[:, -20:] = 0
case("control-zero-columns", "bamba-tiny", {DOWN: columns})
case("control-zero-vocabulary", "bamba-tiny", {EMBEDDING: cut(B[EMBEDDING], 60 * 32)})
case("control-zero-bias", "bamba-tiny", {k: np.zeros_like(v) for k, v in named("bamba-tiny", r"conv1d\.bias").items()})
case("control-zero-scattered", "bamba-tiny", {IN: np.where(random.random(B[IN].shape) < 0.45, 0, B[IN])})
case("repeated-rows", "bamba-tiny", {K: np.concatenate([B[K][:8], B[K][:8]])}, "repeatedRows", "warning")
one = B[IN].copy()
one[17] = one[3]
case("repeated-row", "bamba-tiny", {IN: one}, "repeatedRows", "note")
same = B[EMBEDDING].copy()
same[50:] = same[50]
case("control-repeated-vocabulary", "bamba-tiny", {EMBEDDING: same})

# Types and beginnings.
case("stored-wide", "bamba-tiny", {IN: B[IN].astype(ml_dtypes.bfloat16)}, "storedWide", "note")
case("stored-wide-f16", "bamba-tiny", {IN: B[IN].astype(np.float16)}, "storedWide", "note")
case("fresh-uniform", "bamba-tiny", {IN: random.uniform(-1, 1, B[IN].shape) / np.sqrt(32)}, "fresh", "note")
case("fresh-normal", "bamba-tiny", {IN: random.normal(0, 0.02, B[IN].shape)}, "fresh", "note")
case("fresh-ones", "bamba-tiny", {k: np.ones_like(v) for k, v in named("bamba-tiny", r"\.D$|input_layernorm").items()}, "fresh", "note")
case("fresh-decay", "jamba-tiny", {
    k: np.log(np.tile(np.arange(1, v.shape[1] + 1), (v.shape[0], 1))) for k, v in named("jamba-tiny", r"A_log").items()},
    "fresh", "note")
case("control-fresh", "bamba-tiny", {IN: random.standard_t(4, B[IN].shape) * 0.02})

folder = os.path.join(FIXTURES, "conventions")
shutil.rmtree(folder, ignore_errors=True)
os.makedirs(folder)
for name, changed in cases.items():
    save_file(changed, os.path.join(folder, name + ".safetensors"))
with open(os.path.join(folder, "expected.json"), "w") as file:
    json.dump(expected, file, indent=1, sort_keys=True)
    file.write("\n")
