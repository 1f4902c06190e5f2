#!/usr/bin/env python3
"""Reads `.hymba` containers into NumPy or PyTorch. Needs numpy, and zstandard for compressed tensors.

    python3 read_hymba.py FILE             lists the tensors
    python3 read_hymba.py FILE --check     compares each tensor with its SHA-256 too

    from read_hymba import Container, load
    weights = load("model.hymba")                    # {name: array}
    weights = load("model.hymba", framework="torch") # {name: tensor}, BF16 and 8-bit floats as such
    Container("model.hymba")["embed_tokens.weight"]  # one tensor; the others are not read

NumPy has no BF16, so such a tensor is given as float32, which holds every value of it. Where ml_dtypes is
installed, 8-bit floats have its types; otherwise, as the types of 4 and 6 bits always, they are the stored bytes.
A container that holds only what differs from a base needs the base, beside it or as base="PATH".
The format is described in Schemas/container-1.md.
"""

import argparse
import hashlib
import json
import math
import os
import signal
import struct
import sys
from collections.abc import Mapping

import numpy as np

NUMPY = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "C64": "<c8",
    "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?"}
# Types that NumPy lacks: the name in ml_dtypes and in PyTorch.
EIGHT_BITS = {
    "F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2", "F8_E8M0": "float8_e8m0fnu",
    "F8_E4M3FNUZ": "float8_e4m3fnuz", "F8_E5M2FNUZ": "float8_e5m2fnuz"}


