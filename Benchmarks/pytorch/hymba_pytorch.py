"""Times NVIDIA's Hymba in plain PyTorch on the CPU beside forward-benchmark: same file, same tokens, same threads.

    python hymba_pytorch.py MODEL.hymba [--tokens 128] [--threads 2] [--runs 2]      both times and their factor
    python hymba_pytorch.py MODEL.hymba --check                     first compare the logits with hymba-verify's
    python hymba_pytorch.py MODEL.hymba --expect FILE.safetensors   first compare them with a recording

MODEL.hymba is a raw container: hymba-convert checkpoints SOURCE -o MODEL.hymba --compression none.
It needs torch, numpy and safetensors. Our tools are taken from the folder HYMBA_BIN, else from .build/release.

The model is what NVIDIA's eager code computes, in float32: one in_proj for queries, keys, values, x and z; grouped heads
by repetition; a dense mask of the window and the meta tokens; conv1d with groups; the selective scan as the loop over
positions of mamba_ssm's selective_scan_ref. Its fused kernels need a GPU. Nothing is compiled.

What is timed: one pass from token ids to logits at every position, the best of --runs after one warm-up; loading is not.
Weights are widened to float32 before, which takes four bytes for each parameter; with --widen-per-layer they stay as
stored, and each layer's are widened in the pass, inside the time: that is how forward-benchmark, which widens in its
pass too, keeps its memory small. forward-benchmark runs as often, one process each, and its best counts too.
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
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file

TOLERANCE = 2e-5        # of the largest expected logit
IN_PROJECTIONS = ["attention.q_proj", "attention.k_proj", "attention.v_proj", "mamba.in_proj"]


# ---------------------------------------------------------------- the model

class Hymba:
    def __init__(self, path, widen_per_layer):
        tensors, self.architecture = read(path)
        self.seconds = Counter()        # of each kind of work, since it was last cleared
        self.layers = [{} for _ in self.architecture["layers"]]
        for name in [name for name in tensors if name.startswith("layers.")]:
            _, index, rest = name.split(".", 2)
            self.layers[int(index)][rest] = tensors.pop(name)
        self.tensors = tensors
        for layer in self.layers:
            # NVIDIA has one matrix with the rows q, k, v, x, z; reusing layers q, x, z
            for part in ("weight", "bias"):
                pieces = [layer.pop(f"{name}.{part}") for name in IN_PROJECTIONS if f"{name}.{part}" in layer]
                if pieces:
                    layer[f"in_proj.{part}"] = torch.cat(pieces)
        if not widen_per_layer:
            for group in [self.tensors, *self.layers]:
                group.update({name: value.float() for name, value in group.items()})

    @property
    def vocabulary(self):
        return self.architecture["input"]["tokens"]["vocabularySize"]

    def operations(self, tokens):
        """As forward-benchmark counts: every matrix multiplies each position once; the head has no meta positions."""
        rows = tokens + len(self.tensors.get("meta_tokens", ()))
        matrices = [value.numel() for layer in self.layers for name, value in layer.items() if name.endswith("proj.weight")]
        return 2 * rows * sum(matrices) + 2 * tokens * self.vocabulary * self.architecture["hiddenSize"]

    @contextmanager
    def timed(self, work):
        start = time.perf_counter()
        yield
        self.seconds[work] += time.perf_counter() - start

    def widened(self, group):
        with self.timed("widening"):
            return {name: value.float() for name, value in group.items()}      # float32 already: no copy

    def linear(self, x, w, name):
        with self.timed("linear layers"):
            return F.linear(x, w[f"{name}.weight"], w.get(f"{name}.bias"))

    @torch.inference_mode()
    def forward(self, ids):
        """ids: [batch, seq]. Returns the logits."""
        x = self.tensors["embed_tokens.weight"][ids].float()
        meta, epsilon = 0, self.architecture["norm"]["epsilon"]
        if "meta_tokens" in self.tensors:
            meta = len(self.tensors["meta_tokens"])
            x = torch.cat([self.tensors["meta_tokens"].float().expand(len(ids), -1, -1), x], dim=1)
        self.meta, self.masks, self.key_values = meta, {}, {}
        for i, layer in enumerate(self.architecture["layers"]):
            w = self.widened(self.layers[i])
            x = x + self.mixer(i, layer["mixer"]["parallel"], w, rms_norm(x, w["norm.weight"], epsilon))
            h = rms_norm(x, w["ffn_norm.weight"], epsilon)
            up = self.linear(h, w, "ffn.up_proj")
            if "reluSquared" in layer["feedForward"]:
                h = F.relu(up).square()
            else:
                h = F.silu(self.linear(h, w, "ffn.gate_proj")) * up
            x = x + self.linear(h, w, "ffn.down_proj")
        x = rms_norm(x, self.tensors["final_norm.weight"].float(), epsilon)[:, meta:]
        tied = self.architecture["output"] == "tiedLogits"
        head = self.widened({"head.weight": self.tensors["embed_tokens.weight" if tied else "lm_head.weight"]})
        return self.linear(x, head, "head")

    def mixer(self, i, shape, w, n):
        a, m, epsilon = shape["attention"], shape["mamba"], self.architecture["norm"]["epsilon"]
        own = a.get("keyValueLayer") is None
        sizes = [a["heads"] * a["keyHeadSize"]]
        if own:
            sizes += [a["keyValueHeads"] * a["keyHeadSize"], a["keyValueHeads"] * a["valueHeadSize"]]
        q, *kv, x, z = self.linear(n, w, "in_proj").split(sizes + [m["innerSize"]] * 2, dim=-1)
        attention = self.attention(i, a, w, q, kv)
        mamba = self.mamba(m, w, x, z, epsilon)
        mean = (rms_norm(attention, w["fusion.attention_norm.weight"], epsilon)
                + rms_norm(mamba, w["fusion.mamba_norm.weight"], epsilon)) / 2
        return self.linear(mean, w, "fusion.out_proj")

    def attention(self, i, a, w, q, kv):
        batch, length, _ = q.shape

        def heads(x, count, norm=None, rotate=True):
            x = x.view(batch, length, count, -1).transpose(1, 2)
            if norm and a.get("queryKeyNorm"):
                weight = w[f"attention.{norm}.weight"]      # [d] or [count, d]
                x = rms_norm(x, weight if weight.ndim == 1 else weight[:, None], 1e-6)
            return rotary(x, **a["rotary"]) if rotate and a.get("rotary") else x

        q = heads(q, a["heads"], "q_norm")
        if kv:
            self.key_values[i] = heads(kv[0], a["keyValueHeads"], "k_norm"), heads(kv[1], a["keyValueHeads"], rotate=False)
        k, v = self.key_values[i if kv else a["keyValueLayer"]]
        k, v = (x.repeat_interleave(a["heads"] // a["keyValueHeads"], dim=1) for x in (k, v))
        with self.timed("attention"):
            # scaled by the size of a key head; a value head is wider
            out = F.scaled_dot_product_attention(q, k, v, attn_mask=self.mask(length, a.get("window")))
        return out.transpose(1, 2).reshape(batch, length, -1)

    def mask(self, length, window):
        """True where a query sees a key: itself, `window` positions before it, all meta tokens; everything without a window."""
        if window not in self.masks:
            query, key = torch.arange(length)[:, None], torch.arange(length)[None]
            near = (query - key <= window) | (key < self.meta) if window is not None else True
            self.masks[window] = (key <= query) & near
        return self.masks[window]

    def mamba(self, m, w, x, z, epsilon):
        length = x.shape[1]
        with self.timed("convolution"):
            u = F.silu(F.conv1d(x.transpose(1, 2), w["mamba.conv1d.weight"][:, None], w.get("mamba.conv1d.bias"),
                                padding=m["convWidth"] - 1, groups=m["innerSize"])[..., :length])
        low = self.linear(u.transpose(1, 2), w, "mamba.x_proj").split([m["rank"], m["stateSize"], m["stateSize"]], dim=-1)
        if m["innerNorms"]:
            low = [rms_norm(part, w[f"mamba.{name}_norm.weight"], epsilon) for part, name in zip(low, ("dt", "B", "C"))]
        with self.timed("linear layers"):
            delta = F.linear(low[0], w["mamba.dt_proj.weight"])     # its bias is the scan's affair
        with self.timed("selective scan"):
            y = selective_scan(u, delta.transpose(1, 2), -torch.exp(w["mamba.A_log"]), low[1].transpose(1, 2),
                               low[2].transpose(1, 2), w["mamba.D"], z.transpose(1, 2), w["mamba.dt_proj.bias"])
        return y.transpose(1, 2)


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


# ---------------------------------------------------------------- reading a container

def read(path):
    """(tensors as stored, architecture) of a raw container that holds a model of NVIDIA's kind."""
    try:
        with safe_open(path, "pt") as file:
            names = set(file.keys())
            if any(name.endswith("@zstd") for name in names):
                sys.exit(f"{path} is compressed; make a raw container with hymba-convert and --compression none")
            if "hymba.manifest" not in names:
                sys.exit(f"{path} has no hymba.manifest; make a raw container with hymba-convert and --compression none")
            architecture = json.loads(file.get_tensor("hymba.manifest").numpy().tobytes())["architecture"]
            tensors = {name: file.get_tensor(name) for name in names if not name.startswith("hymba.")}
    except (OSError, SafetensorError) as error:
        sys.exit(f"{path} cannot be read: {error}")
    mixers = [layer["mixer"].get("parallel", {}) for layer in (architecture or {}).get("layers", [])]
    if not mixers or any(mixer.get("fusion") != "meanOfNorms" for mixer in mixers):
        sys.exit(f"{path} is not a Hymba as NVIDIA released it")
    return tensors, architecture


