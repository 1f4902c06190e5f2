"""Writes what the tests of differences read: for each case the tensors that a transformation makes of bamba-tiny's, and what is
expected of the comparison.

    pip install numpy safetensors ml_dtypes
    python make_fixtures.py

cases/NAME.safetensors holds the changed tensors of the second checkpoint under the names of the files; all others are those of
bamba-tiny. expected.json says for each case which tensor changed, how, and by how much in float64. A case whose `kind` is null is
a control: nothing may explain it, or not what `never` names. low-rank.safetensors holds pairs of matrices, and expected.json
the ranks and energies that NumPy's singular value decomposition gives.
"""

import json
import os
import shutil

import ml_dtypes
import numpy as np
from safetensors.numpy import load_file, save_file

HERE = os.path.dirname(os.path.abspath(__file__))
BASE = load_file(os.path.join(HERE, "..", "bamba-tiny", "model.safetensors"))
HEADS, HEAD, ROTATED = 4, 8, 4
INNER, SHARED = 64, 16
PARTS = {"z": INNER, "x": INNER, "B": SHARED, "C": SHARED, "dt": 8}
random = np.random.default_rng(20261127)
BF16 = ml_dtypes.bfloat16

Q = "model.layers.1.self_attn.q_proj.weight"
O = "model.layers.1.self_attn.o_proj.weight"
NORM = "model.layers.0.input_layernorm.weight"
A_LOG = "model.layers.0.mamba.A_log"
DT = "model.layers.0.mamba.dt_bias"
IN = "model.layers.0.mamba.in_proj.weight"
CONV = "model.layers.0.mamba.conv1d.weight"
UP = "model.layers.0.feed_forward.up_proj.weight"
DOWN = "model.layers.0.feed_forward.down_proj.weight"
HEAD_WEIGHT = "lm_head.weight"

cases, expected = {}, {}


def noise(values, size):
    return (values * (1 + size * random.standard_normal(values.shape))).astype(np.float32)


def one_changed(values, index=5):
    values = np.array(values, order="C")
    flat = values.reshape(-1)
    flat[index] *= np.float32(1.5)
    return values


def case(name, tensor, value, kind, detail=None, exact=True, status="changed", never=None, measured=True, also=None):
    value = np.ascontiguousarray(value)
    cases[name] = {tensor: value, **(also or {})}
    a, b = BASE[tensor].astype(np.float64).reshape(-1), value.astype(np.float64).reshape(-1)
    entry = {"tensor": tensor, "status": status, "kind": kind, "detail": detail, "exact": exact, "never": never}
    if measured:
        entry["relativeChange"] = float(np.linalg.norm(a - b) / np.linalg.norm(a))
        entry["cosine"] = float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b))) if b.any() else None
        entry["maxDifference"] = float(np.abs(a - b).max())
    expected[name] = entry


def control(name, tensor, value, never, kind=None, **options):
    case(name, tensor, value, kind, exact=None, never=never, **options)


def parts(weight):
    return dict(zip(PARTS, np.split(weight, np.cumsum(list(PARTS.values()))[:-1])))


def fused(parts, order=PARTS):
    return np.concatenate([parts[name] for name in order])


# Casts.
case("cast", Q, BASE[Q].astype(BF16), "cast", "cast from F32 to BF16, rounded to nearest", status="retyped")
case("cast-widened", Q, BASE[Q].astype(np.float64), "cast", "cast from F32 to F64, without loss", status="retyped", measured=False)
case("cast-stored-back", Q, BASE[Q].astype(BF16).astype(np.float32), "cast", "rounded to BF16 and stored as F32")
truncated = (BASE[Q].view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32)
case("cast-truncated", Q, truncated.astype(BF16), "cast", "cast from F32 to BF16, truncated", status="retyped")
case("cast-f16", Q, BASE[Q].astype(np.float16).astype(np.float32), "cast", "rounded to F16 and stored as F32")
control("cast-control", Q, one_changed(BASE[Q].astype(BF16).astype(np.float32)), "cast")

