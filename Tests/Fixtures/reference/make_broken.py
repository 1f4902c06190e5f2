"""Writes Tests/Fixtures/bamba-broken, which the pages on differences and conventions look at: bamba-tiny after four
mistakes that leave every name, shape and type as it is.

    pip install numpy safetensors
    python make_broken.py
"""

import os
import re
import shutil

import numpy as np
from safetensors.numpy import load_file, save_file

FIXTURES = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SOURCE, TARGET = os.path.join(FIXTURES, "bamba-tiny"), os.path.join(FIXTURES, "bamba-broken")
HEADS, INNER = 4, 64

tensors = load_file(os.path.join(SOURCE, "model.safetensors"))
for name, value in tensors.items():
    if re.search(r"input_layernorm\.weight$", name):
        tensors[name] = value + np.float32(1)
    elif name.endswith("mamba.A_log"):
        tensors[name] = -np.exp(value)

# The queries of layer 1: within each head, halves become pairs of neighbours.
name = "model.layers.1.self_attn.q_proj.weight"
rows, columns = tensors[name].shape
heads = tensors[name].reshape(HEADS, 2, rows // HEADS // 2, columns)
tensors[name] = np.ascontiguousarray(heads.transpose(0, 2, 1, 3).reshape(rows, columns))

# The parts z and x of layer 3 change places.
name = "model.layers.3.mamba.in_proj.weight"
z, x, rest = np.split(tensors[name], [INNER, 2 * INNER])
tensors[name] = np.concatenate([x, z, rest])

os.makedirs(TARGET, exist_ok=True)
save_file(tensors, os.path.join(TARGET, "model.safetensors"), metadata={"format": "pt"})
shutil.copy(os.path.join(SOURCE, "config.json"), TARGET)
