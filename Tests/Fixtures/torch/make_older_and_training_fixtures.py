"""Writes the fixtures of the form before version 1.6 and of training programs, and beside each the tensors that a
reader should find in it, as safetensors. What torch.load can read is what it reads.

    pip install torch==2.15.0 safetensors numpy
    python make_older_and_training_fixtures.py
"""
import argparse
import collections
import io
import os
import pickle
import struct

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
torch.manual_seed(20261127)


def path(name):
    return os.path.join(HERE, name)


def expect(name, tensors):
    save_file({k: v.detach().contiguous().clone() for k, v in tensors.items()}, path(name + ".safetensors"))


def legacy(name, checkpoint, tensors=None, **options):
    torch.save(checkpoint, path(name + ".pt"), _use_new_zipfile_serialization=False, **options)
    # torch.load cannot read what it wrote of the newer types.
    expect(name, tensors or torch.load(path(name + ".pt"), weights_only=False, map_location="cpu"))


base = torch.randn(6, 5, 4)
types = {
    "float64": torch.randn(2, 3, dtype=torch.float64), "float32": torch.randn(2, 3),
    "float16": torch.randn(2, 3).half(), "bfloat16": torch.randn(2, 3).bfloat16(),
    "int64": torch.randint(-(2**62), 2**62, (5,)), "int16": torch.arange(-2, 3, dtype=torch.int16),
    "uint8": torch.arange(250, 255, dtype=torch.uint8), "bool": torch.tensor([True, False, True]),
    "scalar": torch.tensor(1.5), "empty": torch.zeros(0, 4), "whole": base, "tied": base,
    "transposed": base.transpose(0, 2), "offset": base.flatten()[7:27].view(4, 5),
}
legacy("legacy-types", types)
legacy("legacy-protocol4", types, pickle_protocol=4)
newer = {"uint16": torch.arange(65530, 65536, dtype=torch.int32).to(torch.uint16),
         "float8_e5m2": torch.randn(2, 3).to(torch.float8_e5m2)}
legacy("legacy-newer-types", newer, newer)

net = nn.Linear(3, 2)
optimizer = torch.optim.Adam(net.parameters())
net(torch.randn(4, 3)).sum().backward()
optimizer.step()
weights = net.state_dict()
legacy("legacy-training", {"epoch": 3, "state_dict": weights, "optimizer": optimizer.state_dict()}, weights)

# Storages that lay on a GPU: their location is another, and nothing else.
torch.serialization.register_package(1, lambda storage: "cuda:0", lambda storage, location: None)
torch.save({"w": torch.arange(4.0)}, path("legacy-cuda.pt"), _use_new_zipfile_serialization=False)
torch.serialization._package_registry.pop(0)
expect("legacy-cuda", torch.load(path("legacy-cuda.pt"), weights_only=True, map_location="cpu"))

# A file that says that it comes from a big-endian machine.
buffer = io.BytesIO()
torch.save({"w": torch.arange(4.0)}, buffer, _use_new_zipfile_serialization=False)
big = buffer.getvalue().replace(b"little_endianq\x02\x88", b"little_endianq\x02\x89")
assert big != buffer.getvalue()
open(path("legacy-big-endian.pt"), "wb").write(big)
expect("legacy-big-endian", torch.load(path("legacy-big-endian.pt"), weights_only=True))


# As PyTorch 0.3 wrote it from Python 2: texts are bytes, an OrderedDict is made of its pairs, the rebuilding function
# has four arguments, and a storage may be a part of another.
def text(value):
    return b"U" + bytes([len(value)]) + value.encode()


def number(value):
    return b"J" + struct.pack("<i", value)


def tuple_of(*parts):
    return b"(" + b"".join(parts) + b"t"


def tensor(storage, offset, sizes, strides):
    return b"ctorch._utils\n_rebuild_tensor\n" + tuple_of(
        storage, number(offset), tuple_of(*map(number, sizes)), tuple_of(*map(number, strides))) + b"R"