class Container(Mapping):
    """An open container: maps the name of each tensor, aliases included, to its array, read when it is asked for.

    `manifest` is the parsed manifest, with `architecture` and `source`. `base` is the path of the base of a container
    that is relative to one; by default it lies beside it. `framework` is "numpy" or "torch". With
    `check`, a tensor whose bytes have another SHA-256 than the manifest says is a ValueError that names it.
    """

    def __init__(self, path, framework="numpy", check=False, base=None):
        if framework not in ("numpy", "torch"):
            raise ValueError(f'framework is "{framework}", and not "numpy" or "torch"')
        self.path, self.framework, self.check = path, framework, check
        self._file = np.memmap(path, dtype=np.uint8, mode="r")
        if len(self._file) < 8:
            raise ValueError(f"{path} is no container: it has fewer than 8 bytes")
        (length,) = struct.unpack("<Q", self._file[:8].tobytes())
        if length > len(self._file) - 8:
            raise ValueError(f"{path} is no container: its header ends beyond the file")
        self._header = json.loads(self._file[8:8 + length].tobytes())
        self._start = 8 + length
        metadata = self._header.get("__metadata__", {})
        if "hymba.manifest" not in self._header:
            raise ValueError(f"{path} is no container: it has no manifest")
        version = metadata["hymba.version"].split(".")[0]
        if version not in ("1", "2"):
            raise ValueError(f"{path} has version {metadata['hymba.version']}; this reader knows versions 1 and 2")
        text = self._stored("hymba.manifest").tobytes()
        if hashlib.sha256(text).hexdigest() != metadata["hymba.manifest.sha256"]:
            raise ValueError(f"{path}: the manifest is damaged: it has another SHA-256 than the header says")
        if version == "2":
            text = zstandard_module().ZstdDecompressor().decompress(text)
        self.manifest = json.loads(text)
        self._tensors = {tensor["name"]: tensor for tensor in self.manifest["tensors"]}
        for alias in self.manifest.get("aliases", []):
            self._tensors[alias["name"]] = self._tensors[alias["of"]]
        if record := self.manifest.get("base"):
            base = base or os.path.join(os.path.dirname(path), record["file"])
            self._base = Container(base, framework, check)
            if self._base.fingerprint != record["fingerprint"]:
                raise ValueError(f"{path} is relative to another base than {base}")
            for tensor in record["tensors"]:
                self._tensors[tensor["name"]] = {**tensor, "encoding": "base"}

    @property
    def fingerprint(self):
        """The fingerprint of the weights, as the manifest says."""
        lines = [f"{name}\t{tensor['dtype']}\t[{','.join(map(str, tensor['shape']))}]\t{tensor['sha256']}\n".encode()
                 for name, tensor in sorted(self._tensors.items(), key=lambda item: item[0].encode())]
        return hashlib.sha256(b"".join(lines)).hexdigest()

    def __iter__(self):
        return iter(sorted(self._tensors))

    def __len__(self):
        return len(self._tensors)

    def __getitem__(self, name):
        tensor = self._tensors[name]
        return self._array(self._logical(tensor), tensor["dtype"], tensor["shape"])

    def describe(self, name):
        """The stored type and the shape of a tensor, which is not read."""
        return self._tensors[name]["dtype"], self._tensors[name]["shape"]

    @property
    def files(self):
        """The files that lay beside the weights and are kept too, such as a tokenizer: name to bytes."""
        prefix = "hymba.files/"
        return {
            kept["name"].removeprefix(prefix): self._logical(kept).tobytes()
            for kept in self.manifest.get("attachments", []) if kept["name"].startswith(prefix)}

    def _stored(self, entry):
        begin, end = self._header[entry]["data_offsets"]
        return self._file[self._start + begin:self._start + end]

    def _logical(self, tensor):
        """The bytes of a tensor, row by row, each element with its least significant byte first."""
        if tensor["encoding"] in ("base", "delta"):
            logical = self._base._logical(self._base._tensors[tensor["name"]])
            if tensor["encoding"] == "delta":
                logical = changed(logical, self._stored(tensor["entry"]), tensor)
        else:
            stored = self._stored(tensor["entry"])
            logical = stored if tensor["encoding"] == "raw" else decoded(stored, tensor)
        if self.check and hashlib.sha256(logical).hexdigest() != tensor["sha256"]:
            raise damage(tensor, "it has another SHA-256 than the manifest says")
        return logical

    def _array(self, logical, dtype, shape):
        logical = np.array(logical)  # a copy, which outlives the file
        if self.framework == "torch":
            return torch_tensor(logical, dtype, shape)
        if dtype == "BF16":
            return (logical.view("<u2").astype("<u4") << 16).view("<f4").reshape(shape)
        if dtype in EIGHT_BITS:
            try:
                import ml_dtypes
                return logical.view(getattr(ml_dtypes, EIGHT_BITS[dtype])).reshape(shape)
            except (ImportError, AttributeError):
                return logical.reshape(shape)
        return logical.view(NUMPY[dtype]).reshape(shape) if dtype in NUMPY else logical


def damage(tensor, reason):
    return ValueError(f"the tensor {tensor['name']} is damaged: {reason}")


def decoded(section, tensor):
    """The bytes of a compressed tensor. Each chunk of it is stored in planes: the most significant bytes of all
    elements, then the next ones. Floating-point numbers have their sign in the lowest bit."""
    zstandard = zstandard_module()
    elements, chunk, width = math.prod(tensor["shape"]), tensor["chunkElements"], element_bytes(tensor)
    stream = zstandard.ZstdDecompressor().stream_reader(section.tobytes(), read_across_frames=True)
    try:
        planes = np.frombuffer(stream.readall(), np.uint8)
    except zstandard.ZstdError as error:
        raise damage(tensor, error) from None
    if len(planes) != elements * width:
        raise damage(tensor, f"it decodes to {len(planes)} bytes")
    joined = np.empty((elements, width), np.uint8)
    for start in range(0, elements, chunk):
        end = min(start + chunk, elements)
        joined[start:end] = planes[start * width:end * width].reshape(width, end - start)[::-1].T
    return words_of(joined, tensor).view(np.uint8)


