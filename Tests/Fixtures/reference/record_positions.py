"""Records how gates and the attention's share spread, with NumPy, from recorded captures: positions/expected.json.

    python reference/record_positions.py

SET.LAYER holds `quantiles` of the gate at 0.05, 0.25, 0.5, 0.75 and 0.95 and its mean by position; for NVIDIA's Hymba,
where the mean of norms joins the branches, E|a| / (E|a| + E|m|) by position.
"""
import json
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

FIXTURES = Path(__file__).resolve().parent.parent
GATED = ("edifice-hymba-tiny", "edifice-hymba-small", "edifice-hymba-same-dim", "gated-prepended-tiny")
NVIDIA = ("hymba-nvidia-tiny", "hymba-nvidia-options-b")


def main():
    found = {}
    for name in GATED + NVIDIA:
        captures = {key: value.astype(np.float64) for key, value in
                    load_file(FIXTURES / name / "expected.safetensors").items()}
        for i in range(sum(key.startswith("hidden_states.") for key in captures)):
            if f"layers.{i}.gate" in captures:
                gate = captures[f"layers.{i}.gate"]
                found[f"{name}.{i}"] = {"quantiles": np.quantile(gate, [0.05, 0.25, 0.5, 0.75, 0.95]).tolist(),
                                        "positions": gate.mean(axis=(0, 2)).tolist()}
            elif f"layers.{i}.attention_normed" in captures:
                a, m = (np.abs(captures[f"layers.{i}.{kind}_normed"]).mean(axis=(0, 2)) for kind in ("attention", "mamba"))
                found[f"{name}.{i}"] = {"quantiles": None, "positions": (a / (a + m)).tolist()}
    (FIXTURES / "positions" / "expected.json").write_text(json.dumps(found, indent=1) + "\n")
    print(f"{len(found)} layers")


if __name__ == "__main__":
    main()