# The order of the elements.
case("transpose", Q, BASE[Q].T, "transpose", "rows and columns exchanged")
control("transpose-control", Q, one_changed(BASE[Q].T), "transpose")
case("transpose-kept-shape", UP, BASE[UP].T.reshape(BASE[UP].shape), "transpose", "rows and columns exchanged under the former shape")
case("transpose-reshaped", UP, BASE[UP].T, "transpose", "rows and columns exchanged", status="reshaped", measured=False)
case("reshape", CONV, BASE[CONV].squeeze(1), "reshape", "the same elements in another shape", status="reshaped", measured=False)
control("reshape-control", CONV, one_changed(BASE[CONV].reshape(2, -1, 4)), "reshape", status="reshaped", measured=False)

# Functions of single elements.
case("offset", NORM, BASE[NORM] + np.float32(1), "offset", "+1")
case("offset-back", NORM, BASE[NORM] - np.float32(1), "offset", "-1")
case("offset-bf16", NORM, (BASE[NORM] + np.float32(1)).astype(BF16), "offset", "+1")
control("offset-control", NORM, BASE[NORM] + np.float32(0.999), "offset")
control("offset-noise", NORM, noise(BASE[NORM] + np.float32(1), 1e-4), "offset")
case("scale", DOWN, BASE[DOWN] * np.float32(0.7), "scale", "times 0.7")
case("scale-root", DOWN, BASE[DOWN] * np.float32(8 ** -0.5), "scale", "times 0.35355338")
case("scale-twice", DOWN, BASE[DOWN] * np.float32(1.7) * np.float32(0.45), "scale", "times 0.765", exact=False)
case("scale-zero", DOWN, BASE[DOWN] * np.float32(0), "scale", "times 0")
control("scale-control", DOWN, noise(BASE[DOWN] * np.float32(0.7), 1e-4), "scale")
case("negate", A_LOG, -BASE[A_LOG], "negate", "negated")
control("negate-control", DOWN, one_changed(-BASE[DOWN]), "negate")
case("exponential", A_LOG, -np.exp(BASE[A_LOG].astype(np.float64)).astype(np.float32), "exponential", "-exp(a)")
control("exponential-control", A_LOG, noise(-np.exp(BASE[A_LOG]), 1e-4), "exponential")

