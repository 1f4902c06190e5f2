#!/usr/bin/env python3
"""An independent reader, checker and writer of `.hymba` containers, made from Schemas/container-1.md alone.

    hymba_container.py check FILE...                     check every bit, print the fingerprint
    hymba_container.py write SAFETENSORS OUT.hymba       write a container (--chunk ELEMENTS, --raw)
    hymba_container.py compare SAFETENSORS FILE.hymba    every tensor bit for bit, under the same names
    hymba_container.py schemas BIN_FOLDER                everything the tools print or write against Schemas/
    hymba_container.py tools BIN_FOLDER                  our files through the tools, theirs through this reader

Exit code 0 when all is well, 1 when something is wrong; what is damaged is named. Section numbers below are
those of the specification.
"""

import argparse
import hashlib
import json
import math
import os
import re
import struct
import sys
import unicodedata

import numpy as np
import xxhash
import zstandard

SIZES = {
    "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "F8_E5M2": 1, "I64": 8, "I32": 4, "I16": 2, "I8": 1,
    "U64": 8, "U32": 4, "U16": 2, "U8": 1, "BOOL": 1,
}
# Bits of every type, those included that are only kept and always raw.
BITS = {dtype: 8 * size for dtype, size in SIZES.items()} | {
    "C64": 64, "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8, "F6_E2M3": 6, "F6_E3M2": 6, "F4": 4}
MANIFEST = "hymba.manifest"
PAD_MAGIC, TABLE_MAGIC, FOOTER_MAGIC = 0x184D2A50, 0x184D2A5E, 0x8F92EAB1
FILES = "hymba.files/"
MAX_ATTACHMENTS, MAX_FILES, MAX_FILE, MAX_FILES_BYTES, MAX_FILE_NAME = 1 << 16, 256, 1 << 26, 1 << 30, 255
MAX_HEADER, MAX_MANIFEST, MAX_CHUNK, MAX_NAME, MAX_RANK = 100_000_000, 400_000_000, 1 << 24, 4096, 32
LIMIT = 1 << 63


class Damage(Exception):
    """A part of a file that is not as it must be: `header`, `manifest`, `tensor “NAME”` or `attachment “NAME”`."""

    def __init__(self, part, detail):
        super().__init__(f"{part} is damaged: {detail}")
        self.part = part


def require(condition, part, detail):
    if not condition:
        raise Damage(part, detail)


# --- JSON ----------------------------------------------------------------------------------------------


def parse_json(data, part):
    """Strict JSON: UTF-8, no key twice, no NaN."""

    def pairs(items):
        keys = [key for key, _ in items]
        require(len(keys) == len(set(keys)), part, "a key is given twice")
        return dict(items)

    def constant(text):
        raise Damage(part, f"{text} is not JSON")

    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=pairs, parse_constant=constant)
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # fails for lone surrogates
        return value
    except (ValueError, RecursionError) as error:
        raise Damage(part, f"not valid JSON: {error}") from None


def is_size(value):
    return type(value) is int and 0 <= value < LIMIT


def text(value):
    """A JSON string, escaped as section 3 says."""
    escaped = re.sub(r'["\\]', lambda match: "\\" + match[0], value)
    return '"' + re.sub(r"[\x00-\x1f]", lambda match: f"\\u{ord(match[0]):04x}", escaped) + '"'


# --- Shapes and names ----------------------------------------------------------------------------------


