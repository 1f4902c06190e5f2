"""How far a run of an original in BF16, F16 or TF32 is from its run in F32: the figures behind `--like`.

    python low_precision.py FOLDER...        needs torch and transformers 4.57.6; prints one line a precision and depth
    python low_precision.py --deep           the same for random models of 48 layers, which show the growth with depth
    python low_precision.py --save bf16 FOLDER FILE     writes what the run gives, for hymba-verify --expect

Both runs are the original's own code on the CPU, from the same weights rounded to the precision's storage type (TF32
stores F32). PyTorch has no TF32 on a CPU: the inputs and weights of every linear layer are rounded to its 10 bits of
fraction, and the products are summed in F32, as the hardware does. A line is the worst of the captures at that depth: nmse
is the mean squared error over the variance, largest the largest error over the largest magnitude.
"""
import argparse
import math
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForCausalLM

STORED = {"bf16": torch.bfloat16, "f16": torch.float16, "tf32": torch.float32}
MIXERS = ("mamba", "self_attn", "mixer", "feed_forward", "shared_transformer")


def tf32(x):
    """The nearest number with 10 bits of fraction, ties away from zero, as the hardware rounds."""
    return ((x.contiguous().view(torch.int32) + 0x1000) & ~0x1FFF).view(torch.float32)


class RoundedProducts(torch.overrides.TorchFunctionMode):
    """Rounds both sides of every matrix product to TF32."""
    PRODUCTS = {torch.nn.functional.linear, torch.matmul, torch.bmm, torch.Tensor.matmul, torch.Tensor.__matmul__}

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if function in self.PRODUCTS:
            args = tuple(tf32(a) if i < 2 and a.dtype == torch.float32 else a for i, a in enumerate(args))
        return function(*args, **(kwargs or {}))


def first(output):
    return output[0] if isinstance(output, tuple) else output


def run(model, ids, precision=None):
    """Every capture by its name, with the number of layers that it has behind it."""
    body = model.get_decoder() if not hasattr(model, "backbone") else model.backbone
    embedding = model.get_input_embeddings()
    found, hooks = {}, []

    def hook(module, name, depth):
        def keep(_, __, output):
            found[name] = (depth, first(output).detach().float().clone())
        hooks.append(module.register_forward_hook(keep))
    hook(embedding, "embedding", 0)
    for i, layer in enumerate(body.layers):
        hook(layer, f"hidden_states.{i + 1}", i + 1)
        for name, part in layer.named_children():
            if name in MIXERS: hook(part, f"layers.{i}.{name}", i + 1)
    with torch.no_grad():
        if precision == "tf32":
            with RoundedProducts(): logits = model(ids, use_cache=False).logits
        else:
            logits = model(ids, use_cache=False).logits
    found["logits"] = (len(body.layers), logits.float())
    for h in hooks: h.remove()
    return found


def errors(got, expected):
    got, expected = got.double(), expected.double()
    difference = got - expected
    variance = expected.var(unbiased=False).item()
    return (difference.square().mean().item() / variance if variance > 0 else 0.0,
        difference.abs().max().item() / max(expected.abs().max().item(), 1e-30))


def measure(title, model, ids):
    for precision, dtype in STORED.items():
        stored = {k: v.to(dtype) if v.is_floating_point() else v for k, v in model.state_dict().items()}
        model.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in stored.items()})
        plain = run(model, ids)
        low = run(model.to(dtype), ids, precision)
        model.float()
        worst = {}
        for name, (depth, expected) in plain.items():
            nmse, largest = errors(low[name][1], expected)
            kind = "stream" if name.startswith("hidden") else "logits" if name == "logits" else "branch"
            old = worst.get((depth, kind), (0, 0))
            worst[depth, kind] = (max(old[0], nmse), max(old[1], largest))
        for (depth, kind), (nmse, largest) in sorted(worst.items()):
            print(f"{title}\t{precision}\t{kind}\t{depth}\t{nmse:.2e}\t{largest:.2e}")


def spread(model, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in sorted(model.named_parameters()):
            noise = torch.randn(p.shape, generator=generator)
            if name.endswith("A_log"):
                p.copy_(torch.log(0.5 + 15.5 * torch.rand(p.shape, generator=generator)))
            elif name.endswith(("dt_bias", "dt_proj.bias")):
                step = torch.exp(math.log(0.005) + math.log(100) * torch.rand(p.shape, generator=generator))
                p.copy_(step + torch.log(-torch.expm1(-step)))
            elif name.endswith(".D") or "norm" in name:
                p.copy_(1 + 0.25 * noise)
            elif p.dim() == 1:
                p.copy_(0.2 * noise)
            elif "embed" in name:
                p.copy_(noise)
            else:
                p.copy_(noise / p.shape[-1] ** 0.5)


def deep():
    layers, common = 48, dict(vocab_size=97, hidden_size=64)
    made = {
        "mamba": ("mamba", dict(num_hidden_layers=layers, state_size=8)),
        "mamba2": ("mamba2", dict(num_hidden_layers=layers, num_heads=8, head_dim=16, n_groups=1, state_size=16, chunk_size=16)),
        "bamba": ("bamba", dict(num_hidden_layers=layers, attn_layer_indices=list(range(3, layers, 6)), intermediate_size=128,
            num_attention_heads=4, num_key_value_heads=2, mamba_n_heads=8, mamba_d_head=16, mamba_n_groups=1,
            mamba_d_state=16, mamba_chunk_size=16)),
        "jamba": ("jamba", dict(num_hidden_layers=layers, intermediate_size=128, num_attention_heads=4, num_key_value_heads=2,
            num_experts=1, num_experts_per_tok=1, mamba_d_state=8, mamba_dt_rank=4, use_mamba_kernels=False)),
    }
    for seed, (title, (kind, options)) in enumerate(made.items()):
        config = AutoConfig.for_model(kind, **common, **options)
        model = AutoModelForCausalLM.from_config(config, attn_implementation="eager" if kind in ("bamba", "jamba") else None)
        spread(model, 100 + seed)
        ids = torch.randint(0, 97, (2, 40), generator=torch.Generator().manual_seed(seed))
        measure(f"{title}-deep", model.eval(), ids)


def load(folder):
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    return model, load_file(Path(folder) / "expected.safetensors")["input_ids"].long()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folders", nargs="*")
    arguments.add_argument("--deep", action="store_true")
    arguments.add_argument("--save", choices=STORED)
    arguments = arguments.parse_args()
    torch.set_num_threads(1)
    if arguments.save:
        folder, file = arguments.folders
        model, ids = load(folder)
        found = run(model.to(STORED[arguments.save]), ids, arguments.save)
        kept = {n: v for n, (_, v) in found.items() if n == "logits" or n.startswith("hidden_states")}
        save_file({"input_ids": ids} | {n: v.contiguous() for n, v in kept.items()}, file)
        return
    if not arguments.deep and not arguments.folders: sys.exit(__doc__)
    for folder in arguments.folders:
        measure(Path(folder).name, *load(folder))
    if arguments.deep: deep()


if __name__ == "__main__":
    main()
