"""Writes recall-tuned.hymba: the recall sample after 40 steps of AdamW, relative to the sample's container.

    record.py BIN_FOLDER        needs torch, numpy and safetensors
"""
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from safetensors.torch import save_file

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[2]
sys.path.append(str(ROOT / "Benchmarks/base"))
from base_benchmark import trained  # noqa: E402

convert = Path(sys.argv[1]).resolve() / "hymba-convert"
torch.manual_seed(1)
with tempfile.TemporaryDirectory() as folder:
    folder = Path(folder)

    def run(*arguments):
        subprocess.run([convert, "checkpoints", *map(str, arguments), "--quiet", "--force"], check=True)

    run(ROOT / "samples/recall-hymba", "-o", folder / "raw.hymba", "--compression", "none")
    run(ROOT / "samples/recall-hymba", "-o", folder / "recall.hymba")
    save_file(trained(folder / "raw.hymba", 40, 1e-5), folder / "recall-tuned.safetensors", metadata={"format": "pt"})
    run(folder / "recall-tuned.safetensors", "-o", FOLDER / "recall-tuned.hymba", "--base", folder / "recall.hymba",
        "--layout", "hymba", "--config", ROOT / "samples/recall-hymba/config.json")