def storage(key, count, view=None, kind="FloatStorage"):
    part = tuple_of(text(view[0]), number(view[1]), number(view[2])) if view else b"N"
    return tuple_of(
        text("storage"), b"ctorch\n" + kind.encode() + b"\n", text(key), text("cpu"), number(count), part) + b"Q"


pairs = [
    ("whole", tensor(storage("71", 12), 0, (3, 4), (4, 1))),
    ("part", tensor(storage("71", 12, ("72", 5, 6)), 1, (2, 2), (2, 1))),
    ("other", tensor(storage("9", 3, kind="LongStorage"), 0, (3,), (1,))),
]
listed = b"".join(b"]" + b"(" + text(k) + v + b"e" for k, v in pairs)
checkpoint = b"\x80\x02ccollections\nOrderedDict\n](" + listed + b"e\x85R."
head = b"".join(
    pickle.dumps(v, protocol=2)
    for v in (0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True, "type_sizes": {}}))
keys = b"\x80\x02](" + text("71") + text("9") + b"e."
data = struct.pack("<q12f", 12, *[0.5 * i for i in range(12)]) + struct.pack("<q3q", 3, -1, 2, 2**40)
open(path("legacy-python2.pt"), "wb").write(head + checkpoint + keys + data)
expect("legacy-python2", torch.load(path("legacy-python2.pt"), weights_only=False))


def save(name, checkpoint, tensors):
    torch.save(checkpoint, path(name + ".pt"))
    expect(name, tensors)


# Training programs with more beside the weights than numbers.
torch.manual_seed(20261127)
optimizer_state = optimizer.state_dict()
save("loose", {"model": weights, "optimizer": optimizer_state, "iter_num": 5, "best_val_loss": torch.tensor(1.2),
               "rng_state": torch.arange(16, dtype=torch.uint8),
               "callbacks": {"EarlyStopping": {"best_score": torch.tensor(0.5)}}}, weights)
save("deepspeed", {"module": weights, "buffer_names": [], "optimizer": None, "lr_scheduler": None,
                   "sparse_tensor_module_names": set(), "global_steps": 10, "ds_config": {},
                   "ds_version": "0.14.0"}, weights)


class Average:
    """An object with a tensor in it."""


average = Average()
average.shadow = {"weight": torch.ones(2, 3)}
weights["weight"].note = "a Python attribute"
attributed = nn.Parameter(torch.randn(2))
attributed.scale = torch.ones(1)
objects = {
    "state_dict": {**weights, "attributed": attributed},
    "args": argparse.Namespace(lr=1e-3), "average": average, "counts": collections.Counter("ab"),
    "version": torch.__version__, "layout": torch.strided, "key": b"abc", "best": np.float64(0.25), "names": {"a"},
    "random": np.random.RandomState(0).get_state()[1][:2],
}
save("objects", objects, objects["state_dict"])
tuples = {("layers", 0): torch.ones(2), (1,): torch.zeros(1), None: torch.tensor(3), 2.5: torch.tensor(4)}
save("tuple-keys", tuples, {"('layers', 0)": tuples["layers", 0], "(1,)": tuples[1,], "None": tuples[None],
                            "2.5": tuples[2.5]})

torch.manual_seed(7)
opaque = {
    "complex64": torch.complex(torch.randn(2, 3), torch.randn(2, 3)),
    "float8_e8m0fnu": torch.ones(5).to(torch.float8_e8m0fnu),
    "float8_e4m3fnuz": torch.randn(5).to(torch.float8_e4m3fnuz),
}
save("opaque-types", opaque, opaque)

# Refused: the weights are in an object, and a type that no container stores.
torch.save({"model": average, "epoch": 1}, path("model-object.pt"))
torch.save({"s": torch.ones(5, dtype=torch.complex128)}, path("complex128.pt"))