# ---------------------------------------------------------------- beside our tools

def tool(name):
    folder = os.environ.get("HYMBA_BIN") or Path(__file__).resolve().parents[2] / ".build" / "release"
    return path if (path := Path(folder) / name).exists() else None


def token_ids(count, vocabulary):
    """What forward-benchmark runs on: SplitMix64 from the seed 1."""
    ids, state, ones = [], 1, (1 << 64) - 1
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & ones
        z = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & ones
        z = (z ^ z >> 27) * 0x94D049BB133111EB & ones
        ids.append((z ^ z >> 31) % vocabulary)
    return ids


def check(model, path, ids, expect, threads):
    """Compares the logits with those of a file, else of hymba-verify on `ids`."""
    with tempfile.TemporaryDirectory() as folder:
        source = expect
        if not expect:
            source = Path(folder) / "outputs.safetensors"
            verify = tool("hymba-verify") or sys.exit("hymba-verify not found: set HYMBA_BIN to its folder")
            done = subprocess.run([verify, "forward", path, "--tokens", ",".join(map(str, ids)), "--save-outputs", source,
                                   "--jobs", str(threads), "--quiet"], capture_output=True, text=True)
            if done.returncode != 0:
                sys.exit(f"hymba-verify exited with {done.returncode}:\n{done.stdout}{done.stderr}")
        expected = load_file(source)
    got, want = model.forward(torch.from_numpy(expected["input_ids"])).numpy(), expected["logits"]
    if got.shape[1:] != want.shape[1:] or len(want) > len(got):
        sys.exit(f"logits: computed {got.shape}, expected {want.shape}")
    error = np.abs(got[:len(want)] - want).max() / np.abs(want).max()
    passed = bool(error <= TOLERANCE)       # a NaN fails
    print(f"logits           largest difference {error:.1e} of the largest of {expect or 'hymba-verify'}: "
          f"{'passed' if passed else f'FAILED, allowed is {TOLERANCE}'}")
    return passed


