"""Writes the NumPy fixtures of this folder, and the same arrays as safetensors.

    pip install numpy safetensors ml_dtypes
    python make_fixtures.py
"""
import os

import ml_dtypes
import numpy as np
from safetensors.numpy import load_file, save_file

HERE = os.path.dirname(os.path.abspath(__file__))
random = np.random.default_rng(20261124)


def path(name):
    return os.path.join(HERE, name)


def expected(name, arrays):
    save_file({k.replace("/", "."): np.ascontiguousarray(v.astype(v.dtype.newbyteorder("<"))).reshape(v.shape)
               for k, v in arrays.items()}, path(name + ".safetensors"))


arrays = {
    "float64": random.standard_normal((3, 4)),
    "float32": random.standard_normal((2, 3, 4)).astype("f4"),
    "float16": random.standard_normal((3, 4)).astype("f2"),
    "int64": random.integers(-(2**62), 2**62, (3, 4)),
    "int32": random.integers(-(2**31), 2**31, (3, 4)).astype("i4"),
    "int16": random.integers(-(2**15), 2**15, (3, 4)).astype("i2"),
    "int8": random.integers(-128, 128, (3, 4)).astype("i1"),
    "uint64": random.integers(0, 2**63, (3, 4)).astype("u8"),
    "uint32": random.integers(0, 2**32, (3, 4)).astype("u4"),
    "uint16": random.integers(0, 2**16, (3, 4)).astype("u2"),
    "uint8": random.integers(0, 256, (3, 4)).astype("u1"),
    "bool": random.integers(0, 2, (3, 4)).astype("?"),
    "scalar": np.float32(2.5).reshape(()),
    "empty": np.zeros((0, 4), "f4"),
    "layers/0/größe": random.standard_normal(5).astype("f4"),
}
expected("arrays", arrays)
forms = {
    "c": lambda a: a,
    "fortran": np.asfortranarray,
    "big": lambda a: a.astype(a.dtype.newbyteorder(">")),
    "fortran-big": lambda a: np.asfortranarray(a.astype(a.dtype.newbyteorder(">"))),
}
for form, change in forms.items():
    # asfortranarray makes an array of one dimension out of a scalar.
    changed = {k: change(v).reshape(v.shape) if v.ndim == 0 else change(v) for k, v in arrays.items()}
    np.savez(path(f"{form}.npz"), **changed)
    np.savez_compressed(path(f"{form}-compressed.npz"), **changed)

# The tensors of a recorded model, which an .npz should fingerprint like its safetensors.
model = load_file(os.path.join(HERE, "../edifice-hymba-tiny/model.safetensors"))
np.savez_compressed(path("edifice-hymba-tiny.npz"), **model)
with open(path("lone.npy"), "wb") as file:
    np.lib.format.write_array(file, np.asfortranarray(arrays["float32"]), version=(2, 0))

# Refused.
np.savez(path("objects.npz"), weight=np.ones(2, "f4"), args=np.array({"lr": 1}, dtype=object))
np.savez(path("text.npz"), weight=np.ones(2, "f4"), name=np.array("run 7"))
np.savez(path("record.npz"), weight=np.ones(2, [("a", "f4"), ("b", "i4")]))
np.savez(path("bfloat16.npz"), weight=np.ones(2, ml_dtypes.bfloat16))
np.savez(path("float8.npz"), weight=np.ones(2, ml_dtypes.float8_e4m3fn))
