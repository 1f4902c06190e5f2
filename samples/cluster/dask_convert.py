"""Converts a checkpoint in parts with Dask: one task for each part, then the index.

    pip install distributed
    python dask_convert.py SOURCE FOLDER PARTS [--scheduler ADDRESS] [-- OPTIONS OF hymba-convert]

Without --scheduler it starts two workers on this machine. The workers call hymba-convert, which must be on their PATH,
and the folder must be on a file system that all of them see. A worker that dies is replaced by another one: its part is
written again, or kept where it is complete.
"""

import argparse
import subprocess
import sys

from distributed import Client, LocalCluster, as_completed


def command(arguments, *step):
    return ["hymba-convert", "checkpoints", arguments.source, "-o", arguments.folder + "/", "--parts",
            str(arguments.parts), *step, *arguments.options]


def run(words):
    """Runs a command on a worker, and returns what it printed."""
    result = subprocess.run(words, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"exit status {result.returncode}: {result.stderr.strip() or ' '.join(words)}")
    return result.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("folder")
    parser.add_argument("parts", type=int)
    parser.add_argument("--scheduler", help="address of a running scheduler")
    words = sys.argv[1:]
    own = words[:words.index("--")] if "--" in words else words
    arguments = parser.parse_args(own)
    arguments.options = words[len(own) + 1:]

    # One part at a time on each worker: hymba-convert uses the cores itself.
    cluster = arguments.scheduler or LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with Client(cluster) as client:
        tasks = [client.submit(run, command(arguments, "--part", str(part)), pure=False, retries=3)
                 for part in range(1, arguments.parts + 1)]
        for task in as_completed(tasks):
            print(task.result(), end="", flush=True)
        print(client.submit(run, command(arguments, "--finish"), pure=False, retries=3).result(), end="")
    if not arguments.scheduler:
        cluster.close()


if __name__ == "__main__":
    main()
