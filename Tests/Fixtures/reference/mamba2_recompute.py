"""Plain Mamba, Falcon-Mamba, plain Mamba-2 and five hybrids of Mamba-2 and attention once more, in float64 and numpy alone.

    python mamba2_recompute.py FOLDER...      recompute what each folder recorded, compare, exit 1 above 2e-5

FOLDER is a Hugging Face folder: config.json, safetensors, expected.safetensors. The scan is a loop over steps, so
no result depends on chunks. The equations are those of arXiv 2312.00752 and 2405.21060 and of the classes of
transformers and NVIDIA. Parameters and options keep their names there, and an option that a file is silent about
has its class default.
"""
import json
import math
import sys
from pathlib import Path

import numpy as np

from bf16_emulation import read

HYBRID = dict(
    num_attention_heads=32, num_key_value_heads=8, head_dim=None, rms_norm_eps=1e-5, mamba_n_heads=128,
    mamba_n_groups=1,
    mamba_d_state=256, mamba_expand=2, rope_theta=10000, rope_parameters=None, time_step_limit=None,
    tie_word_embeddings=False)
DEFAULTS = {
    "mamba": dict(state_size=16, layer_norm_epsilon=1e-5, tie_word_embeddings=True),
    "falcon_mamba": dict(state_size=16, layer_norm_epsilon=1e-5, mixer_rms_eps=1e-6, tie_word_embeddings=True),
    "mamba2": dict(
        num_heads=128, state_size=128, n_groups=8, expand=2, layer_norm_epsilon=1e-5, time_step_limit=None,
        tie_word_embeddings=False),
    "zamba2": HYBRID | dict(
        num_key_value_heads=None, mamba_d_state=64, mamba_ngroups=1, n_mamba_heads=8, num_mem_blocks=1,
        use_mem_rope=False,
        use_shared_attention_adapter=False, use_long_context=False, tie_word_embeddings=True,
        layers_block_type=[
            kind for run in (6, 5, 5, 5, 5, 5, 5, 4,
            3) for kind in ["mamba"] * run + ["hybrid"]] + ["mamba"] * 2),
    "falcon_h1": HYBRID | dict(
        mamba_d_ssm=1024, mamba_norm_before_gate=True, mamba_rms_norm=False, rope_theta=1e5,
        ssm_multipliers=None, mlp_multipliers=None)
        | dict.fromkeys((f"{k}_multiplier" for k in "embedding lm_head key attention_in attention_out ssm_in "
        "ssm_out".split()), 1),
    "bamba": HYBRID | dict(attn_layer_indices=None),
    "granitemoehybrid": HYBRID | dict(
        num_key_value_heads=None, rms_norm_eps=1e-6, layer_types=None, embedding_multiplier=1,
        logits_scaling=1, residual_multiplier=1,
        attention_multiplier=1, num_local_experts=8, num_experts_per_tok=2, position_embedding_type=None),
    "nemotron_h": dict(
        num_attention_heads=32, num_key_value_heads=8, head_dim=None, attention_head_dim=128,
        layer_norm_epsilon=1e-5, n_groups=8,
        ssm_state_size=128, mamba_num_heads=128, mamba_head_dim=64, time_step_limit=None,
        num_experts_per_tok=2, n_group=1, topk_group=1,
        norm_topk_prob=True, routed_scaling_factor=1, tie_word_embeddings=False),
}
# Options that older or other versions of a class call otherwise.
ALIASES = {
    "zamba2": dict(
        state_size="mamba_d_state", conv_dimension="mamba_d_conv", expansion_factor="mamba_expand",
        ffn_hidden_size="intermediate_size",
        lora_rank="adapter_rank", use_shared_attention_lora="use_shared_attention_adapter"),
    "nemotron_h": dict(mamba_n_groups="n_groups", mamba_d_conv="conv_kernel",
    mamba_dt_limit="time_step_limit"),
}
KINDS = {
    "linear_attention": "mamba", "full_attention": "attention", "M": "mamba", "*": "attention", "-": "mlp",
    "E": "moe"}


# ---------------------------------------------------------------- pieces

