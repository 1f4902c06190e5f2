"""Times NVIDIA's Hymba in plain PyTorch on the CPU beside forward-benchmark: same file, as many tokens and threads.

    python hymba_pytorch.py MODEL.hymba [--tokens 128] [--threads 2] [--runs 2]      both times and their factor
    python hymba_pytorch.py MODEL.hymba --check                     first compare the logits with hymba-verify's
    python hymba_pytorch.py MODEL.hymba --expect FILE.safetensors   first compare them with a recording

MODEL.hymba is a raw container: hymba-convert checkpoints SOURCE -o MODEL.hymba --compression none.
It needs torch, numpy and safetensors. Our tools are taken from the folder HYMBA_BIN, else from .build/release.

The model is what NVIDIA's code computes in eager PyTorch, in float32: one in_proj for queries, keys, values, x and z;
grouped heads by repetition; a dense mask of window and meta tokens; conv1d with groups; the selective scan as the loop
over positions of mamba_ssm's selective_scan_ref. Nothing is compiled; its fused kernels need a GPU.

What is timed: one pass from token ids to logits at every position, the best of --runs after one warm-up. Loading is
not timed. Weights are widened to float32 before the pass, four bytes for each parameter; with --widen-per-layer they
stay as stored and each layer's are widened in the pass, inside the time, as forward-benchmark does with its own.
forward-benchmark runs as often, a process each, warm-up and best as well.

On Linux, glibc gives the scan's large arrays back to the system and faults them in again, 1.7 million page faults in a
pass of the 1.5B model. MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=100000000000 in front of the command spares PyTorch
that, and shows it at its best.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file

TOLERANCE = 2e-5        # of the largest expected logit


class Hymba:
    def __init__(self, path, widen_per_layer):
        self.tensors, self.architecture = read(path)
        self.vocabulary = self.architecture["input"]["tokens"]["vocabularySize"]
        self.epsilon = self.architecture["norm"]["epsilon"]
        self.seconds = Counter()        # of each kind of work, since last cleared
        self.layers = [{} for _ in self.architecture["layers"]]
        for name in [name for name in self.tensors if name.startswith("layers.")]:
            _, index, rest = name.split(".", 2)
            self.layers[int(index)][rest] = self.tensors.pop(name)
        for layer in self.layers:
            # NVIDIA has one matrix with the rows q, k, v, x, z; q, x, z where keys and values are another layer's
            for part in ("weight", "bias"):
                names = [f"attention.{kind}_proj.{part}" for kind in "qkv"] + [f"mamba.in_proj.{part}"]
                if pieces := [layer.pop(name) for name in names if name in layer]:
                    layer[f"in_proj.{part}"] = torch.cat(pieces)
        if not widen_per_layer:
            for group in [self.tensors, *self.layers]:
                group.update(widened(group))

    def operations(self, tokens):
        """As forward-benchmark counts: every matrix multiplies each position once; the head has no meta positions."""
        matrices = sum(w[name].numel() for w in self.layers for name in w if name.endswith("proj.weight"))
        rows = tokens + len(self.tensors.get("meta_tokens", ()))
        return 2 * rows * matrices + 2 * tokens * self.vocabulary * self.architecture["hiddenSize"]

    def timed(self, work, function, *arguments, **options):
        start = time.perf_counter()
        result = function(*arguments, **options)
        self.seconds[work] += time.perf_counter() - start
        return result

    def linear(self, x, w, name):
        return self.timed("linear layers", F.linear, x, w[f"{name}.weight"], w.get(f"{name}.bias"))

    def norm(self, x, w, name):
        return rms_norm(x, w[f"{name}.weight"], self.epsilon)

    @torch.inference_mode()
    def forward(self, ids):
        """ids: [batch, seq]. Returns the logits."""
        x = self.tensors["embed_tokens.weight"][ids].float()
        self.meta, self.masks, self.key_values = 0, {}, {}
        if "meta_tokens" in self.tensors:
            self.meta = len(self.tensors["meta_tokens"])
            x = torch.cat([self.tensors["meta_tokens"].float().expand(len(ids), -1, -1), x], dim=1)
        for i, layer in enumerate(self.architecture["layers"]):
            w = self.timed("widening", widened, self.layers[i])
            x = x + self.mixer(i, layer["mixer"]["parallel"], w, self.norm(x, w, "norm"))
            h = self.norm(x, w, "ffn_norm")
            up = self.linear(h, w, "ffn.up_proj")
            squared = "reluSquared" in layer["feedForward"]
            h = F.relu(up).square() if squared else F.silu(self.linear(h, w, "ffn.gate_proj")) * up
            x = x + self.linear(h, w, "ffn.down_proj")
        head = "embed_tokens" if self.architecture["output"] == "tiedLogits" else "lm_head"
        w = {name: self.tensors[name] for name in ("final_norm.weight", f"{head}.weight")}
        w = self.timed("widening", widened, w)
        return self.linear(self.norm(x, w, "final_norm")[:, self.meta:], w, head)

    def mixer(self, i, shape, w, n):
        a, m = shape["attention"], shape["mamba"]
        sizes = [a["heads"] * a["keyHeadSize"]]
        if a.get("keyValueLayer") is None:
            sizes += [a["keyValueHeads"] * a["keyHeadSize"], a["keyValueHeads"] * a["valueHeadSize"]]
        q, *kv, x, z = self.linear(n, w, "in_proj").split(sizes + [m["innerSize"]] * 2, dim=-1)
        attention, mamba = self.attention(i, a, w, q, kv), self.mamba(m, w, x, z)
        mean = (self.norm(attention, w, "fusion.attention_norm") + self.norm(mamba, w, "fusion.mamba_norm")) / 2
        return self.linear(mean, w, "fusion.out_proj")

    def attention(self, i, a, w, q, kv):
        def heads(x, count):
            return x.view(*x.shape[:2], count, -1).transpose(1, 2)

        def placed(x, norm):
            if a.get("queryKeyNorm"):
                weight = w[f"attention.{norm}.weight"]      # [d], or [heads, d]
                x = rms_norm(x, weight if weight.ndim == 1 else weight[:, None], 1e-6)
            return rotary(x, **a["rotary"]) if a.get("rotary") else x

        q = placed(heads(q, a["heads"]), "q_norm")
        if kv:
            k, v = (heads(x, a["keyValueHeads"]) for x in kv)
            self.key_values[i] = placed(k, "k_norm"), v
        k, v = (x.repeat_interleave(a["heads"] // a["keyValueHeads"], dim=1)
                for x in self.key_values[i if kv else a["keyValueLayer"]])
        # scaled by the size of a key head; a value head is wider
        out = self.timed("attention", F.scaled_dot_product_attention, q, k, v, self.mask(q.shape[2], a.get("window")))
        return out.transpose(1, 2).flatten(2)

    def mask(self, length, window):
        """True where a query sees a key: no later one; with a window that or fewer positions before it, or a meta token."""
        if window not in self.masks:
            query, key = torch.arange(length)[:, None], torch.arange(length)
            near = True if window is None else (query - key <= window) | (key < self.meta)
            self.masks[window] = (key <= query) & near
        return self.masks[window]

    def mamba(self, m, w, x, z):
        u = self.timed("convolution", F.conv1d, x.transpose(1, 2), w["mamba.conv1d.weight"][:, None],
                       w.get("mamba.conv1d.bias"), padding=m["convWidth"] - 1, groups=m["innerSize"])
        u = F.silu(u[..., :x.shape[1]])
        low = self.linear(u.transpose(1, 2), w, "mamba.x_proj").split([m["rank"], m["stateSize"], m["stateSize"]], dim=-1)
        if m["innerNorms"]:
            low = [self.norm(part, w, f"mamba.{name}_norm") for part, name in zip(low, ("dt", "B", "C"))]
        dt, B, C = low
        delta = self.timed("linear layers", F.linear, dt, w["mamba.dt_proj.weight"])    # its bias is added in the scan
        delta, B, C, z = (part.transpose(1, 2) for part in (delta, B, C, z))
        return self.timed("selective scan", selective_scan, u, delta, -torch.exp(w["mamba.A_log"]), B, C, w["mamba.D"], z,
                          w["mamba.dt_proj.bias"]).transpose(1, 2)


def selective_scan(u, delta, A, B, C, D, z, delta_bias):
    """u, delta, z: [batch, inner, length]; A: [inner, state]; B, C: [batch, state, length]; D, delta_bias: [inner]."""
    delta = F.softplus(delta + delta_bias[:, None])
    decay = torch.exp(torch.einsum("bdl,dn->bdln", delta, A))
    entering = torch.einsum("bdl,bnl,bdl->bdln", delta, B, u)
    state, ys = A.new_zeros(len(u), *A.shape), []
    for t in range(u.shape[2]):
        state = decay[:, :, t] * state + entering[:, :, t]
        ys.append(torch.einsum("bdn,bn->bd", state, C[:, :, t]))
    return (torch.stack(ys, dim=2) + u * D[:, None]) * F.silu(z)


def rms_norm(x, weight, epsilon):
    return weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + epsilon))


def rotary(x, base, dynamicFrom=None):
    """x: [batch, heads, length, d]; halves against each other; positions count the meta tokens."""
    length, d = x.shape[-2:]
    if dynamicFrom and length > dynamicFrom:
        base *= (2 * length / dynamicFrom - 1) ** (d / (d - 2))
    angles = torch.outer(torch.arange(length).float(), 1 / base ** (torch.arange(0, d, 2) / d)).repeat(1, 2)
    first, second = x.chunk(2, dim=-1)
    return x * angles.cos() + torch.cat([-second, first], dim=-1) * angles.sin()


def widened(group):
    return {name: value.float() for name, value in group.items()}       # no copy of what is float32


def read(path):
    """(tensors as stored, architecture) of a raw container with a Hymba of NVIDIA's kind."""
    try:
        with safe_open(path, "pt") as file:
            if "hymba.manifest" not in (names := set(file.keys())) or any(name.endswith("@zstd") for name in names):
                sys.exit(f"{path} is no raw container; make one with hymba-convert checkpoints and --compression none")
            architecture = json.loads(file.get_tensor("hymba.manifest").numpy().tobytes())["architecture"]
            tensors = {name: file.get_tensor(name) for name in names if not name.startswith("hymba.")}
    except (OSError, SafetensorError) as error:
        sys.exit(f"{path} cannot be read: {error}")
    mixers = [layer["mixer"].get("parallel", {}) for layer in (architecture or {}).get("layers", [])]
    if not mixers or any(mixer.get("fusion") != "meanOfNorms" for mixer in mixers):
        sys.exit(f"{path} is not a Hymba as NVIDIA released it")
    return tensors, architecture


