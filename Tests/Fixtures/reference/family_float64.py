"""The forward passes of Jamba and Zamba once more, in float64 and numpy alone: slow, plain, independent of the Swift code.

    python family_float64.py check  FOLDER    recompute what the original recorded in FOLDER, compare, exit 1 above 2e-5
    python family_float64.py record FOLDER    the same, then write branches.safetensors and statistics.json beside it

FOLDER is a Hugging Face folder: config.json, model.safetensors, expected.safetensors. The equations are those of
JambaForCausalLM and ZambaForCausalLM of transformers; parameters keep their names there.
"""
import json
import math
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file


# ---------------------------------------------------------------- pieces

def silu(x): return x / (1 + np.exp(-x))
def softplus(x): return np.logaddexp(0, x)
def gelu(x): return x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))
def rms_norm(x, weight, eps): return x / np.sqrt((x * x).mean(-1, keepdims=True) + eps) * weight


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def attention(p, name, x, heads, kv_heads, scale):
    """Causal, without positions. x: [batch, seq, input]"""
    q, k, v = (x @ p[f"{name}.{n}_proj.weight"].T for n in "qkv")
    size = q.shape[-1] // heads
    out = np.zeros_like(q)
    for b in range(len(x)):
        for h in range(heads):
            own = slice(h * size, (h + 1) * size)
            group = h // (heads // kv_heads)
            theirs = slice(group * size, (group + 1) * size)
            for t in range(x.shape[1]):
                scores = softmax(scale * (k[b, :t + 1, theirs] @ q[b, t, own]))
                out[b, t, own] = scores @ v[b, :t + 1, theirs]
    return out @ p[f"{name}.o_proj.weight"].T


def conv(p, name, x):
    weight, width = p[f"{name}.weight"], p[f"{name}.weight"].shape[-1]
    out = np.zeros_like(x) + p[f"{name}.bias"]
    for t in range(x.shape[1]):
        for tap in range(width):
            if t - (width - 1) + tap >= 0:
                out[:, t] += weight[:, 0, tap] * x[:, t - (width - 1) + tap]
    return silu(out)


def scan(x, dt, A, B, C, D):
    """x, dt: [seq, channels]; A: [channels, state]; B, C: [seq, state]"""
    h, y = np.zeros(A.shape), np.zeros_like(x)
    for t in range(len(x)):
        h = np.exp(dt[t][:, None] * A) * h + (dt[t] * x[t])[:, None] * B[t][None, :]
        y[t] = h @ C[t] + D * x[t]
    return y


# ---------------------------------------------------------------- Jamba

def jamba_mamba(p, name, n, config):
    rank, state, eps = config["mamba_dt_rank"], config["mamba_d_state"], config["rms_norm_eps"]
    x, z = np.split(n @ p[f"{name}.in_proj.weight"].T, 2, axis=-1)
    x = conv(p, f"{name}.conv1d", x)
    dt, B, C = np.split(x @ p[f"{name}.x_proj.weight"].T, [rank, rank + state], axis=-1)
    dt, B, C = (rms_norm(v, p[f"{name}.{k}_layernorm.weight"], eps) for v, k in ((dt, "dt"), (B, "b"), (C, "c")))
    dt = softplus(dt @ p[f"{name}.dt_proj.weight"].T + p[f"{name}.dt_proj.bias"])
    A, D = -np.exp(p[f"{name}.A_log"]), p[f"{name}.D"]
    y = np.stack([scan(x[b], dt[b], A, B[b], C[b], D) for b in range(len(x))])
    return (y * silu(z)) @ p[f"{name}.out_proj.weight"].T


def mlp(p, name, x, act=silu):
    return (act(x @ p[f"{name}.gate_proj.weight"].T) * (x @ p[f"{name}.up_proj.weight"].T)) @ p[f"{name}.down_proj.weight"].T