def sigmoid(x): return 1 / (1 + np.exp(-x))
def silu(x): return x * sigmoid(x)
def softplus(x): return np.logaddexp(0, x)
def gelu(x): return x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))
def rms_norm(x, weight, eps): return x / np.sqrt((x * x).mean(-1, keepdims=True) + eps) * weight


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def causal_conv(x, weight, bias):
    """x: [batch, seq, channels]; weight: [channels, 1, width], whose last column meets the current step."""
    width = weight.shape[-1]
    padded = np.pad(x, ((0, 0), (width - 1, 0), (0, 0)))
    return sum(weight[:, 0, tap] * padded[:, tap:tap + x.shape[1]] for tap in range(width)) + bias


def rotate(x, theta, size):
    """Rotary embedding of the first `size` numbers of each head, pair (k, k + size / 2).

    x: [batch, seq, heads, head size]
    """
    angles = np.arange(x.shape[1])[:, None] * theta ** (-2 * np.arange(size // 2) / size)
    cos, sin = np.cos(angles)[:, None], np.sin(angles)[:, None]
    a, b = x[..., :size // 2], x[..., size // 2:size]
    return np.concatenate([a * cos - b * sin, b * cos + a * sin, x[..., size:]], -1)


def attend(q, k, v, heads, kv_heads, scale, theta=None, part=1.0):
    """Causal attention; without a base `theta` there are no positions.

    q: [batch, seq, heads * size]; k, v: [batch, seq, kv_heads * size]
    """
    q, k, v = (x.reshape(*x.shape[:2], n, -1) for x, n in ((q, heads), (k, kv_heads), (v, kv_heads)))
    if theta is not None:
        size = int(q.shape[-1] * part)
        q, k = rotate(q, theta, size), rotate(k, theta, size)
    out = np.zeros_like(q)
    for h in range(heads):
        own = h // (heads // kv_heads)
        for t in range(q.shape[1]):
            weights = softmax(scale * np.einsum("bd,bsd->bs", q[:, t, h], k[:, :t + 1, own]))
            out[:, t, h] = np.einsum("bs,bsd->bd", weights, v[:, :t + 1, own])
    return out.reshape(*out.shape[:2], -1)


class Model:
    """The tensors of a checkpoint in float64 and its options; after a pass its captures by name, and as `margin`
    the smallest distance of a chosen expert's score from a rejected one's."""

    def __init__(self, tensors, config):
        self.p = {name: np.asarray(value, np.float64) for name, value in tensors.items()}
        self.kind = config["model_type"]
        names = ALIASES.get(self.kind, {})
        self.c = DEFAULTS[self.kind] | {names.get(k, k): v for k, v in config.items()}
        if self.kind == "zamba2" and "expansion_factor" in config:
            # The first releases give the size of a head, and no number of heads.
            inner = int(config["expansion_factor"] * config["hidden_size"])
            self.c["n_mamba_heads"] = inner // config["mamba_headdim"]
        self.captures, self.margin = {}, math.inf

    def has(self, name): return name in self.p

    def linear(self, name, x):
        return x @ self.p[f"{name}.weight"].T + self.p.get(f"{name}.bias", 0)

    def norm(self, name, x, eps): return rms_norm(x, self.p[f"{name}.weight"], eps)

    def rope_theta(self):
        return (self.c["rope_parameters"] or {}).get("rope_theta", self.c["rope_theta"])

    def limit(self):
        """The range of step sizes; transformers 5 writes an infinite end as an object."""
        ends = self.c["time_step_limit"] or (0, math.inf)
        return [float(end["__float__"] if isinstance(end, dict) else end) for end in ends]

    def keep(self, name, value):
        self.captures[name] = value
        return value

    def mamba2(self, name, n, heads, inner, groups, state, eps, gate="after", rows=None):
        """The Mamba-2 mixer. `gate` says where the gated norm lies: "after" the gate, "before" it, or None;
        `rows` scales the input projection: one factor for each of z, x, B, C, dt.

        n: [batch, seq, hidden]
        """
        both, size = groups * state, inner // heads
        widths = [inner, inner, both, both, heads]
        projected = self.linear(f"{name}.in_proj", n)
        assert projected.shape[-1] == sum(widths) and size * heads == inner
        if rows is not None:
            projected = projected * np.repeat(rows, widths)
        z, xBC, dt = np.split(projected, [inner, 2 * inner + 2 * both], -1)
        xBC = silu(causal_conv(xBC, self.p[f"{name}.conv1d.weight"], self.p.get(f"{name}.conv1d.bias", 0)))
        x, B, C = np.split(xBC, [inner, inner + both], -1)
        x = x.reshape(*x.shape[:2], heads, size)
        B, C = (np.repeat(v.reshape(*v.shape[:2], groups, state), heads // groups, 2) for v in (B, C))
        delta = np.clip(softplus(dt + self.p[f"{name}.dt_bias"]), *self.limit())
        a, D = -np.exp(self.p[f"{name}.A_log"]), self.p[f"{name}.D"]
        S, y = np.zeros((len(x), heads, size, state)), np.zeros_like(x)
        for t in range(x.shape[1]):
            step = delta[:, t, :, None]
            S = np.exp(step * a[:, None])[..., None] * S + (step * x[:, t])[..., None] * B[:, t, :, None]
            y[:, t] = np.einsum("bhpn,bhn->bhp", S, C[:, t]) + D[:, None] * x[:, t]
        y = y.reshape(*y.shape[:2], inner)

        def group_norm(v):
            v = v.reshape(*v.shape[:2], groups, -1)
            return rms_norm(v, 1, eps).reshape(y.shape) * self.p[f"{name}.norm.weight"]
        y = {"after": lambda: group_norm(y * silu(z)), "before": lambda: group_norm(y) * silu(z),
            None: lambda: y * silu(z)}[gate]()
        return self.linear(f"{name}.out_proj", y)

    def attention(self, name, n, scale=None, factor=1, theta=None, part=1.0):
        """The attention of all but Zamba2. `factor` scales the keys; without `scale` the head size gives it."""
        c = self.c
        heads = c["num_attention_heads"]
        q, k, v = (self.linear(f"{name}.{w}_proj", n) for w in "qkv")
        scale = scale or (q.shape[-1] // heads) ** -0.5
        return self.linear(
            f"{name}.o_proj", attend(q, k * factor, v, heads, c["num_key_value_heads"] or heads, scale, theta,
            part))

    def gated_mlp(self, name, x, factor=1):
        return self.linear(
            f"{name}.down_proj", silu(self.linear(f"{name}.gate_proj",
            x) * factor) * self.linear(f"{name}.up_proj", x))

    def choose(self, scores, count):
        """The indices of the highest scores. scores: [number]"""
        order = np.argsort(-scores)
        if count < len(scores):
            self.margin = min(self.margin, scores[order[count - 1]] - scores[order[count]])
        return order[:count]

    def finish(self, x, norm, embedding, eps, scale=1):
        last = self.keep("last_hidden_state", self.norm(norm, x, eps))
        head = embedding if self.c["tie_word_embeddings"] else "lm_head"
        self.keep("logits", last @ self.p[f"{head}.weight"].T * scale)


# ---------------------------------------------------------------- plain Mamba and Mamba-2

def mamba1(m, name, n):
    """Mamba-1: a step size of each channel, low rank; a state of its own for each channel. Falcon-Mamba has a norm
    without a weight for each of dt, B and C; Mamba has none."""
    state = m.c["state_size"]
    x, z = np.split(m.linear(f"{name}.in_proj", n), 2, -1)
    x = silu(causal_conv(x, m.p[f"{name}.conv1d.weight"], m.p.get(f"{name}.conv1d.bias", 0)))
    rank = m.p[f"{name}.dt_proj.weight"].shape[1]
    parts = np.split(m.linear(f"{name}.x_proj", x), [rank, rank + state], -1)
    if m.kind == "falcon_mamba":
        parts = [p / np.sqrt((p * p).mean(-1, keepdims=True) + m.c["mixer_rms_eps"]) for p in parts]
    dt, B, C = parts
    delta, A = softplus(m.linear(f"{name}.dt_proj", dt)), -np.exp(m.p[f"{name}.A_log"])
    h, y = np.zeros((len(x), *A.shape)), np.zeros_like(x)
    for t in range(x.shape[1]):
        h = np.exp(delta[:, t, :, None] * A) * h + (delta[:, t] * x[:, t])[..., None] * B[:, t, None]
        y[:, t] = np.einsum("bcn,bn->bc", h, C[:, t]) + m.p[f"{name}.D"] * x[:, t]
    return m.linear(f"{name}.out_proj", y * silu(z))


def plain(m, ids):
    c, eps = m.c, m.c["layer_norm_epsilon"]
    x = m.keep("hidden_states.0", m.p["backbone.embeddings.weight"][ids])
    for i in range(c["num_hidden_layers"]):
        name = f"backbone.layers.{i}"
        n = m.norm(f"{name}.norm", x, eps)
        if m.kind in ("mamba", "falcon_mamba"):
            mixed = mamba1(m, f"{name}.mixer", n)
        else:
            inner = int(c["expand"] * c["hidden_size"])
            mixed = m.mamba2(f"{name}.mixer", n, c["num_heads"], inner, c["n_groups"], c["state_size"], eps)
        x = m.keep(f"hidden_states.{i + 1}", x + m.keep(f"layers.{i}.mamba", mixed))
    m.finish(x, "backbone.norm_f", "backbone.embeddings", eps)


# ---------------------------------------------------------------- hybrids

def zamba2(m, ids):
    c, eps = m.c, m.c["rms_norm_eps"]
    heads, hidden = c["num_attention_heads"], c["hidden_size"]
    size = 2 * hidden // heads
    theta = m.rope_theta() if c["use_mem_rope"] else None
    if theta is not None and c["use_long_context"]:
        theta *= 8 ** (size / (size - 2))
    kinds = [KINDS.get(kind, kind) for kind in c["layers_block_type"]]
    hybrid = [i for i, kind in enumerate(kinds) if kind == "hybrid"]
    blocks = c["num_mem_blocks"]

    def block(b):
        """Where shared block b lies: under any of the layers that use it."""
        names = (f"model.layers.{i}.shared_transformer" for i in hybrid[b::blocks])
        return next(name for name in names if m.has(f"{name}.input_layernorm.weight"))

    def adapter(name, n): return m.linear(f"{name}.1", m.linear(f"{name}.0", n))

    def shared(name, j, both):
        n = m.norm(f"{name}.input_layernorm", both, eps)
        q, k, v = (m.linear(f"{name}.self_attn.{w}_proj", n) for w in "qkv")
        if c["use_shared_attention_adapter"]:
            q, k, v = (x + adapter(f"{name}.self_attn.linear_{w}_adapter_list.{j}", n) for w, x in zip("qkv",
                (q, k, v)))
        t = attend(q, k, v, heads, c["num_key_value_heads"] or heads, (size / 2) ** -0.5, theta)
        n = m.norm(f"{name}.pre_ff_layernorm", m.linear(f"{name}.self_attn.o_proj", t), eps)
        feed = f"{name}.feed_forward"
        gate, up = np.split(m.linear(f"{feed}.gate_up_proj",
            n) + adapter(f"{feed}.gate_up_proj_adapter_list.{j}", n), 2, -1)
        return m.linear(f"{feed}.down_proj", gelu(gate) * up)

    x0 = x = m.keep("hidden_states.0", m.p["model.embed_tokens.weight"][ids])
    for i, kind in enumerate(kinds):
        name, n = f"model.layers.{i}", x
        if kind == "hybrid":
            j = hybrid.index(i)
            s = m.linear(f"{name}.linear", shared(block(j % blocks), j, np.concatenate([x, x0], -1)))
            name, n = f"{name}.mamba_decoder", x + m.keep(f"layers.{i}.shared", s)
        # The epsilon of the gated norm is the class's own, whatever rms_norm_eps says.
        mixed = m.mamba2(
            f"{name}.mamba", m.norm(f"{name}.input_layernorm", n, eps), c["n_mamba_heads"],
            int(c["mamba_expand"] * hidden),
            c["mamba_ngroups"], c["mamba_d_state"], 1e-5)
        x = m.keep(f"hidden_states.{i + 1}", x + m.keep(f"layers.{i}.mamba", mixed))
    m.finish(x, "model.final_layernorm", "model.embed_tokens", eps)


def hybrid_mamba(m, name, n, inner=None, **options):
    """The mixer by the option names of Falcon-H1, Bamba and Granite."""
    c = m.c
    return m.mamba2(
        f"{name}.mamba", n, c["mamba_n_heads"], inner or int(c["mamba_expand"] * c["hidden_size"]),
        c["mamba_n_groups"],
        c["mamba_d_state"], c["rms_norm_eps"], **options)


def falcon_h1(m, ids):
    c, eps = m.c, m.c["rms_norm_eps"]
    def factor(key): return 1 if c[f"{key}_multiplier"] is None else c[f"{key}_multiplier"]
    gate = ("before" if c["mamba_norm_before_gate"] else "after") if c["mamba_rms_norm"] else None
    rows, feed = c["ssm_multipliers"] or [1] * 5, c["mlp_multipliers"] or [1] * 2
    x = m.keep("hidden_states.0", m.p["model.embed_tokens.weight"][ids] * factor("embedding"))
    for i in range(c["num_hidden_layers"]):
        name = f"model.layers.{i}"
        n = m.norm(f"{name}.input_layernorm", x, eps)
        s = hybrid_mamba(m, name, n * factor("ssm_in"), c["mamba_d_ssm"], gate=gate,
            rows=rows) * factor("ssm_out")
        a = m.attention(f"{name}.self_attn", n * factor("attention_in"), factor=factor("key"),
            theta=m.rope_theta())
        x = x + m.keep(f"layers.{i}.mamba", s) + m.keep(f"layers.{i}.attention", a * factor("attention_out"))
        f = m.norm(f"{name}.pre_ff_layernorm", x, eps)
        x = m.keep(f"hidden_states.{i + 1}", x + m.gated_mlp(f"{name}.feed_forward", f, feed[0]) * feed[1])
    m.finish(x, "model.final_layernorm", "model.embed_tokens", eps, factor("lm_head"))


def bamba(m, ids):
    c, eps = m.c, m.c["rms_norm_eps"]
    x = m.keep("hidden_states.0", m.p["model.embed_tokens.weight"][ids])
    for i in range(c["num_hidden_layers"]):
        name = f"model.layers.{i}"
        n = m.norm(f"{name}.input_layernorm", x, eps)
        if i in (c["attn_layer_indices"] or []):
            mixed = m.keep(f"layers.{i}.attention", m.attention(f"{name}.self_attn", n, theta=m.rope_theta(),
                part=0.5))
        else:
            mixed = m.keep(f"layers.{i}.mamba", hybrid_mamba(m, name, n))
        x = x + mixed
        x = m.keep(f"hidden_states.{i + 1}", x + m.gated_mlp(f"{name}.feed_forward",
            m.norm(f"{name}.pre_ff_layernorm", x, eps)))
    m.finish(x, "model.final_layernorm", "model.embed_tokens", eps)


def granite(m, ids):
    c, eps, r = m.c, m.c["rms_norm_eps"], m.c["residual_multiplier"]
    kinds = [KINDS.get(kind, kind) for kind in c["layer_types"] or ["mamba"] * c["num_hidden_layers"]]

    def gated(x, first, second):
        gate, up = np.split(x @ first.T, 2, -1)
        return (silu(gate) * up) @ second.T

    def stacked(name, *spellings): return next(m.p[f"{name}.{s}"] for s in spellings if m.has(f"{name}.{s}"))

    def experts(i, name, f):
        """Weights are a softmax over the scores of the chosen experts alone."""
        scores = f @ stacked(name, "router.layer.weight", "router.weight").T
        m.keep(f"layers.{i}.router", softmax(scores))
        first = stacked(name, "input_linear.weight", "experts.gate_up_proj")
        second = stacked(name, "output_linear.weight", "experts.down_proj")
        out = np.zeros_like(f)
        for at in np.ndindex(f.shape[:2]):
            chosen = m.choose(scores[at], c["num_experts_per_tok"])
            for e, weight in zip(chosen, softmax(scores[at][chosen])):
                out[at] += weight * gated(f[at], first[e], second[e])
        return out

    x = m.keep("hidden_states.0", m.p["model.embed_tokens.weight"][ids] * c["embedding_multiplier"])
    for i, kind in enumerate(kinds):
        name = f"model.layers.{i}"
        n = m.norm(f"{name}.input_layernorm", x, eps)
        if kind == "attention":
            theta = m.rope_theta() if c["position_embedding_type"] == "rope" else None
            mixed = m.attention(f"{name}.self_attn", n, scale=c["attention_multiplier"], theta=theta)
        else:
            mixed = hybrid_mamba(m, name, n)
        x = x + m.keep(f"layers.{i}.{kind}", mixed * r)
        f = m.norm(f"{name}.post_attention_layernorm", x, eps)
        feed = gated(f, *(m.p[f"{name}.shared_mlp.{w}_linear.weight"] for w in ("input", "output")))
        if c["num_local_experts"]:
            feed = feed + experts(i, f"{name}.block_sparse_moe", f)
        x = m.keep(f"hidden_states.{i + 1}", x + feed * r)
    m.finish(x, "model.norm", "model.embed_tokens", eps, 1 / c["logits_scaling"])


def nemotron_h(m, ids):
    c, eps = m.c, m.c["layer_norm_epsilon"]
    kinds = [KINDS.get(kind, kind) for kind in c.get("layers_block_type") or c["hybrid_override_pattern"]]
    root = next(name for name in ("backbone", "model") if m.has(f"{name}.norm_f.weight"))

    def relu2(x): return np.maximum(x, 0) ** 2
    def mlp(name, x): return m.linear(f"{name}.down_proj", relu2(m.linear(f"{name}.up_proj", x)))

    def expert(name, e, x):
        if m.has(f"{name}.experts.up_proj"):
            return relu2(x @ m.p[f"{name}.experts.up_proj"][e].T) @ m.p[f"{name}.experts.down_proj"][e].T
        return mlp(f"{name}.experts.{e}", x)

    def routed(p, c_):
        """The chosen experts of one position and their weights: the correction chooses and does not weigh."""
        number = len(p) // c["n_group"]
        groups = c_.reshape(c["n_group"], number)
        kept = m.choose(np.sort(groups, -1)[:, -2:].sum(-1), c["topk_group"])
        within = np.concatenate([np.arange(g * number, (g + 1) * number) for g in kept])
        chosen = within[m.choose(c_[within], c["num_experts_per_tok"])]
        weights = p[chosen] / (p[chosen].sum() + 1e-20) if c["norm_topk_prob"] else p[chosen]
        return chosen, weights * c["routed_scaling_factor"]

    def moe(i, name, x):
        p = m.keep(f"layers.{i}.router", sigmoid(x @ m.p[f"{name}.gate.weight"].T))
        latent = m.has(f"{name}.fc1_latent_proj.weight")
        u = m.linear(f"{name}.fc1_latent_proj", x) if latent else x
        y = np.zeros_like(u)
        for at in np.ndindex(x.shape[:2]):
            for e, weight in zip(*routed(p[at], p[at] + m.p[f"{name}.gate.e_score_correction_bias"])):
                y[at] += weight * expert(name, e, u[at])
        return (m.linear(f"{name}.fc2_latent_proj", y) if latent else y) + mlp(f"{name}.shared_experts", x)

    x = m.keep("hidden_states.0", m.p[f"{root}.embeddings.weight"][ids])
    for i, kind in enumerate(kinds):
        name = f"{root}.layers.{i}.mixer"
        n = m.norm(f"{root}.layers.{i}.norm", x, eps)
        if kind == "mamba":
            inner = c["mamba_num_heads"] * c["mamba_head_dim"]
            mixed = m.keep(f"layers.{i}.mamba", m.mamba2(
                name, n, c["mamba_num_heads"], inner, c["n_groups"], c["ssm_state_size"], eps))
        elif kind == "attention":
            mixed = m.keep(f"layers.{i}.attention", m.attention(name, n))
        else:
            mixed = moe(i, name, n) if kind == "moe" else mlp(name, n)
        x = m.keep(f"hidden_states.{i + 1}", x + mixed)
    m.finish(x, f"{root}.norm_f", f"{root}.embeddings", eps)


FAMILIES = {
    "mamba": plain, "falcon_mamba": plain, "mamba2": plain, "zamba2": zamba2, "falcon_h1": falcon_h1, "bamba": bamba,
    "granitemoehybrid": granite,
    "nemotron_h": nemotron_h}


def forward(tensors, config, ids):
    """The model after one pass: its captures by name."""
    m = Model(tensors, config)
    FAMILIES[m.kind](m, ids)
    return m


def compare(expected, captures):
    """The worst capture: its largest difference relative to its largest recorded value, and its name."""
    return max((float(abs(captures[k] - v).max() / abs(v).max()), k) for k,
        v in expected.items() if k != "input_ids")


def checkpoint(folder):
    tensors = {}
    for file in sorted(folder.glob("model*.safetensors")):
        tensors |= read(file)
    return tensors, json.loads((folder / "config.json").read_text()), read(folder / "expected.safetensors")


def main(folders):
    wrong = False
    for folder in map(Path, folders):
        tensors, config, expected = checkpoint(folder)
        m = forward(tensors, config, expected["input_ids"])
        worst, name = compare(expected, m.captures)
        near = f", experts at least {m.margin:.1e} apart" if m.margin < math.inf else ""
        print(f"{folder.name}: {len(expected) - 1} captures, worst {name} {worst:.1e}{near}")
        wrong |= not worst <= 2e-5
    sys.exit(wrong)


if __name__ == "__main__":
    if len(sys.argv) < 2: sys.exit(__doc__)
    main(sys.argv[1:])
