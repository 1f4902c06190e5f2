"""Measures how processor time and memory of the tools grow with tensors, shards, bytes and prompts, and prints Markdown.

    python3 Benchmarks/growth/run.py BIN FOLDER [--runs 3] [--most-gigabytes 30]

BIN holds the tools. FOLDER gets the checkpoints, which are removed again, and growth.csv. The checkpoints are sparse
files: a tensor is its number and zeros behind it, so that no two tensors are the same and 30 GB take no room. Needs GNU
time.
"""

import argparse
import csv
import json
import math
import shutil
import statistics
import struct
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def write(path, tensors, first=0):
    """Writes a sparse safetensors file of F32 tensors; `tensors` has names and counts of elements."""
    header, offset = {}, 0
    for name, count in tensors:
        header[name] = {"dtype": "F32", "shape": [count], "data_offsets": [offset, offset + 4 * count]}
        offset += 4 * count
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        start = file.tell()
        file.truncate(start + offset)
        for number, entry in enumerate(header.values()):
            file.seek(start + entry["data_offsets"][0])
            file.write(struct.pack("<f", first + number + 1))


def tensors(folder, count):
    write(folder / "model.safetensors", [(f"t.{i:06d}", 16) for i in range(count)])
    return folder / "model.safetensors"


def shards(folder, count):
    """10,000 tensors of 4 kB in so many files."""
    total, places = 10_000, {}
    for shard in range(count):
        name = f"model-{shard + 1:05d}-of-{count:05d}.safetensors"
        numbers = range(total * shard // count, total * (shard + 1) // count)
        write(folder / name, [(f"t.{i:06d}", 1024) for i in numbers], first=numbers.start)
        places |= {f"t.{i:06d}": name for i in numbers}
    index = {"metadata": {"total_size": 4096 * total}, "weight_map": places}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    return folder


def gigabytes(folder, size):
    """Tensors of 100 MB."""
    write(folder / "model.safetensors", [(f"t.{i:06d}", 25_000_000) for i in range(round(size * 10))])
    return folder / "model.safetensors"


def cost(command):
    """The seconds of processor time and the peak memory in MB of a command.

    GNU time starts it, as the memory of a child that Python starts counts that of Python.
    """
    run = subprocess.run(
        ["/usr/bin/time", "-q", "-f", "%U %S %M", *map(str, command)], stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True)
    if run.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{run.stderr[-2000:]}")
    user, system, memory = run.stderr.split()[-3:]
    return float(user) + float(system), int(memory) * 1024 / 1e6


def median(command, runs):
    return [statistics.median(values) for values in zip(*(cost(command) for _ in range(runs)))]


def checkpoints(binaries, folder, runs, most):
    """Lists, converts and checks checkpoints that grow in one way each."""
    parts = {
        "tensors": (tensors, [1_000, 10_000, 100_000]),
        "shards": (shards, [1, 10, 100, 1_000]),
        "gigabytes": (gigabytes, [size for size in [0.1, 0.3, 1, 3, 10, 30] if size <= most]),
    }
    for part, (make, sizes) in parts.items():
        for size in sizes:
            place = folder / "growth"
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            source, container = make(place, size), place / "out.hymba"
            commands = {
                "list": [binaries / "hymba-inspect", "parameters", source, "--quiet", "--layout", "verbatim"],
                "convert": [
                    binaries / "hymba-convert", "checkpoints", source, "-o", container, "--layout", "verbatim",
                    "--no-verify", "--force", "--quiet"
                ],
                "list container": [binaries / "hymba-inspect", "parameters", container, "--quiet"],
                "check container": [binaries / "hymba-verify", "container", container, "--quiet"],
            }
            for what, command in commands.items():
                # What takes long differs less from run to run.
                yield part, size, what, *median(command, runs if size < 10 or part != "gigabytes" else 1)
            shutil.rmtree(place)


def prompts(binaries, folder, runs):
    """Reads a prompt and gives one token, with a model of 4 layers."""
    model = folder / "growth-prompt.hymba"
    cost([
        binaries / "hymba-convert", "init", "--config", HERE / "prompt.json", "--dtype", "BF16", "--compression", "none",
        "--force", "-o", model
    ])
    for count in [128, 256, 512, 1_024, 2_048, 4_096, 8_192, 16_384]:
        ids = folder / "growth-prompt.txt"
        ids.write_text(",".join(str(3 + 7919 * i % 997) for i in range(count)))
        command = [binaries / "hymba-verify", "generate", model, "--count", "1", "--quiet", "--tokens", f"@{ids}"]
        yield "prompt", count, "generate", *median(command, runs if count < 4_096 else 1)
        ids.unlink()
    model.unlink()


def growth(rows):
    """The power of the size with which time and memory grow over the last step: 1 where they are linear."""
    (_, x0, _, s0, m0), (_, x1, _, s1, m1) = rows[-2], rows[-1]
    step = math.log(x1 / x0)
    return math.log(s1 / s0) / step, math.log(m1 / m0) / step


def markdown(rows):
    print("| what grows | command | from | to | processor time, s | MB of memory | last step: power of time | of memory |")
    print("|---|---|---|---|---|---|---|---|")
    for part, what in dict.fromkeys((row[0], row[2]) for row in rows):
        line = [row for row in rows if (row[0], row[2]) == (part, what)]
        (_, x0, _, s0, m0), (_, x1, _, s1, m1) = line[0], line[-1]
        time_power, memory_power = growth(line)
        print(
            f"| {part} | {what} | {x0:,} | {x1:,} | {s0:.3f} to {s1:.3f} | {m0:.0f} to {m1:.0f} | {time_power:.2f} | "
            f"{memory_power:.2f} |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binaries", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--most-gigabytes", type=float, default=30)
    given = parser.parse_args()
    rows = []
    with open(given.folder / "growth.csv", "w", newline="") as output:
        writer = csv.writer(output)
        writer.writerow(["part", "size", "what", "seconds", "megabytes"])
        for measured in [
            prompts(given.binaries, given.folder, given.runs),
            checkpoints(given.binaries, given.folder, given.runs, given.most_gigabytes),
        ]:
            for row in measured:
                writer.writerow(row)
                output.flush()
                rows.append(row)
                print(*row, file=sys.stderr, flush=True)
    markdown(rows)


main()