def benchmark(path, tokens, threads, runs):
    """The seconds of forward-benchmark's pass, the best of several processes; None when it is not there."""
    if not (command := tool("forward-benchmark")):
        return print("forward-benchmark not found: set HYMBA_BIN to its folder")
    seconds = []
    for _ in range(runs):
        done = subprocess.run([command, path, str(tokens), str(threads)], capture_output=True, text=True)
        if not (found := re.search(r"^forward pass +([\d.]+) s", done.stdout, re.MULTILINE)):
            sys.exit(f"forward-benchmark exited with {done.returncode}:\n{done.stdout}{done.stderr}")
        seconds.append(float(found[1]))
    return min(seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    for name, default in [("tokens", 128), ("threads", 2), ("runs", 2)]:
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--widen-per-layer", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--expect", type=Path)
    options = parser.parse_args()
    if min(options.tokens, options.threads, options.runs) < 1:
        parser.error("--tokens, --threads and --runs are at least 1")
    torch.set_num_threads(options.threads)

    ours = benchmark(options.model, options.tokens, options.threads, options.runs)     # with the machine to itself
    model = Hymba(options.model, options.widen_per_layer)
    ids = token_ids(options.tokens, model.vocabulary)
    passed = True
    if options.check or options.expect:
        passed = check(model, options.model, ids, options.expect, options.threads)

    def rate(seconds):
        return f"{seconds:6.2f} s  {model.operations(options.tokens) / seconds / 1e9:4.0f} GFLOP/s" if seconds else "under 0.01 s"

    best = None
    for run in range(options.runs + 1):
        model.seconds.clear()
        start = time.perf_counter()
        model.forward(torch.tensor([ids]))
        seconds = time.perf_counter() - start
        if run > 0 and (best is None or seconds < best[0]):
            best = seconds, dict(model.seconds)
    seconds, parts = best
    widening = "each layer's weights widened in the pass" if options.widen_per_layer else "weights widened before"
    print(f"PyTorch {torch.__version__}, float32, {widening}; {options.tokens} tokens, {options.threads} threads, "
          f"best of {options.runs}")
    print(f"PyTorch          {rate(seconds)}")
    for work, part in sorted(parts.items(), key=lambda item: -item[1]):
        print(f"  {work:14} {part:6.2f} s")
    print(f"  {'the rest':14} {seconds - sum(parts.values()):6.2f} s")
    if ours is not None:
        print(f"forward-benchmark{rate(ours)}")
    if ours:
        print(f"factor           {seconds / ours:6.2f}")
    return passed


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
