"""Writes the sharded BF16 checkpoint nemotron-h-options as HDF5, npz and PyTorch shards, beside its config.json.

    python make_doors.py        (numpy, h5py, ml_dtypes, torch, safetensors)
"""
import json
import pathlib
import shutil

import h5py
import ml_dtypes
import numpy as np
import torch
from safetensors import safe_open

root = pathlib.Path(__file__).resolve().parent.parent
source, out = root / "nemotron-h-options", root / "doors"
shards = sorted(source.glob("model-*.safetensors"))
tensors = [{k: f.get_tensor(k) for k in f.keys()} for f in (safe_open(s, "pt") for s in shards)]


def array(tensor):
    if tensor.dtype == torch.bfloat16:
        return tensor.view(torch.uint16).numpy().view(ml_dtypes.bfloat16)
    return tensor.numpy()


arrays = {k: array(t) for shard in tensors for k, t in shard.items()}
for kind in ("hdf5", "npz", "bin"):
    (out / kind).mkdir(parents=True, exist_ok=True)
    shutil.copy(source / "config.json", out / kind / "config.json")
with h5py.File(out / "hdf5" / "model.h5", "w") as f:
    for name, values in arrays.items():
        data = f.create_dataset(name.replace(".", "/"), data=values)
        if values.dtype == ml_dtypes.bfloat16:
            data.attrs["dtype"] = "bfloat16"
np.savez(out / "npz" / "model.npz", **arrays)
index = {"metadata": {}, "weight_map": {}}
for number, shard in enumerate(tensors, 1):
    name = f"pytorch_model-{number:05}-of-{len(tensors):05}.bin"
    torch.save(shard, out / "bin" / name)
    index["weight_map"].update({k: name for k in shard})
(out / "bin" / "pytorch_model.bin.index.json").write_text(json.dumps(index, indent=1))