# The order of rows and columns.
heads = BASE[Q].reshape(HEADS, HEAD, -1)
pairs = heads.reshape(HEADS, 2, HEAD // 2, -1).swapaxes(1, 2).reshape(BASE[Q].shape)
case("interleave", Q, pairs, "interleave", "rows from halves to pairs, heads of 8")
halves = heads.reshape(HEADS, HEAD // 2, 2, -1).swapaxes(1, 2).reshape(BASE[Q].shape)
case("interleave-back", Q, halves, "interleave", "rows from pairs to halves, heads of 8")
partial = np.array(heads)
partial[:, :ROTATED] = heads[:, :ROTATED].reshape(HEADS, 2, ROTATED // 2, -1).swapaxes(1, 2).reshape(HEADS, ROTATED, -1)
case("interleave-partial", Q, partial.reshape(BASE[Q].shape), "interleave", "rows from halves to pairs, the first 4 of heads of 8")
swapped = np.array(pairs)
swapped[[3, 4]] = swapped[[4, 3]]
control("interleave-control", Q, swapped, "interleave", kind="permutation")
case("permutation-heads", Q, heads[[2, 0, 3, 1]].reshape(BASE[Q].shape), "permutation", "heads in another order: 2, 0, 3, 1")
columns = BASE[O].reshape(-1, HEADS, HEAD)[:, [1, 0, 2, 3]].reshape(BASE[O].shape)
case("permutation-columns", O, columns, "permutation", "heads (columns) in another order: 1, 0, 2, 3")
rows = BASE[HEAD_WEIGHT][random.permutation(len(BASE[HEAD_WEIGHT]))]
case("permutation-rows", HEAD_WEIGHT, rows, "permutation", None)
control("permutation-control", HEAD_WEIGHT, one_changed(rows), "permutation")
per_head = BASE[DT][[1, 0, 2, 3, 4, 5, 7, 6]]
case("permutation-scalars", DT, per_head, "permutation", "heads in another order: 1, 0, 2, 3, 4, 5, 7, 6")

# Parts of fused weights.
own = parts(BASE[IN])
case("parts", IN, fused({**own, "z": own["x"], "x": own["z"]}), "parts", "z and x swapped")
case("parts-order", IN, fused(own, ["x", "B", "C", "z", "dt"]), "parts", "parts in the order x, B, C, z, dt")
case("parts-one", IN, fused({**own, "B": own["B"] * np.float32(0.5)}), "parts", "only B: times 0.5")
factors = dict(zip(PARTS, [0.9, 0.8, 0.7, 1.2, 1.1]))
scaled = {name: own[name] * np.float32(factors[name]) for name in PARTS}
case("parts-multipliers", IN, fused(scaled), "parts", "z: times 0.9; x: times 0.8; B: times 0.7; C: times 1.2; dt: times 1.1")
fresh = own["C"].std() * random.standard_normal(own["C"].shape).astype(np.float32)
case("parts-fresh", IN, fused({**own, "C": fresh}), "parts", None, exact=False)
control("parts-control", IN, noise(BASE[IN], 0.1), "parts")

# Other tensors.
other = "model.layers.3.feed_forward.up_proj.weight"
case("same-as", UP, BASE[other], "sameAs", "equal to layers.3.ffn.up_proj.weight of the first")
case("same-as-swapped", UP, BASE[other], "sameAs", "swapped with layers.3.ffn.up_proj.weight", also={other: BASE[UP]})
control("same-as-control", UP, one_changed(BASE[other]), "sameAs", kind="unrelated")

# Differences.
left, right = random.standard_normal((len(BASE[UP]), 3)), random.standard_normal((3, BASE[UP].shape[1]))
change = 0.1 * BASE[UP].std() * (left @ right)
case("low-rank", UP, BASE[UP] + change.astype(np.float32), "lowRank", "the difference has rank 3, with 100 % of its energy", exact=False)
blurred = change + 0.02 * change.std() * random.standard_normal(change.shape)
control("low-rank-control", UP, BASE[UP] + blurred.astype(np.float32), "lowRank")
few = np.array(BASE[DOWN])
few.reshape(-1)[[3, 77, 500, 501, 1400]] += np.float32(0.25)
case("sparse", DOWN, few, "sparse", "5 of 1792 elements, in 4 of 32 rows", exact=False)
block = np.array(BASE[DOWN])
block[8:14] = noise(block[8:14], 0.5)
case("sparse-rows", DOWN, block, "sparse", "336 of 1792 elements, rows 8 to 13", exact=False)
control("sparse-control", DOWN, noise(BASE[DOWN], 1e-3), "sparse")
case("unrelated", O, BASE[O].std() * random.standard_normal(BASE[O].shape).astype(np.float32), "unrelated", None, exact=False)
case("unrelated-constant", DT, np.ones_like(BASE[DT]), "unrelated", "every element is 1, as set by an initialisation", exact=False)
control("unrelated-control", O, BASE[O] + 0.3 * BASE[O].std() * random.standard_normal(BASE[O].shape).astype(np.float32), "unrelated")


def low_rank():
    """Pairs of matrices, their expected rank, and the energy that it holds; null where no low rank does."""
    matrices, numbers = {}, {}

    def pair(name, shape, rank, type, blur=0.0):
        a = random.standard_normal(shape).astype(np.float32).astype(type)
        change = 0.3 * random.standard_normal((shape[0], rank)) @ random.standard_normal((rank, shape[1])) / rank ** 0.5
        change += blur * random.standard_normal(shape)
        b = (a.astype(np.float32) + change.astype(np.float32)).astype(type)
        matrices[name + ".a"], matrices[name + ".b"] = a, b
        energies = np.linalg.svd(b.astype(np.float64) - a.astype(np.float64), compute_uv=False) ** 2
        numbers[name] = {"rank": None if blur else rank, "energy": float(energies[:rank].sum() / energies.sum())}

    pair("f32", (120, 90), 5, np.float32)
    pair("bf16", (200, 180), 8, BF16)
    pair("wide", (40, 300), 1, np.float32)
    pair("full", (120, 90), 90, np.float32, blur=0.1)
    pair("blurred", (120, 100), 8, np.float32, blur=0.003)
    save_file(matrices, os.path.join(HERE, "low-rank.safetensors"))
    return numbers


folder = os.path.join(HERE, "cases")
shutil.rmtree(folder, ignore_errors=True)
os.makedirs(folder)
for name, tensors in cases.items():
    save_file(tensors, os.path.join(folder, name + ".safetensors"))
with open(os.path.join(HERE, "expected.json"), "w", encoding="utf-8") as file:
    json.dump({"cases": expected, "lowRank": low_rank()}, file, indent=1)
    file.write("\n")
