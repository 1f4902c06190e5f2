"""Records the recorded sets anew with samples/python/record_reference.py, and compares every capture with what was recorded.

    record_check.py FOLDER      needs torch, transformers and safetensors

Writes FOLDER/SET.safetensors for each set that this version of transformers can compute, and prints the sets. Exit code 0 when
no capture differs by more than 2e-5 of the largest value.
"""

import contextlib
import os
import sys

from safetensors.numpy import load_file

FIXTURES = os.path.abspath(f"{os.path.dirname(__file__)}/..")
sys.path.insert(0, f"{FIXTURES}/../../samples/python")
import record_reference  # noqa: E402

SETS = ["jamba-tiny", "zamba-tiny", "zamba2-tiny", "falcon-h1-tiny", "bamba-tiny", "granite-hybrid-tiny", "mamba-tiny",
        "mamba2-tiny", "mamba-options", "mamba2-options", "falcon-mamba-tiny", "falcon-mamba-options"]
# Of these, transformers 4 has no class, or one that does something else.
NEWER = ["nemotron-h-tiny", "nemotron-h-options", "falcon-h1-options", "bamba-options", "granite-hybrid-options"]


def record(name, output):
    folder = f"{FIXTURES}/{name}"
    sys.argv = ["record_reference.py", folder, "--input", f"{folder}/expected.safetensors", "-o", output]
    with contextlib.redirect_stdout(sys.stderr):
        record_reference.main()
    expected, got = load_file(f"{folder}/expected.safetensors"), load_file(output)
    if os.path.exists(f"{folder}/branches.safetensors"):
        expected |= load_file(f"{folder}/branches.safetensors")
    assert set(expected) == set(got), f"{name}: {set(expected) ^ set(got)}"
    for capture, values in expected.items():
        error = abs(got[capture].astype("f8") - values).max()
        assert error <= 2e-5 * abs(values).max(), f"{name}: {capture} differs by {error}"


def main(folder):
    for name in SETS + (NEWER if record_reference.VERSION >= (5, 0) else []):
        record(name, f"{folder}/{name}.safetensors")
        print(name)


if __name__ == "__main__":
    main(sys.argv[1])