def jamba(p, config, ids):
    eps = config["rms_norm_eps"]
    heads, kv = config["num_attention_heads"], config["num_key_value_heads"]
    x = p["model.embed_tokens.weight"][ids]
    captures, layers = {"hidden_states.0": x}, []
    for i in range(config["num_hidden_layers"]):
        name, layer = f"model.layers.{i}", f"layers.{i}"
        n = rms_norm(x, p[f"{name}.input_layernorm.weight"], eps)
        if i % config["attn_layer_period"] == config["attn_layer_offset"]:
            kind = "attention"
            mixed = attention(p, f"{name}.self_attn", n, heads, kv, (config["hidden_size"] // heads) ** -0.5)
        else:
            kind = "mamba"
            mixed = jamba_mamba(p, f"{name}.mamba", n, config)
        captures[f"{layer}.{kind}"] = mixed
        layers.append({"mixer": kind} | residual(x, mixed))
        x = x + mixed
        f = rms_norm(x, p[f"{name}.pre_ff_layernorm.weight"], eps)
        if i % config["expert_layer_period"] == config["expert_layer_offset"]:
            probabilities = softmax(f @ p[f"{name}.feed_forward.router.weight"].T)
            captures[f"{layer}.router"] = probabilities
            top = np.argsort(-probabilities, axis=-1, kind="stable")[..., :config["num_experts_per_tok"]]
            out = np.zeros_like(x)
            for b, t in np.ndindex(ids.shape):
                for e in top[b, t]:
                    out[b, t] += probabilities[b, t, e] * mlp(p, f"{name}.feed_forward.experts.{e}", f[b, t])
            x = x + out
            experts = probabilities.shape[-1]
            layers[-1] |= {
                "load": [float((top == e).mean()) for e in range(experts)],
                "entropy": float(-(probabilities * np.log(probabilities)).sum(-1).mean()),
            }
        else:
            x = x + mlp(p, f"{name}.feed_forward", f)
        captures[f"hidden_states.{i + 1}"] = x
    return finish(captures, p, x, "lm_head.weight", eps), layers


# ---------------------------------------------------------------- Zamba

def zamba_mamba(p, name, n, config):
    rank, state, heads = config["mamba_dt_rank"], config["mamba_d_state"], config["n_mamba_heads"]
    both = n @ p[f"{name}.in_proj.weight"].T
    x, z = both[..., 0::2], both[..., 1::2]     # rows are interleaved
    x = conv(p, f"{name}.conv1d", x)
    size = x.shape[-1] // heads
    y = np.zeros_like(x)
    for k in range(heads):
        own = slice(k * size, (k + 1) * size)
        dt, B, C = np.split(x[..., own] @ p[f"{name}.x_proj_weight"][k].T, [rank, rank + state], axis=-1)
        dt = softplus(dt @ p[f"{name}.dt_proj_weight"][k].T + p[f"{name}.dt_proj_bias"][k].reshape(-1))
        A, D = -np.exp(p[f"{name}.A_log"][k]), p[f"{name}.D"][k]
        for b in range(len(x)):
            y[b, :, own] = scan(x[b, :, own], dt[b], A, B[b], C[b], D)
    return (y * silu(z)) @ p[f"{name}.out_proj.weight"].T


def zamba(p, config, ids):
    eps, heads = config["rms_norm_eps"], config["num_attention_heads"]
    block = next(k for k in sorted(p) if ".shared_transf." in k).split(".shared_transf.")[0] + ".shared_transf"
    x0 = x = p["model.embed_tokens.weight"][ids]
    captures, layers = {"hidden_states.0": x}, []
    for i, kind in enumerate(config["layers_block_type"]):
        name, layer = f"model.layers.{i}", f"layers.{i}"
        shared = None
        if kind == "hybrid":
            t = rms_norm(np.concatenate([x, x0], -1), p[f"{block}.input_layernorm.weight"], eps)
            t = attention(p, f"{block}.self_attn", t, heads, config["num_key_value_heads"],
                          (config["attention_head_dim"] / 2) ** -0.5)
            t = mlp(p, f"{block}.feed_forward", rms_norm(t, p[f"{block}.pre_ff_layernorm.weight"], eps), gelu)
            shared = captures[f"{layer}.shared"] = t @ p[f"{name}.linear.weight"].T
            name += ".mamba_decoder"
        n = rms_norm(x if shared is None else x + shared, p[f"{name}.input_layernorm.weight"], eps)
        mixed = captures[f"{layer}.mamba"] = zamba_mamba(p, f"{name}.mamba", n, config)
        layers.append({"mixer": "mamba" if shared is None else "sharedThenMamba"} | residual(x, mixed, shared))
        x = captures[f"hidden_states.{i + 1}"] = x + mixed
    return finish(captures, p, x, "model.embed_tokens.weight", eps), layers


# ---------------------------------------------------------------- both

def residual(stream, mixed, shared=None):
    def rms(x): return float(np.sqrt((x * x).mean()))
    size = rms(stream)
    values = {"streamRMS": size, "mixerRMS": rms(mixed), "share": rms(mixed) / size}
    if shared is not None:
        values |= {"sharedRMS": rms(shared), "sharedShare": rms(shared) / size}
    return values


def finish(captures, p, x, head, eps):
    last = captures["last_hidden_state"] = rms_norm(x, p["model.final_layernorm.weight"], eps)
    captures["logits"] = last @ p[head].T
    return captures


def main(action, folder):
    folder = Path(folder)
    config = json.loads((folder / "config.json").read_text())
    p = {k: v.astype(np.float64) for k, v in load_file(folder / "model.safetensors").items()}
    expected = load_file(folder / "expected.safetensors")
    captures, layers = (jamba if config["model_type"] == "jamba" else zamba)(p, config, expected["input_ids"])
    worst = max((float(abs(captures[k] - v).max() / abs(v).max()), k)
                for k, v in expected.items() if k != "input_ids")
    print(f"{folder.name}: {len(expected) - 1} captures, worst {worst[1]} {worst[0]:.2e}")
    if worst[0] > 2e-5: sys.exit(1)
    if action == "record":
        # What the original did not record.
        save_file({k: v.astype(np.float32) for k, v in captures.items() if k.startswith("layers.")},
                  folder / "branches.safetensors")
        (folder / "statistics.json").write_text(json.dumps(layers, indent=1) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("check", "record"): sys.exit(__doc__)
    main(*sys.argv[1:])