def changed(base, section, tensor):
    """The bytes of a tensor of which the elements are stored that differ from the base's, by their distance from it. Each
    chunk is a frame of positions and the planes of the distances 0, -1, 1, -2, ... as 0, 1, 2, 3, ... A position is the
    number of equal elements in front of it, 255 at a time; without positions, all elements are stored."""
    decompressor = zstandard_module().ZstdDecompressor()
    chunk, width = tensor["chunkElements"], element_bytes(tensor)
    (count,) = struct.unpack("<I", section[-9:-5].tobytes())  # with the padding, which is the last one
    sizes = section[-9 - 8 * count:-9].view("<u4").reshape(count, 2)[:-1]
    ends = np.cumsum(sizes[:, 0], dtype=np.int64)
    try:
        frames = [np.frombuffer(decompressor.decompress(section[end - size:end].tobytes()), np.uint8)
                  for end, (size, _) in zip(ends, sizes.astype(int))]
    except zstandard_module().ZstdError as error:
        raise damage(tensor, error) from None
    words = np.array(base).view(f"<u{width}")
    for number, start in enumerate(range(0, len(words), chunk)):
        gaps, *planes = frames[number * (width + 1):(number + 1) * (width + 1)]
        values = np.stack(planes[::-1], axis=1).view(words.dtype).reshape(-1)
        distances = values >> 1 ^ -(values & 1)  # modulo the width of an element, as the sum is
        part = words[start:start + chunk]
        if len(gaps) == 0 and len(values) in (0, len(part)):
            part[:len(values)] += distances
        else:
            places = np.cumsum(gaps, dtype=np.int64)[gaps != 255] + np.arange(np.sum(gaps != 255))
            part[places] += distances
    return words.view(np.uint8)


def words_of(joined, tensor):
    """The elements, as integers, of an array with a row of bytes for each, the least significant first."""
    width = joined.shape[1]
    words = np.ascontiguousarray(joined).view(f"<u{width}").reshape(-1)
    return words >> 1 | words << (8 * width - 1) if tensor["dtype"].startswith(("F", "BF")) else words


def element_bytes(tensor):
    dtype = tensor["dtype"]
    return 2 if dtype == "BF16" else 1 if dtype in EIGHT_BITS else np.dtype(NUMPY[dtype]).itemsize


def zstandard_module():
    try:
        import zstandard
    except ImportError:
        raise ImportError("compressed tensors need zstandard: pip install zstandard") from None
    return zstandard


def torch_tensor(logical, dtype, shape):
    import torch
    name = "bfloat16" if dtype == "BF16" else EIGHT_BITS.get(dtype)
    if hasattr(torch, name or ""):
        integers = logical.view("<i2") if dtype == "BF16" else logical
        return torch.from_numpy(integers).view(getattr(torch, name)).reshape(shape)
    return torch.from_numpy(logical.view(NUMPY[dtype]).reshape(shape) if dtype in NUMPY else logical)


def load(path, framework="numpy", check=False, base=None):
    """All tensors of a container, by name. See `Container`, which reads one at a time."""
    return dict(Container(path, framework, check, base))


def main():
    parser = argparse.ArgumentParser(description="Lists the tensors of a .hymba container.")
    parser.add_argument("file")
    parser.add_argument("--base", help="the base of a container that is relative to one")
    parser.add_argument("--check", action="store_true", help="compare each tensor with its SHA-256")
    arguments = parser.parse_args()
    container = Container(arguments.file, check=arguments.check, base=arguments.base)
    for name in container:
        dtype, shape = container.describe(name)
        if arguments.check:
            container[name]
        print(f"{name}\t{dtype}\t[{', '.join(map(str, shape))}]")
    if arguments.check:
        print(f"all {len(container)} tensors have the SHA-256 that the manifest says", file=sys.stderr)


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # head wants no more, and that is no error
    try:
        main()
    except (OSError, ValueError, KeyError, ImportError) as error:
        sys.exit(f"error: {sys.argv[1] if len(sys.argv) > 1 else ''}: {error}")
