"""Records what the heads of attention read in the first sequence: attention/expected.safetensors.

    python reference/record_attention.py record    needs torch and transformers 4.57.6
    python reference/record_attention.py check     recompute and compare with what is stored

A tensor SET.LAYER holds the softmax probabilities of all heads, [heads, queries, keys], for the input of the set's
expected.safetensors. Queries are the positions of the input. Keys are those of meta tokens first. Those of jamba,
zamba, zamba2, bamba and granite come from transformers (eager attention). For Edifice's and NVIDIA's Hymba they are
computed in float64 by hymba_float64.py and bf16_emulation.py.
"""
import json
import math
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

import bf16_emulation
import hymba_float64

FIXTURES = Path(__file__).resolve().parent.parent
STORED = FIXTURES / "attention" / "expected.safetensors"
TRANSFORMERS = ("jamba-tiny", "zamba-tiny", "zamba2-tiny", "bamba-tiny", "granite-hybrid-tiny")
GATED = ("edifice-hymba-tiny", "gated-prepended-tiny")
NVIDIA = ("hymba-nvidia-tiny", "hymba-nvidia-options-b")


def of_transformers(name):
    import torch
    from transformers import AutoModelForCausalLM
    folder, found = FIXTURES / name, []
    # With several chunks, 4.57.6 sums those of Zamba2 over the wrong axis, and it has a floor for the time steps.
    options = {"chunk_size": 64, "time_step_min": 0.0} if name.startswith("zamba2") else {}
    model = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", **options).eval()
    for module in model.modules():
        if type(module).__name__.endswith("Attention"):
            module.register_forward_hook(lambda _, __, output: found.append(output[1][0].numpy()))
    expected = load_file(folder / "expected.safetensors")
    with torch.no_grad():
        output = model(torch.from_numpy(expected["input_ids"]), use_cache=False, output_attentions=True)
    assert np.abs(output.logits.numpy() - expected["logits"]).max() < 2e-6 * np.abs(expected["logits"]).max()
    # Modules are called in the order of the layers, a shared block once for each layer that applies it.
    config = model.config
    kinds = config.layers_block_type if hasattr(config, "layers_block_type") else config.layer_types
    layers = [i for i, kind in enumerate(kinds) if kind in ("attention", "hybrid")]
    assert len(layers) == len(found)
    return dict(zip(layers, found))


def of_gated(name):
    p, config = hymba_float64.read(FIXTURES / name)
    x = load_file(FIXTURES / name / "expected.safetensors")["input"].astype(np.float64)
    captures, found = hymba_float64.forward(p, config, x), {}
    for i in range(config.layers):
        n = hymba_float64.layer_norm(p, f"layers.{i}.norm", captures[f"hidden_states.{i}"], config.epsilon)[0]
        q, k = (hymba_float64.dense(p, f"layers.{i}.attention.{part}_proj", n) for part in "qk")
        learned = p[f"layers.{i}.attention.meta_key"] if config.meta == "keyValue" else k[:0]
        k = np.concatenate([learned, k])
        size = q.shape[1] // config.heads
        weights = np.zeros((config.heads, len(q), len(k)))
        for head, t in np.ndindex(config.heads, len(q)):
            own, visible = slice(head * size, (head + 1) * size), len(learned) + t + 1
            scores = np.exp(k[:visible, own] @ q[t, own] / math.sqrt(size))
            weights[head, t, :visible] = scores / scores.sum()
        found[i] = weights[:, 0 if len(learned) else config.meta_count:]
    return found


class Watched(bf16_emulation.Run):
    """A pass that keeps the attention: each head's values are those of the identity, so that it returns the weights."""

    def attention(self, i, q, k, v):
        length = q.shape[2]
        identity = np.broadcast_to(np.eye(length), (*k.shape[:2], length, length))
        weights = super().attention(i, q, k, identity)[0]
        weights = weights.reshape(length, q.shape[1], length).transpose(1, 0, 2)
        self.found[i] = weights[:, self.config["num_memory_tokens"]:]
        return super().attention(i, q, k, v)


def of_nvidia(name, ids=None):
    folder = FIXTURES / name
    weights = {}
    for path in folder.glob("model*.safetensors"):
        weights |= bf16_emulation.read(path)
    run = Watched(weights, json.loads((folder / "config.json").read_text()), np.float64, lambda x: x)
    run.found = {}
    run.forward(bf16_emulation.read(folder / "expected.safetensors")["input_ids"] if ids is None else ids)
    return run.found


def main(action):
    found = {}
    for names, of in ((TRANSFORMERS, of_transformers), (GATED, of_gated), (NVIDIA, of_nvidia)):
        for name in names:
            found |= {f"{name}.{layer}": weights for layer, weights in of(name).items()}
    # Several blocks of queries: the windowed layer that uses the keys of another one, and one head of it.
    ids = bf16_emulation.read(FIXTURES / "hymba-nvidia-windowed" / "expected.safetensors")["input_ids"]
    found["hymba-nvidia-windowed.2"] = of_nvidia("hymba-nvidia-tiny", ids)[2][:1]
    for name, weights in found.items():
        assert np.abs(weights.sum(-1) - 1).max() < 1e-5, name
    if action == "record":
        STORED.parent.mkdir(exist_ok=True)
        save_file({name: np.ascontiguousarray(value, np.float32) for name, value in found.items()}, STORED)
    stored = load_file(STORED)
    assert stored.keys() == found.keys()
    for name, value in sorted(stored.items()):
        error = np.abs(value - found[name]).max()
        print(f"{name:26} {str(list(value.shape)):15} {error:.1e}")
        assert error < 1e-6


if __name__ == "__main__":
    if sys.argv[1:] not in (["check"], ["record"]): sys.exit(__doc__)
    main(sys.argv[1])
