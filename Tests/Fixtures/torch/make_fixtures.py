"""Writes the PyTorch fixtures of this folder, and beside each readable one the same tensors as safetensors.

    pip install torch==2.13.0+cpu safetensors numpy
    python make_fixtures.py
"""
import json
import os
from collections import OrderedDict

import torch
from safetensors.torch import save_file
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
torch.manual_seed(20261124)


def path(name):
    return os.path.join(HERE, name)


def save(name, checkpoint, tensors, **options):
    """`checkpoint` as torch.save writes it, and `tensors` as what a reader should find in it."""
    torch.save(checkpoint, path(name + ".pt"), **options)
    save_file({k: v.detach().contiguous().clone() for k, v in tensors.items()}, path(name + ".safetensors"))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed_tokens = nn.Embedding(7, 4)
        self.norm = nn.BatchNorm1d(4)
        self.lm_head = nn.Linear(4, 7, bias=False)
        self.lm_head.weight = self.embed_tokens.weight


class Hyperparameters:
    pass


class Call:
    """Pickles as a call of `function`."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


types = {
    "float64": torch.randn(2, 3, dtype=torch.float64),
    "float32": torch.randn(2, 3),
    "float16": torch.randn(2, 3).half(),
    "bfloat16": torch.randn(2, 3).bfloat16(),
    "int64": torch.randint(-(2**62), 2**62, (5,)),
    "int32": torch.randint(-(2**31), 2**31 - 1, (5,), dtype=torch.int32),
    "int16": torch.randint(-(2**15), 2**15 - 1, (5,), dtype=torch.int16),
    "int8": torch.randint(-128, 127, (5,), dtype=torch.int8),
    "uint8": torch.randint(0, 255, (5,), dtype=torch.uint8),
    "bool": torch.tensor([True, False, True]),
    "scalar": torch.tensor(1.5),
    "empty": torch.zeros(0, 4),
}
save("types", types, types)
save("protocol4", types, types, pickle_protocol=4)
save("protocol5", types, types, pickle_protocol=5)

# Types that have no storage class of their own and go through _rebuild_tensor_v3.
newer = {
    "uint16": torch.randint(0, 2**16 - 1, (2, 3), dtype=torch.int32).to(torch.uint16),
    "uint32": torch.randint(0, 2**31 - 1, (2, 3)).to(torch.uint32),
    "uint64": torch.randint(0, 2**62, (2, 3)).to(torch.uint64),
    "float8_e4m3fn": torch.randn(2, 3).to(torch.float8_e4m3fn),
    "float8_e5m2": torch.randn(2, 3).to(torch.float8_e5m2),
}
save("newer-types", newer, newer)

base = torch.randn(6, 5, 4)
flat = torch.randn(40)
views = OrderedDict(
    whole=base,
    tied=base,
    transposed=base.transpose(0, 2),
    permuted=base.permute(1, 2, 0),
    row=base[2],
    column=base[:, 3],
    stepped=base[1::2, :, ::3],
    offset=flat[7:27].view(4, 5),
    matrix=flat[4:].view(6, 6).t(),
    repeated=flat[3].expand(2, 3),
    diagonal=base[:, :4, :].diagonal(dim1=1, dim2=2),
    half=torch.randn(33, 17).half().t(),
)
save("views", views, views)

net = Net()
optimizer = torch.optim.Adam(net.parameters())
net.lm_head(net.norm(net.embed_tokens(torch.arange(4)))).sum().backward()
optimizer.step()
weights = net.state_dict()
save("state-dict", weights, weights)
save("parameters", dict(net.named_parameters()), dict(net.named_parameters()))
save(
    "training",
    {
        "epoch": 3,
        "best": 0.25,
        "name": "run 7",
        "betas": (0.9, 0.999),
        "history": [1.0, 2.0, None],
        "args": {"lr": 1e-3, "device": torch.device("cpu"), "dtype": torch.bfloat16, "size": torch.Size([2, 3])},
        "state_dict": weights,
        "optimizer": optimizer.state_dict(),
    },
    weights,
)
wrapped = OrderedDict(("module._orig_mod." + k, v) for k, v in weights.items())
save("wrapped", {"model": wrapped, "optimizer_state_dict": optimizer.state_dict()}, wrapped)
nested = {"encoder": {"weight": torch.randn(2, 2)}, "blocks": [{"weight": torch.randn(3)}, {"weight": torch.randn(3)}]}
save(
    "nested", nested,
    {"encoder.weight": nested["encoder"]["weight"], "blocks.0.weight": nested["blocks"][0]["weight"],
     "blocks.1.weight": nested["blocks"][1]["weight"]},
)

# Two shards with an index, as Hugging Face writes them; the tied tensor is in the first.
os.makedirs(path("sharded"), exist_ok=True)
shards = {
    "pytorch_model-00001-of-00002.bin": {k: weights[k] for k in ("embed_tokens.weight", "lm_head.weight")},
    "pytorch_model-00002-of-00002.bin": {k: v for k, v in weights.items() if k.startswith("norm.")},
}
for name, part in shards.items():
    torch.save(part, path("sharded/" + name))
with open(path("sharded/pytorch_model.bin.index.json"), "w") as file:
    total = sum(v.numel() * v.element_size() for v in weights.values())
    json.dump({"metadata": {"total_size": total}, "weight_map": {k: n for n, p in shards.items() for k in p}}, file, indent=2)

# Refused.
torch.save(optimizer.state_dict(), path("optimizer.pt"))
torch.save(weights, path("legacy.pt"), _use_new_zipfile_serialization=False)
torch.save(net, path("module.pt"))
torch.save({"weight": torch.ones(2), "x": Call(os.system, "echo executed")}, path("system.pt"))
torch.save({"weight": torch.ones(2), "x": Call(eval, "1 + 1")}, path("eval.pt"))
torch.save({"weight": torch.ones(2), "args": Hyperparameters()}, path("class.pt"))
torch.save(
    {"x": Call(os.system, "echo executed")}, path("legacy-system.pt"), _use_new_zipfile_serialization=False)
torch.save({"weight": torch.eye(3).to_sparse()}, path("sparse.pt"))
torch.save({"weight": torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8)}, path("quantized.pt"))
torch.save({"weight": torch.ones(3, dtype=torch.complex64)}, path("complex.pt"))
torch.save({"weight": torch.ones(3, dtype=torch.complex64).conj().imag}, path("negated.pt"))
torch.save(torch.ones(3), path("tensor.pt"))
torch.save({"weight": torch.empty(3, device="meta")}, path("meta.pt"))
recursive = {}
recursive["again"] = recursive
torch.save(recursive, path("recursive.pt"))
torch.jit.save(torch.jit.trace(nn.Linear(2, 2), torch.ones(1, 2)), path("torchscript.pt"))
