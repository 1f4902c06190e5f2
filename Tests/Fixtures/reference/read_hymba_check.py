"""Compares samples/python/read_hymba.py with the safetensors files that hymba-convert made containers of.

    read_hymba_check.py BIN_FOLDER      needs numpy, zstandard and safetensors

Exit code 0 when every tensor of every element type comes back, compressed and raw, and every name of a raw container is one
that a stock safetensors reader gives.
"""

import json
import math
import os
import struct
import subprocess
import sys
import tempfile

import numpy as np
from safetensors import safe_open

ROOT = os.path.abspath(f"{os.path.dirname(__file__)}/../../..")
sys.path.insert(0, f"{ROOT}/samples/python")
from read_hymba import Container, load  # noqa: E402

BITS = {
    "F64": 64, "F32": 32, "F16": 16, "BF16": 16, "F8_E4M3": 8, "F8_E5M2": 8, "I64": 64, "I32": 32, "I16": 16, "I8": 8,
    "U64": 64, "U32": 32, "U16": 16, "U8": 8, "BOOL": 8, "C64": 64, "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8,
    "F6_E2M3": 6, "F6_E3M2": 6, "F4": 4}
# Long enough for several chunks of 2^20 elements, and for one that is not whole.
SHAPES = {"long": [3, 700_001], "small": [4, 2], "scalar": [], "empty": [0, 3], "middle": [24, 16, 10]}


def random_bytes(generator, dtype, count):
    data = generator.integers(0, 256, count, dtype=np.uint8)
    # Every other byte of an element is small, so that something compresses.
    data[::2] &= 3
    return (data & 1 if dtype == "BOOL" else data).tobytes()


def make(path):
    """Writes a safetensors file, and returns its tensors: name to type, shape and bytes."""
    generator, tensors = np.random.default_rng(1), {}
    for dtype, bits in BITS.items():
        for label, shape in SHAPES.items():
            whole = math.prod(shape) * bits % 8 == 0
            if whole and (label != "long" or dtype in ("F32", "BF16", "U16")):
                tensors[f"{label}.{dtype}"] = (dtype, shape, random_bytes(generator, dtype, math.prod(shape) * bits // 8))
    tensors["copy"] = tensors["middle.F32"]
    write(path, tensors)
    return tensors


def widened(data):
    """BF16 as float32: the upper half of its bits."""
    return b"".join(b"\0\0" + data[i:i + 2] for i in range(0, len(data), 2))


def compare(tensors, container):
    got = load(container, check=True)
    assert list(got) == sorted(tensors), set(got) ^ set(tensors)
    for name, (dtype, shape, data) in tensors.items():
        array = got[name]
        assert array.tobytes() == (widened(data) if dtype == "BF16" else data), f"{name} has other bytes in {container}"
        assert BITS[dtype] < 8 or list(array.shape) == shape, f"{name} has the shape {array.shape}"
    assert Container(container).describe("small.F16") == ("F16", [4, 2])


def damage(container, name):
    """Changes one bit of a tensor; with `check` its name must be told, and no other tensor suffers."""
    opened = Container(container)
    begin, _ = opened._header[opened._tensors[name]["entry"]]["data_offsets"]
    with open(container, "r+b") as file:
        file.seek(opened._start + begin)
        byte = file.read(1)[0]
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ 4]))
    try:
        Container(container, check=True)[name]
        raise AssertionError(f"the damage of {name} was not seen")
    except ValueError as error:
        assert name in str(error), error
    Container(container, check=True)["small.I16"]


def check_torch(container, tensors):
    try:
        import torch
    except ImportError:
        return "without torch"
    got = load(container, framework="torch")
    for name, (dtype, shape, data) in tensors.items():
        tensor = got[name]
        assert dtype != "BF16" or tensor.dtype == torch.bfloat16, name
        assert BITS[dtype] < 8 or list(tensor.shape) == shape, name
        assert tensor.reshape(-1).view(torch.uint8).numpy().tobytes() == data, name
    return "with torch"