def byte_count(dtype, shape, part):
    require(dtype in BITS, part, f"unknown element type {dtype!r}")
    require(isinstance(shape, list) and len(shape) <= MAX_RANK and all(map(is_size, shape)), part, "bad shape")
    bits = math.prod(shape) * BITS[dtype]
    require(bits // 8 < LIMIT, part, f"{shape} is too large")
    require(bits % 8 == 0, part, f"{shape} of {dtype} fills no whole bytes")
    return bits // 8


def is_reserved(name):
    return (
        name in ("__metadata__", MANIFEST)
        or any(unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") for character in name)
    )


def is_name(name):
    return isinstance(name, str) and 1 <= len(name.encode()) <= MAX_NAME


def name_bytes(name):
    return name.encode()


# --- The header (section 3) ----------------------------------------------------------------------------


def derive_header(version, digest, metadata, entries):
    """The JSON text. `entries`: (name, dtype, shape, begin, end) in the order of the buffer."""
    members = [("format", "hymba"), ("hymba.version", version), ("hymba.manifest.sha256", digest)]
    members += [("source." + key, metadata[key]) for key in sorted(metadata, key=name_bytes)]
    parts = ['"__metadata__":{' + ",".join(f"{text(key)}:{text(value)}" for key, value in members) + "}"]
    for name, dtype, shape, begin, end in entries:
        dimensions = ",".join(map(str, shape))
        parts.append(
            f'{text(name)}:{{"dtype":{text(dtype)},"shape":[{dimensions}],"data_offsets":[{begin},{end}]}}')
    return ("{" + ",".join(parts) + "}").encode()


class Header:
    """A checked safetensors header: `length`, `raw`, `metadata`, `entries` (name to dtype, shape, begin, end)."""

    def __init__(self, data):
        require(len(data) >= 8, "header", "the file has fewer than 8 bytes")
        (self.length,) = struct.unpack_from("<Q", data)
        require(self.length <= MAX_HEADER, "header", f"declares {self.length} bytes")
        require(self.length <= len(data) - 8, "header", "ends beyond the file")
        self.raw = bytes(data[8:8 + self.length])
        require(self.raw[:1] == b"{", "header", "does not start with {")
        document = parse_json(self.raw, "header")
        self.metadata = document.pop("__metadata__", {})
        require(
            isinstance(self.metadata, dict) and all(isinstance(value, str) for value in self.metadata.values()),
            "header", "its metadata are not strings")
        self.entries = {}
        for name, entry in document.items():
            self.entries[name] = self.entry(name, entry)
        position = 0
        for name, (_, _, begin, end) in sorted(self.entries.items(), key=lambda item: item[1][2:]):
            require(begin == position, "header", f"“{name}” begins at {begin} instead of {position}")
            position = end
        buffer = len(data) - 8 - self.length
        require(position == buffer, "header", f"the entries end at {position}, the buffer at {buffer}")

    @staticmethod
    def entry(name, entry):
        require(is_name(name), "header", "an entry's name is empty or too long")
        require(
            isinstance(entry, dict) and set(entry) == {"dtype", "shape", "data_offsets"}, "header",
            f"“{name}” is not an entry")
        dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
        require(
            isinstance(offsets, list) and len(offsets) == 2 and all(map(is_size, offsets)), "header",
            f"“{name}” has bad offsets")
        size = byte_count(dtype, shape, "header")
        require(offsets[1] - offsets[0] == size, "header", f"“{name}” does not have {size} bytes")
        return dtype, shape, offsets[0], offsets[1]


# --- Sections (section 6) ------------------------------------------------------------------------------


def is_rotated(dtype):
    return dtype.startswith("F") or dtype == "BF16"


def split_planes(logical, dtype):
    """Logical bytes of one chunk to its planes, most significant first."""
    width = SIZES[dtype]
    words = np.frombuffer(logical, dtype=f"<u{width}")
    if is_rotated(dtype):
        words = words << 1 | words >> (8 * width - 1)
    significant_last = words.astype(f"<u{width}").view(np.uint8).reshape(-1, width)
    return [np.ascontiguousarray(significant_last[:, width - 1 - plane]).tobytes() for plane in range(width)]


def merge_planes(planes, dtype):
    width = SIZES[dtype]
    stacked = np.stack([np.frombuffer(plane, dtype=np.uint8) for plane in reversed(planes)], axis=1)
    words = np.ascontiguousarray(stacked).view(f"<u{width}").reshape(-1)
    if is_rotated(dtype):
        words = words >> 1 | words << (8 * width - 1)
    return words.astype(f"<u{width}").tobytes()


def chunk_sizes(elements, chunk):
    """Elements of each chunk, one after the other."""
    for start in range(0, elements, chunk):
        yield min(chunk, elements - start)


def section_end(frames, offset):
    """Padding frame and seek table behind `frames` ((stored, decoded) bytes) of a section at `offset`."""
    frame_bytes = sum(stored for stored, _ in frames)
    count = len(frames) + 1
    padding = -(offset + frame_bytes + 8 + 8 + 8 * count + 9) % 64
    end = struct.pack("<II", PAD_MAGIC, padding) + bytes(padding)
    end += struct.pack("<II", TABLE_MAGIC, 8 * count + 9)
    for stored, decoded in frames + [(8 + padding, 0)]:
        end += struct.pack("<II", stored, decoded)
    return end + struct.pack("<IBI", count, 0, FOOTER_MAGIC)


def encode_section(logical, dtype, offset, chunk, level=3):
    compressor = zstandard.ZstdCompressor(
        level=level, write_checksum=True, write_content_size=True, write_dict_id=False)
    frames, out = [], []
    for start in range(0, len(logical), chunk * SIZES[dtype]):
        for plane in split_planes(logical[start:start + chunk * SIZES[dtype]], dtype):
            frame = compressor.compress(plane)
            frames.append((len(frame), len(plane)))
            out.append(frame)
    return b"".join(out) + section_end(frames, offset)


def decode_section(section, dtype, shape, chunk, offset, part):
    """The logical bytes, chunk by chunk. The section lies at `offset` of the buffer."""
    elements, width = math.prod(shape), SIZES[dtype]
    count = -(-elements // chunk) * width + 1
    table = 8 + 8 * count + 9
    require(8 * count + 9 < 1 << 32 and table <= len(section), part, "its section is too short for its seek table")
    footer = struct.unpack("<IBI", section[-9:])
    require(footer == (count, 0, FOOTER_MAGIC), part, f"its seek table ends with {footer}")
    words = np.frombuffer(section[-table:-9], dtype="<u4")
    require(tuple(words[:2]) == (TABLE_MAGIC, 8 * count + 9), part, "its seek table does not begin as one")
    stored = [int(word) for word in words[2::2]]
    decoded = [int(word) for word in words[3::2]]
    expected = [size for size in chunk_sizes(elements, chunk) for _ in range(width)]
    require(decoded == expected + [0], part, "its seek table has other decoded sizes")
    require(sum(stored) + table == len(section), part, "its frames do not fill its section")
    require(
        section_end(list(zip(stored[:-1], decoded[:-1])), offset) == section[sum(stored[:-1]):], part,
        "its section does not end with the right padding")

    position, planes = 0, []
    for size, length in zip(stored[:-1], expected):
        planes.append(decode_frame(section[position:position + size], length, part))
        position += size
        if len(planes) == width:
            yield merge_planes(planes, dtype)
            planes = []


def decode_frame(frame, length, part):
    try:
        parameters = zstandard.get_frame_parameters(frame)
        require(parameters.content_size == length, part, "a frame declares another size")
        require(parameters.has_checksum and parameters.dict_id == 0, part, "a frame has no checksum or a dictionary")
        decompressor = zstandard.ZstdDecompressor().decompressobj()
        plane = decompressor.decompress(frame)
    except zstandard.ZstdError as error:
        raise Damage(part, f"a frame does not decode: {error}") from None
    require(decompressor.eof and not decompressor.unused_data, part, "a frame is not one frame")
    require(len(plane) == length, part, f"a frame has {len(plane)} bytes instead of {length}")
    return plane


# --- The manifest (section 7) --------------------------------------------------------------------------


def is_digest(value, digits):
    return isinstance(value, str) and re.fullmatch(f"[0-9a-f]{{{digits}}}", value) is not None


def check_version(version, part):
    match = re.fullmatch(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)", version or "")
    require(match, part, f"the version {version!r} is not MAJOR.MINOR")
    require(int(match[1]) == 1, part, f"version {version} is not version 1; use another program")


def check_manifest(manifest, part="manifest"):
    require(isinstance(manifest, dict), part, "it is not an object")
    for key, kind in (("formatVersion", str), ("creator", str), ("headerLength", int), ("layout", dict),
                      ("tensors", list)):
        require(type(manifest.get(key)) is kind, part, f"it has no {key}")
    for key, empty in (("source", {}), ("assumptions", []), ("aliases", []), ("carried", [])):
        require(type(manifest.setdefault(key, empty)) is type(empty), part, f"{key} is of another type")
    require(isinstance(manifest.get("architecture"), (dict, type(None))), part, "architecture is no object")
    require(isinstance(manifest["layout"].get("name"), str), part, "the layout has no name")
    names, total = {}, 0
    for tensor in manifest["tensors"]:
        name = tensor.get("name")
        total += check_tensor(tensor, part)
        require(name not in names, part, f"“{name}” is listed twice")
        names[name] = tensor
    stored = set(names)
    for alias in manifest["aliases"]:
        name, target = alias.get("name"), alias.get("of")
        require(is_name(name) and not is_reserved(name), part, f"the alias {name!r} has no valid name")
        require(name not in names, part, f"“{name}” is listed twice")
        require(target in stored, part, f"{target!r} is not stored")
        names[name] = names[target]
        total += byte_count(names[target]["dtype"], names[target]["shape"], part)
    require(total < LIMIT, part, "the tensors are too large together")
    require(all(name in names for name in manifest["carried"]), part, "it carries a tensor that does not exist")
    check_attachments(manifest, names, part)
    return names


def may_have_attachments(version):
    return int(version.split(".")[1]) >= 3


def check_attachments(manifest, names, part):
    """Section 7. `names`: the logical tensors."""
    version = manifest["formatVersion"]
    check_version(version, part)
    attachments = manifest.get("attachments", [])
    require(type(attachments) is list and len(attachments) <= MAX_ATTACHMENTS, part, "too many attachments, or no list")
    require(not attachments or may_have_attachments(version), part, f"version {version} has no attachments")
    known, files = set(), []
    for attachment in attachments:
        size = check_tensor(attachment, part)
        name = attachment["name"]
        require(name.startswith("hymba."), part, f"“{name}” is no name of an attachment")
        require(name not in names and name not in known, part, f"“{name}” is listed twice")
        known.add(name)
        if name.startswith(FILES):
            file = name[len(FILES):]
            require(
                1 <= len(file.encode()) <= MAX_FILE_NAME and file not in (".", "..") and "/" not in file, part,
                f"“{name}” is no name of a file")
            require(attachment["dtype"] == "U8" and len(attachment["shape"]) == 1, part, f"“{name}” is no list of bytes")
            files.append(size)
        require(name != "hymba.probes/", part, "a part of the reference has no name")
    require(
        len(files) <= MAX_FILES and max(files, default=0) <= MAX_FILE and sum(files) <= MAX_FILES_BYTES, part,
        "the files inside are too many or too large")


def check_tensor(tensor, part):
    name = tensor.get("name")
    require(is_name(name) and not is_reserved(name), part, f"{name!r} is not a valid name")
    size = byte_count(tensor.get("dtype"), tensor.get("shape"), part)
    require(is_digest(tensor.get("sha256"), 64), part, f"“{name}” has no valid sha256")
    require(is_digest(tensor.get("xxh3"), 32), part, f"“{name}” has no valid xxh3")
    encoding, chunk = tensor.get("encoding"), tensor.get("chunkElements")
    require(encoding in ("raw", "zstd"), part, f"“{name}” has the encoding {encoding!r}")
    if encoding == "raw":
        require(chunk is None, part, f"“{name}” is raw and has chunks")
    else:
        require(is_size(chunk) and 1 <= chunk <= MAX_CHUNK, part, f"“{name}” has no valid chunkElements")
        require(size > 0 and tensor["shape"] and tensor["dtype"] in SIZES, part, f"“{name}” must be raw")
    expected = name + ("@zstd" if encoding == "zstd" else "")
    require(tensor.get("entry") == expected, part, f"“{name}” is not stored as {expected}")
    return size


# --- A container ---------------------------------------------------------------------------------------


class Container:
    """An open container: header and manifest checked (1, 2 and 3 of section 10), no tensor read."""

    def __init__(self, path):
        self.data = np.memmap(path, dtype=np.uint8, mode="r") if os.path.getsize(path) else np.zeros(0, np.uint8)
        self.header = header = Header(self.data)
        require(
            header.metadata.get("format") == "hymba" or MANIFEST in header.entries, "header", "not a container")
        check_version(header.metadata.get("hymba.version"), "header")
        require(MANIFEST in header.entries, "header", f"it has no entry {MANIFEST}")
        dtype, shape, begin, end = header.entries[MANIFEST]
        require(end - begin <= MAX_MANIFEST, "manifest", "it is too long")
        raw = self.bytes(begin, end)
        require("hymba.manifest.sha256" in header.metadata, "header", "it has no SHA-256 of the manifest")
        require(
            hashlib.sha256(raw).hexdigest() == header.metadata.get("hymba.manifest.sha256"), "manifest",
            "it has another SHA-256 than the header says")
        self.manifest = parse_json(raw, "manifest")
        self.logical = check_manifest(self.manifest)
        check_version(self.manifest["formatVersion"], "manifest")
        self.attachments = self.manifest.get("attachments", [])
        self.stored = self.manifest["tensors"] + self.attachments
        for tensor in self.stored:
            entry = header.entries.get(tensor["entry"])
            require(entry, "header", f"it has no entry “{tensor['entry']}”")
            fits = entry[:2] == (tensor["dtype"], tensor["shape"]) if tensor["encoding"] == "raw" else entry[0] == "U8"
            require(fits, "header", f"the entry “{tensor['entry']}” does not fit its tensor")
        entries = [tensor["entry"] for tensor in self.stored] + [MANIFEST]
        require(len(set(entries)) == len(entries), "header", "two tensors have one entry")
        # What a later version added: nothing is known of it.
        self.unnamed = sorted(set(header.entries) - set(entries), key=lambda name: header.entries[name][2:])
        require(
            not self.unnamed or may_have_attachments(self.manifest["formatVersion"])
            and all(name.startswith("hymba.") for name in self.unnamed),
            "header", "it has entries that the manifest does not name")

    def bytes(self, begin, end):
        """A range of the buffer."""
        start = 8 + self.header.length
        return self.data[start + begin:start + end].tobytes()

    def pieces(self, name):
        """The logical bytes of a tensor, in pieces."""
        return self.stored_pieces(self.logical[name])

    def part(self, tensor):
        return ("attachment" if tensor in self.attachments else "tensor") + f" “{tensor['name']}”"

    def file(self, name):
        """The bytes of a file inside."""
        attachment, = (part for part in self.attachments if part["name"] == FILES + name)
        return b"".join(self.stored_pieces(attachment))

    def stored_pieces(self, tensor):
        _, _, begin, end = self.header.entries[tensor["entry"]]
        stored = self.bytes(begin, end)
        if tensor["encoding"] == "raw":
            yield stored
        else:
            yield from decode_section(
                stored, tensor["dtype"], tensor["shape"], tensor["chunkElements"], begin, self.part(tensor))

    def fingerprint(self):
        return fingerprint(
            (name, tensor["dtype"], tensor["shape"], tensor["sha256"]) for name, tensor in self.logical.items())

    def damage(self):
        """Everything else of section 10, and the order and alignment of sections 2 and 4."""
        found = []
        for check in [self.check_header, self.check_order] + [
                lambda tensor=tensor: self.check_stored(tensor) for tensor in self.stored]:
            try:
                check()
            except Damage as damage:
                found.append(damage)
        return found

    def check_header(self):
        header, manifest = self.header, self.manifest
        require(manifest["headerLength"] == header.length, "header", f"it has {header.length} bytes")
        entries = []
        for tensor in self.stored:
            _, _, begin, end = header.entries[tensor["entry"]]
            raw = tensor["encoding"] == "raw"
            entries.append(
                (tensor["entry"], tensor["dtype"] if raw else "U8", tensor["shape"] if raw else [end - begin],
                 begin, end))
        _, _, begin, end = header.entries[MANIFEST]
        entries.append((MANIFEST, "U8", [end - begin], begin, end))
        for name in self.unnamed:
            entry = (name, *header.entries[name])
            place = next((i for i, other in enumerate(entries) if other[3] >= entry[4]), len(entries))
            entries.insert(place, entry)
        derived = derive_header(
            manifest["formatVersion"], header.metadata.get("hymba.manifest.sha256", ""),
            manifest["source"].get("metadata", {}), entries)
        require(
            derived + b" " * (header.length - len(derived)) == header.raw, "header",
            "it is not what the manifest determines")

    def check_order(self):
        require((8 + self.header.length) % 64 == 0, "header", "the buffer is not aligned")
        tensors = self.manifest["tensors"]
        require(tensors == sorted(tensors, key=storage_order), "header", "the tensors are in another order")
        attachments = self.attachments
        require(attachments == sorted(attachments, key=storage_order), "header", "the attachments are in another order")
        position = 0
        for tensor in self.stored:
            _, _, begin, end = self.header.entries[tensor["entry"]]
            require(
                begin == position or self.unnamed, "header", "the entries are in another order than the manifest's")
            if tensor["encoding"] == "zstd":
                require(end % 64 == 0, self.part(tensor), "it is not aligned")
            elif tensor not in attachments:
                require(begin % max(1, BITS[tensor["dtype"]] // 8) == 0, self.part(tensor), "it is not aligned")
            position = end

    def check_stored(self, tensor):
        part = self.part(tensor)
        _, _, begin, end = self.header.entries[tensor["entry"]]
        require(
            xxhash.xxh3_128_hexdigest(self.bytes(begin, end)) == tensor["xxh3"], part, "its bytes have another XXH3")
        digest, size = hashlib.sha256(), 0
        for piece in self.stored_pieces(tensor):
            digest.update(piece)
            size += len(piece)
        require(size == byte_count(tensor["dtype"], tensor["shape"], part), part, "it decodes to another size")
        require(digest.hexdigest() == tensor["sha256"], part, "its decoded bytes have another SHA-256")


def fingerprint(lines):
    """Section 9. `lines`: (name, dtype, shape, sha256) of every logical tensor."""
    digest = hashlib.sha256()
    for name, dtype, shape, sha256 in sorted(lines, key=lambda line: line[0].encode()):
        digest.update(f"{name}\t{dtype}\t[{','.join(map(str, shape))}]\t{sha256}\n".encode())
    return digest.hexdigest()


def file_version(tensors, attachments=()):
    """Section 11: 1.3 with attachments, else 1.1 where a tensor needs it."""
    if attachments:
        return "1.3"
    new = any(
        dtype not in SIZES or name.startswith("hymba.") or name.endswith("@zstd")
        for name, (dtype, *_) in tensors.items())
    equivalent = len({unicodedata.normalize("NFC", name) for name in tensors}) < len(tensors)
    return "1.1" if new or equivalent else "1.0"


def storage_order(tensor):
    """Section 4: raw by the bits of an element, most first, then name; then sections by name."""
    raw = tensor["encoding"] == "raw"
    return not raw, -BITS[tensor["dtype"]] if raw else 0, tensor["name"].encode()


# --- Writing -------------------------------------------------------------------------------------------


def write_container(
        path, tensors, metadata, files, chunk=4096, raw=False, level=3, creator="hymba_container.py", attachments=None):
    """Writes a verbatim container. `tensors` and `attachments`: name to (dtype, shape, logical bytes)."""
    known, aliases, digests = {}, [], {}
    version = file_version(tensors, attachments or {})
    everything = tensors | (attachments or {})
    if len(everything) < len(tensors) + len(attachments or {}):
        raise SystemExit("an attachment has the name of a tensor")
    plans = {True: [], False: []}
    for name, (dtype, shape, logical) in everything.items():
        if not is_name(name) or is_reserved(name):
            raise SystemExit(f"the name “{name}” cannot be stored")
        # Another choice than our tools make: everything that may be compressed is, however small.
        compressed = (
            not raw and shape and len(logical) > 0 and len(name.encode()) <= MAX_NAME - 5 and dtype in SIZES
            and name + "@zstd" not in everything)
        plans[name in tensors].append({"name": name, "dtype": dtype, "shape": shape, "encoding": "zstd" if compressed else "raw"})
    stored, parts, offset = [], [], 0
    for tensor in sorted(plans[True], key=storage_order) + sorted(plans[False], key=storage_order):
        name, dtype, shape = tensor["name"], tensor["dtype"], tensor["shape"]
        logical = everything[name][2]
        digests[name] = tensor["sha256"] = hashlib.sha256(logical).hexdigest()
        key = (dtype, tuple(shape), tensor["sha256"])
        if logical and key in known and name in tensors:
            aliases.append({"name": name, "of": known[key]})
            continue
        known[key] = name
        data = logical
        tensor["entry"] = name
        if tensor["encoding"] == "zstd":
            tensor["chunkElements"] = chunk
            tensor["entry"] = name + "@zstd"
            data = encode_section(logical, dtype, offset, chunk, level)
        tensor["xxh3"] = xxhash.xxh3_128_hexdigest(data)
        stored.append((tensor, offset, offset + len(data)))
        parts.append(data)
        offset += len(data)

    def header(manifest_bytes, digest):
        entries = [
            (tensor["entry"], tensor["dtype"], tensor["shape"], begin, end) if tensor["encoding"] == "raw"
            else (tensor["entry"], "U8", [end - begin], begin, end) for tensor, begin, end in stored]
        entries.append((MANIFEST, "U8", [manifest_bytes], offset, offset + manifest_bytes))
        return derive_header(version, digest, metadata, entries)

    # The manifest's size is not known yet; no manifest's has more digits than this.
    length = (8 + len(header(MAX_MANIFEST, "0" * 64)) + 63) // 64 * 64 - 8
    manifest = json.dumps({
        "formatVersion": version, "creator": creator, "headerLength": length, "architecture": None,
        "layout": {"name": "verbatim", "variant": None},
        "source": {"configuration": None, "metadata": metadata, "files": files},
        "assumptions": [], "tensors": [tensor for tensor, _, _ in stored if tensor["name"] in tensors],
        "aliases": aliases, "carried": [], "probes": [],
    } | ({"attachments": [tensor for tensor, _, _ in stored if tensor["name"] not in tensors]} if attachments else {}),
        ensure_ascii=False, indent=1).encode()
    head = header(len(manifest), hashlib.sha256(manifest).hexdigest()).ljust(length)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", length) + head + b"".join(parts) + manifest)
    return fingerprint((name, *tensors[name][:2], digests[name]) for name in tensors)


def read_safetensors(path):
    """Tensors (name to dtype, shape, bytes) and metadata, without the safetensors package."""
    data = np.memmap(path, dtype=np.uint8, mode="r")
    header = Header(data)
    start = 8 + header.length
    return {
        name: (dtype, shape, data[start + begin:start + end].tobytes())
        for name, (dtype, shape, begin, end) in header.entries.items()}, header.metadata


def compare(safetensors, container):
    """Names of tensors that differ in anything."""
    expected, _ = read_safetensors(safetensors)
    container = Container(container)
    wrong = sorted(set(expected) ^ set(container.logical))
    for name in set(expected) & set(container.logical):
        tensor = container.logical[name]
        if (tensor["dtype"], tensor["shape"], b"".join(container.pieces(name))) != expected[name]:
            wrong.append(name)
    return wrong, len(expected)


# --- The command ---------------------------------------------------------------------------------------


def check(path):
    try:
        container = Container(path)
        found = container.damage()
    except Damage as damage:
        found = [damage]
    for damage in found:
        print(f"{path}: {damage}", file=sys.stderr)
    if not found:
        for name in container.unnamed:
            print(f"{path}: not verified: {name}")
        print(f"{container.fingerprint()}  {path}")
    return not found


def main():
    parser = argparse.ArgumentParser(description="Reads, checks and writes .hymba containers.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check").add_argument("files", nargs="+")
    write = commands.add_parser("write")
    write.add_argument("safetensors")
    write.add_argument("output")
    write.add_argument("--chunk", type=int, default=4096, help="elements of a chunk")
    write.add_argument("--raw", action="store_true", help="compress nothing")
    comparison = commands.add_parser("compare")
    comparison.add_argument("safetensors")
    comparison.add_argument("container")
    for name in ("schemas", "tools"):
        commands.add_parser(name).add_argument("bin", help="the folder with the built tools")
    arguments = parser.parse_args()
    if arguments.command == "check":
        return all([check(path) for path in arguments.files])
    if arguments.command == "write":
        tensors, metadata = read_safetensors(arguments.safetensors)
        files = [{"name": os.path.basename(arguments.safetensors), "bytes": os.path.getsize(arguments.safetensors)}]
        print(write_container(arguments.output, tensors, metadata, files, arguments.chunk, arguments.raw))
        return True
    if arguments.command == "compare":
        wrong, count = compare(arguments.safetensors, arguments.container)
        print(f"{', '.join(wrong)} differ" if wrong else f"{count} tensors agree bit for bit")
        return not wrong
    import hymba_tools_check
    return hymba_tools_check.run(arguments.command, os.path.abspath(arguments.bin))


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
