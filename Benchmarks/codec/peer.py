"""One phase of one peer in a process of its own, of which it prints the seconds and the processor time.

    python Benchmarks/codec/peer.py PEER encode|decode|list FILE PACKED THREADS

encode reads the safetensors file FILE and writes PACKED. decode brings everything of PACKED into memory, or, where a
peer only knows files, into PACKED.back. list opens PACKED and lists its tensors, where the format has a list. The time
covers reading and writing the files and leaves out the start of Python. After decode, outside of the time, the bytes are
compared with FILE; a difference ends the process with an error.
"""

import json
import struct
import sys
import time

PEER, PHASE, FILE, PACKED, THREADS = *sys.argv[1:5], int(sys.argv[5])


def parts(file):
    """The type of the tensors of a safetensors file, its header, and its data."""
    with open(file, "rb") as handle:
        length = struct.unpack("<Q", handle.read(8))[0]
        header = handle.read(length)
        data = handle.read()
    entries = json.loads(header)
    entries.pop("__metadata__", None)
    return next(iter(entries.values()))["dtype"], entries, data


def write(file, data):
    with open(file, "wb") as handle:
        handle.write(data)


def read(file):
    with open(file, "rb") as handle:
        return handle.read()


class Zstd:
    """The whole file as one frame. Decoding is the work of one thread."""

    def __init__(self, level):
        import zstandard

        self.level, self.zstd = level, zstandard

    def encode(self):
        threads = THREADS if THREADS > 1 else 0
        write(PACKED, self.zstd.ZstdCompressor(level=self.level, threads=threads).compress(read(FILE)))

    def decode(self):
        return self.zstd.ZstdDecompressor().decompress(read(PACKED))

    def original(self):
        return read(FILE)


class ZipNN:
    """The data of all tensors as one buffer of their type."""

    NAMES = {"BF16": "bfloat16", "F32": "float32", "F16": "float16", "F8_E4M3": "float8_e4m3fn"}

    def __init__(self):
        import torch
        import zipnn

        torch.set_num_threads(THREADS)
        self.torch, self.zipnn = torch, zipnn

    def coder(self, kind):
        # Bytes know no F8; a tensor does.
        form = "torch" if kind == "F8_E4M3" else "byte"
        return self.zipnn.ZipNN(input_format=form, bytearray_dtype=self.NAMES[kind], threads=THREADS)

    def encode(self):
        kind, _, data = parts(FILE)
        if kind == "F8_E4M3":
            data = self.torch.frombuffer(bytearray(data), dtype=self.torch.float8_e4m3fn)
        write(PACKED, kind.encode().ljust(8) + self.coder(kind).compress(data))

    def decode(self):
        packed = read(PACKED)
        data = self.coder(packed[:8].decode().strip()).decompress(packed[8:])
        return data.view(self.torch.uint8).numpy().tobytes() if hasattr(data, "view") else data

    def original(self):
        return parts(FILE)[2]


class OpenZL:
    """The data of all tensors as one buffer of numbers, exponents apart from signs and fractions. It has no threads."""

    def __init__(self):
        import numpy
        import openzl.ext as zl

        self.numpy, self.zl = numpy, zl

    def encode(self):
        zl, (kind, _, data) = self.zl, parts(FILE)
        nodes, graphs = zl.nodes, zl.graphs
        compressor = zl.Compressor()
        entropy = graphs.Entropy()
        width = {"F32": "<u4", "BF16": "<u2", "F16": "<u2", "F8_E4M3": "u1"}[kind]
        if kind == "F8_E4M3":
            graph = nodes.ConvertNumToSerialLE()(compressor, entropy)
        else:
            node = {
                "F32": nodes.Float32Deconstruct, "BF16": nodes.BFloat16Deconstruct, "F16": nodes.Float16Deconstruct
            }[kind]()
            fraction = nodes.TransposeSplit()(compressor, entropy)
            graph = node(compressor, sign_frac=fraction, exponent=entropy)
        compressor.select_starting_graph(graph)
        context = zl.CCtx()
        context.ref_compressor(compressor)
        context.set_parameter(zl.CParam.FormatVersion, zl.MAX_FORMAT_VERSION)
        array = self.numpy.frombuffer(data, dtype=width)
        write(PACKED, context.compress([zl.Input(zl.Type.Numeric, array)]))

    def decode(self):
        return self.zl.DCtx().decompress(read(PACKED))[0].content.as_bytes()

    def original(self):
        return parts(FILE)[2]


class LMZ:
    """Files, as its own commands do it."""

    def __init__(self):
        import lmz

        self.lmz = lmz

    def encode(self):
        self.lmz.compress(FILE, PACKED, workers=THREADS)

    def decode(self):
        self.lmz.decompress(PACKED, PACKED + ".back", workers=THREADS, overwrite=True)

    def list(self):
        return self.lmz.info(PACKED)["manifest"]

    def original(self):
        return None if read(PACKED + ".back") == read(FILE) else b""


class Arrays:
    """A file of one array for each tensor, of the unsigned integers of the same width."""

    WIDTHS = {"F32": "<u4", "BF16": "<u2", "F16": "<u2", "F8_E4M3": "u1"}

    def __init__(self):
        import numpy

        self.numpy = numpy

    def arrays(self):
        kind, entries, data = parts(FILE)
        for name, entry in entries.items():
            start, end = entry["data_offsets"]
            yield name, self.numpy.frombuffer(data[start:end], self.WIDTHS[kind]).reshape(entry["shape"])

    def original(self):
        return {name: array.tobytes() for name, array in self.arrays()}


class HDF5(Arrays):
    """gzip of level 4 behind the shuffling of bytes, in the chunks that h5py chooses."""

    def __init__(self):
        super().__init__()
        import h5py

        self.h5py = h5py

    def encode(self):
        with self.h5py.File(PACKED, "w") as file:
            for name, array in self.arrays():
                options = {"compression": "gzip", "compression_opts": 4, "shuffle": True} if array.ndim else {}
                file.create_dataset(name, data=array, **options)

    def decode(self):
        arrays = {}
        with self.h5py.File(PACKED) as file:
            file.visititems(lambda name, item: arrays.update({name: item[()]}) if isinstance(item, self.h5py.Dataset) else None)
        return {name: array.tobytes() for name, array in arrays.items()}

    def list(self):
        with self.h5py.File(PACKED) as file:
            names = []
            file.visititems(
                lambda name, item: names.append((name, item.shape)) if isinstance(item, self.h5py.Dataset) else None)
            return names


class Safetensors(Arrays):
    """Nothing is compressed."""

    def __init__(self):
        super().__init__()
        import safetensors
        import safetensors.numpy

        self.st = safetensors

    def encode(self):
        self.st.numpy.save_file(dict(self.arrays()), PACKED)

    def decode(self):
        return {name: array.tobytes() for name, array in self.st.numpy.load_file(PACKED).items()}

    def list(self):
        with self.st.safe_open(PACKED, "numpy") as file:
            return [(name, file.get_slice(name).get_shape()) for name in file.keys()]


PEERS = {
    "zstd -3": lambda: Zstd(3), "zstd -19": lambda: Zstd(19), "ZipNN": ZipNN, "OpenZL": OpenZL, "lmzip": LMZ,
    "h5py gzip": HDF5, "safetensors": Safetensors,
}
peer = PEERS[PEER]()
start, worked = time.perf_counter(), time.process_time()
result = getattr(peer, PHASE)()
seconds, worked = time.perf_counter() - start, time.process_time() - worked
if PHASE == "decode" and result != peer.original():
    sys.exit(f"{PEER} does not give back what it was given")
print(seconds, worked)
