"""Writes casts.safetensors: numbers, and what they are when cast to other types.

    pip install numpy ml_dtypes safetensors
    python make_fixtures.py

From F64 to BF16, ml_dtypes rounds twice (by way of F32), so that column is made with exact fractions: the nearest of all BF16
numbers, of two equally near ones the one with an even pattern. The same search must give what NumPy and ml_dtypes give
elsewhere, which is checked here.
"""
import bisect
import os
import struct
from fractions import Fraction

import ml_dtypes
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
random = np.random.default_rng(20261124)

INFINITY = {"F16": 0x7C00, "BF16": 0x7F80}
TYPES = {"F16": np.float16, "BF16": ml_dtypes.bfloat16}


def numbers(kind):
    """The non-negative numbers of a type in order, so that the index is the pattern; infinity as the next power of two."""
    patterns = np.arange(INFINITY[kind] + 1, dtype=np.uint16)
    values = [Fraction(float(v)) for v in patterns[:-1].view(TYPES[kind]).astype(np.float64)]
    return values + [2 * values[-1] - values[-2]]


TABLES = {kind: numbers(kind) for kind in TYPES}


def nearest(value, kind):
    sign = 0x8000 if np.signbit(value) else 0
    if np.isnan(value):
        return sign | INFINITY[kind] | 1
    if np.isinf(value):
        return sign | INFINITY[kind]
    table, exact = TABLES[kind], abs(Fraction(float(value)))
    above = bisect.bisect_left(table, exact)
    if above == len(table):
        return sign | INFINITY[kind]
    if above == 0 or table[above] == exact:
        return sign | above
    low, high = exact - table[above - 1], table[above] - exact
    return sign | (above - 1 if low < high or (low == high and above % 2) else above)


def hard(kind, dtype):
    """Numbers on and beside the middle between two neighbours of a type, over all exponents."""
    table = TABLES[kind]
    out = []
    for index in [0, 1, 2, len(table) - 2, *random.integers(0, len(table) - 1, 300)]:
        middle = dtype((table[index] + table[index + 1]) / 2)
        out += [middle, np.nextafter(middle, dtype(0)), np.nextafter(middle, dtype(np.inf)), dtype(table[index])]
    return out


def column(dtype, bits):
    values = hard("F16", dtype) + hard("BF16", dtype)
    values += list(random.integers(0, 2**bits, 1000, dtype=np.uint64).astype(f"u{bits // 8}").view(dtype))
    values += list(random.standard_normal(500).astype(dtype) * dtype(0.02))
    values += [dtype(x) for x in (0.0, np.inf, np.nan, 1.0, 65504, 65519.99, 65520, 65536, 3.0e38, 6e-8, 2.0**-25)]
    # One F32 step is lost between a BF16 tie and this number, but it decides.
    if dtype is np.float64:
        values += [1 + 2.0**-8 + 2.0**-40, 1 + 2.0**-8 - 2.0**-40, 1 + 3 * 2.0**-8 - 2.0**-40, 1 + 2.0**-11 + 2.0**-50]
    return np.array(values + [-v for v in values], dtype)


def exact_float32(values):
    with np.errstate(over="ignore"):
        return values.astype(np.float32)


def same(got, expected, kind):
    nan = (expected & 0x7FFF) > INFINITY[kind]
    assert np.array_equal((got & 0x7FFF) > INFINITY[kind], nan)
    assert np.array_equal(got[~nan], expected[~nan])


def make():
    tensors = {}
    with np.errstate(over="ignore", invalid="ignore"):
        for name, dtype, bits in [("F64", np.float64, 64), ("F32", np.float32, 32)]:
            values = column(dtype, bits)
            tensors[name] = (name, values)
            for kind in TYPES:
                expected = np.array([nearest(v, kind) for v in values], np.uint16)
                if (name, kind) != ("F64", "BF16"):
                    same(values.astype(TYPES[kind]).view(np.uint16), expected, kind)
                tensors[f"{name}.{kind}"] = (kind, expected)
        tensors["F64.F32"] = ("F32", exact_float32(tensors["F64"][1]))
        every = np.arange(65536, dtype=np.uint16)
        for name, other in [("F16", "BF16"), ("BF16", "F16")]:
            wide = every.view(TYPES[name]).astype(np.float32)
            narrow = wide.astype(TYPES[other]).view(np.uint16)
            same(narrow, np.array([nearest(v, other) for v in wide], np.uint16), other)
            tensors[f"{name}.{other}"] = (other, narrow)
        tensors["F16.F32"] = ("F32", every.view(np.float16).astype(np.float32))
        bytes_ = np.arange(256, dtype=np.uint8)
        for name, dtype in [("F8_E4M3", ml_dtypes.float8_e4m3fn), ("F8_E5M2", ml_dtypes.float8_e5m2)]:
            tensors[f"{name}.F32"] = ("F32", bytes_.view(dtype).astype(np.float32))
    return tensors


def save(tensors):
    """As safetensors; by hand, as the library's NumPy side has no BF16."""
    header, data = [], b""
    for name, (kind, values) in sorted(tensors.items(), key=lambda t: (-t[1][1].itemsize, t[0])):
        content = np.ascontiguousarray(values).tobytes()
        header.append(f'"{name}":{{"dtype":"{kind}","shape":[{values.size}],"data_offsets":[{len(data)},{len(data) + len(content)}]}}')
        data += content
    text = ("{" + ",".join(header) + "}").encode()
    text += b" " * (-len(text) % 8)
    with open(os.path.join(HERE, "casts.safetensors"), "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


save(make())
