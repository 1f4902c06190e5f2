"""Measures every peer on every file of trained weights, each phase in a process of its own, and prints Markdown.

    python Benchmarks/codec/run.py BIN FOLDER [--runs 3] [--types BF16,F8] [--threads 1] [--peers hymba,ZipNN]

BIN holds the tools. FOLDER holds the files of weights.py; it gets codec-runs.csv, with the medians of each case, and
codec.csv, with both models together, from which the plot and the tables are made. With one thread the processor time
counts, which other programs on the machine disturb little, and with several the time that passes. A peer that does not
run is named and left out.
"""

import argparse
import csv
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
TYPES = ["BF16", "F32", "F16", "F8"]
MODELS = ["minilm", "crepe"]
PEERS = ["hymba", "hymba in memory", "zstd -3", "zstd -19", "ZipNN", "lmzip", "OpenZL", "h5py gzip", "safetensors"]
# The other peers have no threads.
THREADED = {"hymba", "hymba in memory", "zstd -3", "zstd -19", "ZipNN", "lmzip"}
LISTED = {"hymba", "lmzip", "h5py gzip", "safetensors"}
# It takes some ten times as long as all others together.
ENCODED_ONCE = {"zstd -19"}
FIELDS = ["peer", "threads", "type", "model", "bytes", "packed", "encode_s", "decode_s", "list_ms", "encode_mb", "decode_mb"]


class Failed(Exception):
    """A command that ended with an error."""


def process(command):
    """Runs a command; its output, its seconds, its processor time, and its peak memory in MB.

    GNU time starts it, as the memory of a child that Python starts counts that of Python.
    """
    # The tools convert without the matrix library, whose threads look for work for a while when they are loaded.
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    start = time.perf_counter()
    run = subprocess.run(
        ["/usr/bin/time", "-q", "-f", "%U %S %M", *map(str, command)], capture_output=True, text=True, env=environment)
    seconds = time.perf_counter() - start
    if run.returncode:
        raise Failed(f"{' '.join(map(str, command))}\n{run.stderr}")
    user, system, memory = run.stderr.split()[-3:]
    return run.stdout, seconds, float(user) + float(system), int(memory) * 1024 / 1e6


def hymba(binaries, phase, file, packed, threads):
    """The tools as whole processes, from file to file."""
    jobs = ["--quiet", "--jobs", str(threads)]
    back = f"{packed}.back.safetensors"
    commands = {
        "encode": ["hymba-convert", "checkpoints", file, "-o", packed, "--layout", "verbatim", "--no-verify", "--force", *jobs],
        "decode": ["hymba-convert", "export", packed, "-o", back, "--no-verify", "--force", *jobs],
        "list": ["hymba-inspect", "parameters", packed, "--quiet"],
    }
    command = commands[phase]
    _, seconds, worked, memory = process([binaries / command[0], *command[1:]])
    return worked if threads == 1 else seconds, memory


def in_memory(binaries, file, kind, threads):
    """The codec of the tools without files: the seconds of encoding and of decoding, what is saved, the peak memory in MB."""
    text, _, _, memory = process([binaries / "codec-benchmark", file, "--jobs", str(max(2, threads)), "--levels", "default"])
    values = {name.split(".", 1)[1]: float(number) for name, number, *_ in map(str.split, text.splitlines()) if name.startswith(kind)}
    size = file.stat().st_size
    encode, decode = (size / values[f"default.{phase}.{threads}"] / 1e9 for phase in ["encode", "decode"])
    return encode, decode, round(size * (1 - values["default.saving"] / 100)), memory


def python(peer, phase, file, packed, threads):
    text, _, _, memory = process([sys.executable, HERE / "peer.py", peer, phase, file, packed, str(threads)])
    seconds, worked = map(float, text.split()[-2:])
    return worked if threads == 1 else seconds, memory


