"""Measures every peer on every file of trained weights, each phase in a process of its own, and prints Markdown.

    python Benchmarks/codec/run.py BIN FOLDER [--runs 3] [--peers "zstd -3,ZipNN"]

BIN holds the tools. FOLDER holds the files of weights.py; it gets codec-runs.csv, with the median of each case, and
codec.csv, with both models together, from which the plot and the tables are made. With --peers, cases of other peers
stay as codec-runs.csv has them.
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
PEERS = ["hymba", "zstd -3", "zstd -19", "ZipNN", "lmzip", "OpenZL", "h5py gzip", "safetensors"]
# The other peers have no threads.
THREADED = {"hymba", "zstd -3", "zstd -19", "ZipNN", "lmzip"}
LISTED = {"hymba", "lmzip", "h5py gzip", "safetensors"}
# It takes some ten times as long as all others together.
ENCODED_ONCE = {"zstd -19"}
CASE = ["peer", "threads", "type", "model"]
FIELDS = CASE + ["bytes", "packed", "encode_s", "decode_s", "list_ms", "encode_mb", "decode_mb"]


def process(command):
    """Runs a command; its output, its seconds as a whole, and its peak memory in MB.

    GNU time starts it, as the memory of a child that Python starts counts that of Python.
    """
    start = time.perf_counter()
    run = subprocess.run(["/usr/bin/time", "-q", "-f", "%M", *map(str, command)], capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if run.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{run.stderr}")
    return run.stdout, seconds, int(run.stderr.split()[-1]) * 1024 / 1e6


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
    _, seconds, memory = process([binaries / command[0], *command[1:]])
    return seconds, memory


def python(peer, phase, file, packed, threads):
    text, _, memory = process([sys.executable, HERE / "peer.py", peer, phase, file, packed, str(threads)])
    return float(text.split()[-1]), memory


def measure(binaries, folder, peer, threads, kind, model, runs):
    file = folder / f"{model}-{kind}.safetensors"
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


def markdown(rows):
    for kind in TYPES:
        print(f"\n| {kind} | threads | saving | encode | decode | list | peak memory, encode and decode |")
        print("|---|---|---|---|---|---|---|")
        for row in (row for row in rows if row["type"] == kind):
            listing = f"{row['list_ms']:.1f} ms" if row["list_ms"] != "" else ""
            print(
                f"| {row['peer']} | {row['threads']} | {row['saving']:.1f} % | {row['encode']:.0f} MB/s | "
                f"{row['decode']:.0f} MB/s | {listing} | {row['encode_mb']:.0f} and {row['decode_mb']:.0f} MB |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binaries", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peers", type=lambda text: text.split(","), default=PEERS)
    given = parser.parse_args()
    runs_file = given.folder / "codec-runs.csv"
    cases = list(csv.DictReader(open(runs_file))) if runs_file.exists() else []
    cases = [case for case in cases if case["peer"] not in given.peers]
    for peer in given.peers:
        for threads in dict.fromkeys([1, os.cpu_count()] if peer in THREADED else [1]):
            for kind in TYPES:
                for model in MODELS:
                    values = measure(given.binaries, given.folder, peer, threads, kind, model, given.runs)
                    cases.append(dict(zip(FIELDS, values)))
                    print(peer, threads, kind, model, file=sys.stderr, flush=True)
    rows = list(totals(cases))
    for file, fields, lines in [(runs_file, FIELDS, cases), (given.folder / "codec.csv", list(rows[0]), rows)]:
        with open(file, "w", newline="") as output:
            writer = csv.DictWriter(output, fields)
            writer.writeheader()
            writer.writerows(lines)
    markdown(rows)


main()