def tool(name):
    folder = os.environ.get("HYMBA_BIN") or Path(__file__).resolve().parents[2] / ".build" / "release"
    return path if (path := Path(folder) / name).exists() else None


def run(name, *arguments):
    command = tool(name) or sys.exit(f"{name} not found: set HYMBA_BIN to its folder")
    done = subprocess.run([command, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{name} exited with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def check(model, path):
    """Whether the logits are those of a file with input_ids and logits."""
    try:
        recorded = load_file(path)
        ids, want = torch.from_numpy(recorded["input_ids"]), recorded["logits"]
    except (OSError, KeyError, SafetensorError) as error:
        sys.exit(f"{path} has no input_ids and logits: {error}")
    got = model.forward(ids).numpy()[:len(want)]        # a recording may hold fewer rows of the batch
    if got.shape != want.shape:
        sys.exit(f"{path}: computed logits {got.shape}, expected {want.shape}")
    error = np.abs(got - want).max() / np.abs(want).max()
    passed = bool(error <= TOLERANCE)       # a NaN fails
    print(f"logits: {error:.1e} of the largest apart, {TOLERANCE:.0e} allowed: {'passed' if passed else 'FAILED'}")
    return passed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="a raw .hymba container")
    for name, default in [("tokens", 128), ("threads", 2), ("runs", 2)]:
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--widen-per-layer", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--expect", type=Path)
    options = parser.parse_args()
    path, tokens, threads, runs = options.model, options.tokens, options.threads, options.runs
    if min(tokens, threads, runs) < 1:
        parser.error("--tokens, --threads and --runs are at least 1")
    torch.set_num_threads(threads)
    model = Hymba(path, options.widen_per_layer)
    ids, passed = [7919 * i % model.vocabulary for i in range(tokens)], True       # the time does not depend on them
    if options.expect:
        passed = check(model, options.expect)
    elif options.check:
        with tempfile.TemporaryDirectory() as folder:
            outputs = Path(folder) / "outputs.safetensors"
            listed = ",".join(map(str, ids))
            run("hymba-verify", "forward", path, "--tokens", listed, "--save-outputs", outputs, "--jobs", threads, "--quiet")
            passed = check(model, outputs)

    def pytorch():
        model.seconds.clear()
        start = time.perf_counter()
        model.forward(torch.tensor([ids]))
        return time.perf_counter() - start, dict(model.seconds.most_common())

    def forward_benchmark():
        output = run("forward-benchmark", path, tokens, threads)
        return float(re.search(r"^forward pass +([\d.]+) s", output, re.MULTILINE)[1]), {}

    def best(once):
        return min([once() for _ in range(runs + 1)][1:], key=lambda result: result[0])     # the first warms up

    def show(name, seconds, parts):
        print(f"{name:18} {seconds:6.2f} s   {model.operations(tokens) / max(seconds, 0.01) / 1e9:.0f} GFLOP/s")
        for work, part in parts.items():
            print(f"  {work:16} {part:6.2f} s")

    widening = f"weights widened {'in' if options.widen_per_layer else 'before'} the pass"
    print(f"{tokens} tokens, {threads} threads, best of {runs}; PyTorch {torch.__version__}, float32, {widening}")
    theirs = best(pytorch)
    show("PyTorch", *theirs)
    if not tool("forward-benchmark"):
        return print("forward-benchmark not found: set HYMBA_BIN to its folder") or passed
    ours = best(forward_benchmark)
    show("forward-benchmark", *ours)
    if ours[0] > 0:
        print(f"factor             {theirs[0] / ours[0]:6.2f}   PyTorch's time over forward-benchmark's")
    return passed


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