def measure(binaries, folder, peer, threads, kind, model, runs):
    file = folder / f"{model}-{kind}.safetensors"
    if peer == "hymba in memory":
        encode, decode, size, memory = in_memory(binaries, file, kind, threads)
        return [peer, threads, kind, model, file.stat().st_size, size, encode, decode, "", memory, memory]
    packed = folder / f"packed.{'hymba' if peer == 'hymba' else 'bin'}"

    def phase(name, count):
        results = [
            hymba(binaries, name, file, packed, threads) if peer == "hymba" else python(peer, name, file, packed, threads)
            for _ in range(count)
        ]
        return [statistics.median(values) for values in zip(*results)]

    encode, encode_mb = phase("encode", 1 if peer in ENCODED_ONCE else runs)
    size = packed.stat().st_size
    decode, decode_mb = phase("decode", runs)
    listing = phase("list", runs)[0] * 1000 if peer in LISTED else ""
    if peer == "hymba":
        compared(f"{packed}.back.safetensors", file)
    for left in folder.glob("packed.*"):
        left.unlink()
    return [peer, threads, kind, model, file.stat().st_size, size, encode, decode, listing, encode_mb, decode_mb]


def compared(got, file):
    """Compares what the tools gave back with the file, tensor by tensor."""
    import torch
    from safetensors.torch import load_file

    a, b = ({name: tensor.reshape(-1).view(torch.uint8) for name, tensor in load_file(f).items()} for f in (got, file))
    if a.keys() != b.keys() or not all(torch.equal(a[name], b[name]) for name in b):
        sys.exit("hymba-convert does not give back what it was given")


def totals(cases):
    """Both models together: bytes and seconds added, the larger memory, the mean time of a list."""
    for peer in PEERS:
        for threads in sorted({int(case["threads"]) for case in cases if case["peer"] == peer}):
            for kind in TYPES:
                rows = [c for c in cases if (c["peer"], int(c["threads"]), c["type"]) == (peer, threads, kind)]
                if len(rows) < len(MODELS):
                    continue
                add = lambda key: sum(float(row[key]) for row in rows)
                size = add("bytes")
                listing = add("list_ms") / len(rows) if rows[0]["list_ms"] != "" else ""
                yield {
                    "type": kind, "peer": peer, "threads": threads, "saving": 100 * (1 - add("packed") / size),
                    "encode": size / add("encode_s") / 1e6, "decode": size / add("decode_s") / 1e6, "list_ms": listing,
                    "encode_mb": max(float(row["encode_mb"]) for row in rows),
                    "decode_mb": max(float(row["decode_mb"]) for row in rows),
                }


def markdown(rows, kind):
    print(f"\n| {kind} | threads | saving | encode | decode | list | peak memory, encode and decode |")
    print("|---|---|---|---|---|---|---|")
    for row in rows:
        listing = f"{row['list_ms']:.1f} ms" if row["list_ms"] != "" else ""
        print(
            f"| {row['peer']} | {row['threads']} | {row['saving']:.1f} % | {row['encode']:.0f} MB/s | "
            f"{row['decode']:.0f} MB/s | {listing} | {row['encode_mb']:.0f} and {row['decode_mb']:.0f} MB |", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binaries", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--types", type=lambda text: text.split(","), default=TYPES)
    parser.add_argument("--peers", type=lambda text: text.split(","), default=PEERS)
    parser.add_argument("--threads", type=lambda text: [int(n) for n in text.split(",")], default=[1, os.cpu_count()])
    given = parser.parse_args()
    cases = []
    for kind in given.types:
        for peer in given.peers:
            for threads in dict.fromkeys(given.threads if peer in THREADED else [1]):
                for model in MODELS:
                    print(peer, threads, kind, model, file=sys.stderr, flush=True)
                    try:
                        values = measure(given.binaries, given.folder, peer, threads, kind, model, given.runs)
                        cases.append(dict(zip(FIELDS, values)))
                    except Failed as error:
                        print(f"left out: {error}", file=sys.stderr, flush=True)
        report(given.folder, cases, kind)


def report(folder, cases, kind):
    """Writes the files of what was measured so far, and prints the table of a type."""
    rows = list(totals(cases))
    if not rows:
        sys.exit("nothing was measured")
    for file, fields, lines in [("codec-runs.csv", FIELDS, cases), ("codec.csv", list(rows[0]), rows)]:
        with open(folder / file, "w", newline="") as output:
            writer = csv.DictWriter(output, fields)
            writer.writeheader()
            writer.writerows(lines)
    markdown([row for row in rows if row["type"] == kind], kind)


main()
