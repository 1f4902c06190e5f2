"""A sequence of several blocks of queries through windowed layers, in float64: the fixture hymba-nvidia-windowed.

    python reference/windowed_float64.py check     recompute and compare with what is stored
    python reference/windowed_float64.py record    write it again

The model is that of hymba-nvidia-tiny; the pass is that of bf16_emulation.py without any rounding, which agrees with
NVIDIA's own recordings. numpy and safetensors alone.
"""
import json
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from bf16_emulation import Run, errors, read

FIXTURES = Path(__file__).resolve().parent.parent
MODEL, STORED = FIXTURES / "hymba-nvidia-tiny", FIXTURES / "hymba-nvidia-windowed" / "expected.safetensors"
# With the 3 meta tokens 153 positions: two whole blocks of 64 queries and a rest.
SEED, BATCH, LENGTH = 153, 2, 150
# Layers 1 and 2 have a window of 6 positions, 2 with the keys and values of 1.
KEPT = ("layers.1.attention", "layers.2.attention", "last_hidden_state")


def main(action):
    config = json.loads((MODEL / "config.json").read_text())
    ids = np.random.RandomState(SEED).randint(0, config["vocab_size"], (BATCH, LENGTH), dtype=np.int64)
    captures = Run(read(MODEL / "model.safetensors"), config, np.float64, lambda x: x).forward(ids)
    if action == "record":
        STORED.parent.mkdir(exist_ok=True)
        kept = {name: np.ascontiguousarray(captures[name], np.float32) for name in KEPT}
        save_file({"input_ids": ids} | kept, STORED)
    stored = read(STORED)
    assert (stored.pop("input_ids") == ids).all() and set(stored) == set(KEPT)
    for name, value in stored.items():
        error = errors(value, captures[name])[1]
        print(f"{name:20} {error:.1e}")
        assert error < 1e-7


if __name__ == "__main__":
    if sys.argv[1:] not in (["check"], ["record"]): sys.exit(__doc__)
    main(sys.argv[1])