def stock_names(convert, folder):
    """Every name of a raw container is an entry for readers that know only safetensors."""
    raw = f"{folder}/recall.hymba"
    subprocess.run(
        [convert, "checkpoints", f"{ROOT}/samples/recall-hymba", "-o", raw, "--compression", "none", "--quiet"], check=True,
        stdout=subprocess.DEVNULL)
    ours = load(raw, check=True)
    with safe_open(raw, "np") as file:
        assert set(ours) <= set(file.keys()), set(ours) - set(file.keys())
    assert len(ours) == 89
    return len(ours)


def fine_tuned(tensors):
    """The same tensors with some changed: nothing of `small`, a few elements of `long` and one of ten of `middle`, all of
    one type, and all bytes of another."""
    generator, changed = np.random.default_rng(2), {}
    for name, (dtype, shape, data) in tensors.items():
        label, width, data = name.split(".")[0], max(1, BITS[dtype] // 8), np.frombuffer(data, np.uint8).copy()
        share = {"long": 0.001, "middle": 0.1, "copy": 0.1}.get(label, 0)
        share = {"middle.F16": 1, "middle.I32": 0.8}.get(name, share)
        if BITS[dtype] >= 8 and dtype != "BOOL":
            elements = data.reshape(-1, width)
            places = generator.random(len(elements)) < share
            elements[places, 0] ^= 1 + generator.integers(0, 7, places.sum(), dtype=np.uint8)
        changed[name] = (dtype, shape, data.tobytes())
    return changed


def write(path, tensors):
    header, offset = {}, 0
    for name, (dtype, shape, data) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(data for _, _, data in tensors.values()))


def relative(convert, folder, tensors):
    """A container that holds only what differs from a base, and a base that is another."""
    changed, source, container = fine_tuned(tensors), f"{folder}/changed.safetensors", f"{folder}/relative.hymba"
    write(source, changed)
    write(f"{folder}/whole.safetensors", tensors)
    for name, options in (("whole", []), ("changed", ["--base", f"{folder}/whole.hymba"])):
        output = container if options else f"{folder}/whole.hymba"
        subprocess.run(
            [convert, "checkpoints", f"{folder}/{name}.safetensors", "--layout", "verbatim", "-o", output, "--quiet", *options],
            check=True, stdout=subprocess.DEVNULL)
    encodings = {tensor["name"]: tensor["encoding"] for tensor in Container(container)._tensors.values()}
    assert encodings["small.F32"] == "base" and encodings["long.BF16"] == "delta" and encodings["middle.F32"] == "delta", encodings
    compare(changed, container)
    assert Container(container).fingerprint != Container(f"{folder}/whole.hymba").fingerprint
    try:
        Container(container, base=container)
        raise AssertionError("another base was not seen")
    except ValueError as error:
        assert "relative to another base" in str(error), error
    return sum(encoding == "delta" for encoding in encodings.values())


def main():
    convert = os.path.abspath(sys.argv[1]) + "/hymba-convert"
    with tempfile.TemporaryDirectory() as folder:
        source = f"{folder}/source.safetensors"
        tensors = make(source)
        for compression in ("none", "zstd"):
            container = f"{folder}/{compression}.hymba"
            subprocess.run(
                [convert, "checkpoints", source, "--layout", "verbatim", "--compression", compression, "-o", container, "--quiet"],
                check=True, stdout=subprocess.DEVNULL)
            compare(tensors, container)
            beside = check_torch(container, tensors)
            damage(container, "middle.I16")
        names, differences = stock_names(convert, folder), relative(convert, folder, tensors)
        print(f"{len(tensors)} tensors come back from both, {beside}, {differences} by their differences; {names} names of the raw sample are stock entries")


if __name__ == "__main__":
    main()
