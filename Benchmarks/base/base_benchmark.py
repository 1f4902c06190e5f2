"""Sizes of fine-tunes as containers relative to their base, beside zstd --patch-from and bsdiff on the same weights.

    python base_benchmark.py BIN FOLDER

BIN holds hymba-convert, FOLDER gets the files. It needs torch, numpy and safetensors, and the programs zstd and bsdiff.

One fine-tune is real: the recall sample, trained further by AdamW. The others are made of a Mamba of 6 million BF16
parameters with random values of the sizes that training begins with: some of the weights moved by about one percent, by
about ten, whole rows of matrices moved, or a product of two thin matrices added, as a low-rank adapter does when it is
merged. "Moved" weights have other bits than before; all other bits are the base's.

zstd and bsdiff get the fine-tune and the base as safetensors files. The container's size is that of the whole file.
"""
import subprocess
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "Benchmarks/pytorch"))
import hymba_pytorch  # noqa: E402


def run(*command):
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)


def trained(base, steps, rate):
    """The tensors of a raw container after some steps of AdamW on the sample's sequences, rounded to BF16 again."""
    tensors, architecture = hymba_pytorch.read(base)
    sequences = load_file(ROOT / "samples/recall-hymba/eval.safetensors")["input_ids"]
    leaves = {name: value.float().requires_grad_() for name, value in tensors.items()}
    hymba_pytorch.read = lambda path: (dict(leaves), architecture)
    optimizer = torch.optim.AdamW(leaves.values(), lr=rate, weight_decay=0)
    for step in range(steps):
        ids = sequences[step * 8 % len(sequences):][:8]
        logits = hymba_pytorch.Hymba.forward.__wrapped__(hymba_pytorch.Hymba(base, False), ids)
        loss = torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return {name: leaves[name].detach().to(value.dtype) for name, value in tensors.items()}


def moved(weights, share, size, rows=False):
    """Weights of which a share, or a share of the rows, was multiplied with numbers about 1 that differ by `size`."""
    places = torch.rand(weights.shape[:1] if rows else weights.shape) < share
    places = places.view(-1, *[1] * (weights.dim() - 1)).expand_as(weights) if rows else places
    new = (weights.float() * (1 + size * torch.randn(weights.shape))).bfloat16()
    # A weight that was rounded back gets the next number.
    bits = new.view(torch.int16)
    bits = torch.where(places & (new == weights), bits ^ 1, bits)
    return torch.where(places, bits, weights.view(torch.int16)).view(torch.bfloat16)


def low_rank(weights, rank=8, size=0.01):
    """Matrices with the product of two thin ones added, whose values are about `size` of the weights'."""
    if weights.dim() != 2:
        return weights
    product = torch.randn(weights.shape[0], rank) @ torch.randn(rank, weights.shape[1]) / rank ** 0.5
    return (weights.float() + size * weights.float().std() * product).bfloat16()


KINDS = {
    "1 % of weights, by 1 %": lambda w: moved(w, 0.01, 0.01),
    "5 % of weights, by 1 %": lambda w: moved(w, 0.05, 0.01),
    "5 % of weights, by 10 %": lambda w: moved(w, 0.05, 0.1),
    "5 % of rows, by 1 %": lambda w: moved(w, 0.05, 0.01, rows=True),
    "all weights, by 0.1 %": lambda w: moved(w, 1, 0.001),
    "all weights, by 1 %": lambda w: moved(w, 1, 0.01),
    "low rank added": low_rank,
}


def row(convert, folder, name, base, tensors, options):
    """Writes a fine-tune in every way and prints its sizes. `base` is a path without its ending."""
    old = load_file(f"{base}.safetensors")
    changed = sum((old[key].view(torch.int16) != tensors[key].view(torch.int16)).sum().item() for key in old)
    share = changed / sum(value.numel() for value in old.values())
    plain, own, relative = (folder / f"fine-tune{end}" for end in (".safetensors", ".hymba", "-relative.hymba"))
    save_file(tensors, plain, metadata={"format": "pt"})
    run(convert, "checkpoints", plain, "-o", own, "--force", "--quiet", *options)
    run(convert, "checkpoints", plain, "-o", relative, "--base", f"{base}.hymba", "--force", "--quiet", *options)
    sizes = [own.stat().st_size, relative.stat().st_size]
    for command in (
        ["zstd", "-qq", "-f", "-19", "--long=31", f"--patch-from={base}.safetensors", plain, "-o", folder / "patch"],
        ["bsdiff", f"{base}.safetensors", plain, folder / "patch"],
    ):
        run(*command)
        sizes.append((folder / "patch").stat().st_size)
    whole = plain.stat().st_size
    cells = [f"{size / 1e6:.3f} MB, {whole / size:.1f}" for size in sizes]
    print(f"| {name} | {share:.1%} | {whole / 1e6:.2f} MB | " + " | ".join(cells) + " |", flush=True)


def main():
    convert, folder = Path(sys.argv[1]) / "hymba-convert", Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    print("| fine-tune | changed | safetensors | container | relative to the base | zstd --patch-from | bsdiff |")
    print("|---|---:|---:|---:|---:|---:|---:|")

    sample, raw = folder / "recall", folder / "recall-raw.hymba"
    run(convert, "checkpoints", ROOT / "samples/recall-hymba", "-o", raw, "--compression", "none", "--force", "--quiet")
    options = ["--config", ROOT / "samples/recall-hymba/config.json", "--layout", "hymba", "--no-files"]
    save_file(hymba_pytorch.read(raw)[0], f"{sample}.safetensors", metadata={"format": "pt"})
    run(convert, "checkpoints", f"{sample}.safetensors", "-o", f"{sample}.hymba", "--force", "--quiet", *options)
    row(convert, folder, "the recall sample, 40 steps", sample, trained(raw, 40, 1e-5), options)

    base, options = folder / "mamba", ["--config", ROOT / "Benchmarks/base/mamba.json"]
    run(convert, "init", *options, "--dtype", "BF16", "-o", f"{base}.hymba", "--force", "--quiet")
    run(convert, "export", f"{base}.hymba", "-o", f"{base}.safetensors", "--force", "--quiet")
    tensors = load_file(f"{base}.safetensors")
    for name, change in KINDS.items():
        row(convert, folder, name, base, {key: change(value) for key, value in tensors.items()}, options)


if __name__ == "__main__":
    main()
