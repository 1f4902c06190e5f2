"""Small models with options that no recorded set has; mamba2_recompute.py alone computes what they give.

    python record_recomputed.py FOLDER      writes FOLDER/NAME for every set below

Each set has random weights and names options that must matter: `ignored` lists configurations that read an option
wrongly, and each must move the logits by more than a hundredth of the largest one. Chosen experts stay clear of
the rejected ones. All values that choose are positive, so it does not show whether experts outside the kept groups
count as zero or as minus infinity.
"""
import json
import math
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from mamba2_recompute import forward

BATCH, POSITIONS, VOCABULARY = 2, 9, 29
LIMIT = [0.1, 0.3]
UNLIMITED = [dict(time_step_limit=[0, 0.3]), dict(time_step_limit=[0.1, 1e9])]


class Weights:
    """Random tensors by the names of a checkpoint; a linear layer of a deep model is smaller by `gain`."""

    def __init__(self, seed, gain=1.0):
        self.random, self.gain, self.tensors = np.random.RandomState(seed), gain, {}

    def add(self, name, *shape, scale=None):
        scale = self.gain / shape[-1] ** 0.5 if scale is None else scale
        self.tensors[name] = self.random.standard_normal(shape) * scale

    def linear(self, name, rows, columns, bias=False):
        self.add(f"{name}.weight", rows, columns)
        if bias:
            self.add(f"{name}.bias", rows, scale=0.3)

    def norm(self, name, size):
        self.tensors[f"{name}.weight"] = 1 + 0.25 * self.random.standard_normal(size)

    def mamba2(self, name, hidden, heads, inner, groups, state, width, in_bias=False, out_bias=False):
        channels = inner + 2 * groups * state
        self.linear(f"{name}.in_proj", inner + channels + heads, hidden, in_bias)
        self.add(f"{name}.conv1d.weight", channels, 1, width)
        self.add(f"{name}.conv1d.bias", channels, scale=0.3)
        steps = np.exp(self.random.uniform(math.log(0.01), math.log(0.5), heads))
        self.tensors[f"{name}.A_log"] = np.log(self.random.uniform(0.5, 16, heads))
        self.tensors[f"{name}.D"] = 1 + 0.25 * self.random.standard_normal(heads)
        self.tensors[f"{name}.dt_bias"] = np.log(np.expm1(steps))
        self.norm(f"{name}.norm", inner)
        self.linear(f"{name}.out_proj", hidden, inner, out_bias)

    def attention(self, name, hidden, heads, kv_heads, size):
        for part, rows in zip("qkv", (heads, kv_heads, kv_heads)):
            self.linear(f"{name}.{part}_proj", rows * size, hidden)
        self.linear(f"{name}.o_proj", hidden, heads * size)

    def gated_mlp(self, name, hidden, width):
        self.linear(f"{name}.gate_proj", width, hidden)
        self.linear(f"{name}.up_proj", width, hidden)
        self.linear(f"{name}.down_proj", hidden, width)

    def ends(self, embedding, norm, hidden, tied):
        self.add(f"{embedding}.weight", VOCABULARY, hidden, scale=1)
        self.norm(norm, hidden)
        if not tied:
            self.linear("lm_head", VOCABULARY, hidden)


def write(root, name, what, config, weights, ignored, spelling=(None, None)):
    """`spelling` changes the configuration and the tensors to what is stored, of the same model."""
    config = config | {"vocab_size": VOCABULARY}
    ids = np.random.RandomState(7).randint(0, VOCABULARY, (BATCH, POSITIONS)).astype(np.int64)
    tensors = {k: v.astype(np.float32) for k, v in weights.tensors.items()}
    model = forward(tensors, config, ids)
    logits = model.captures["logits"]
    for wrong in ignored:
        misread = forward(tensors, config | wrong, ids).captures["logits"]
        moved = abs(misread - logits).max() / abs(logits).max()
        print(f"{name}: {moved:.2f} off with {json.dumps(wrong)}")
        assert moved > 1e-2
    assert model.margin > 2e-3, model.margin
    config, tensors = (other(value) if other else value for other, value in zip(spelling, (config, tensors)))
    assert abs(forward(tensors, config, ids).captures["logits"] - logits).max() == 0
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    save_file({k: np.ascontiguousarray(v) for k, v in tensors.items()}, folder / "model.safetensors")
    found = {k: np.ascontiguousarray(v, np.float32) for k, v in model.captures.items()}
    save_file({"input_ids": ids} | found, folder / "expected.safetensors")
    (folder / "README.txt").write_text(
        f"{what}; F32, all parameters random. No original ran: the expected values are computed by "
        "reference/mamba2_recompute.py in float64 and rounded to float32, written by "
        "reference/record_recomputed.py.\n")


# ---------------------------------------------------------------- the sets

def mamba2_groups(root):
    w = Weights(41)
    w.ends("backbone.embeddings", "backbone.norm_f", 12, tied=False)
    for i in range(2):
        w.norm(f"backbone.layers.{i}.norm", 12)
        w.mamba2(f"backbone.layers.{i}.mixer", 12, 6, 24, 3, 4, 4)
    config = dict(
        model_type="mamba2", hidden_size=12, num_hidden_layers=2, num_heads=6, head_dim=4, expand=2, state_size=4,
        n_groups=3, conv_kernel=4, use_bias=False, use_conv_bias=True, hidden_act="silu", layer_norm_epsilon=1e-5,
        chunk_size=4, time_step_limit=LIMIT, tie_word_embeddings=False)
    what = "Plain Mamba-2, 3 groups, each with a norm of its own as in mamba-ssm, limited step sizes"
    write(root, "mamba2-groups", what, config, w, UNLIMITED)


def zamba2_weights(
        seed, kinds, blocks, hidden, heads, inner, state, groups, width, ffn, rank, attention_adapters, gain=1.0):
    """Each shared block lies under the first layer that uses it."""
    w = Weights(seed, gain)
    w.ends("model.embed_tokens", "model.final_layernorm", hidden, tied=True)
    hybrid = [i for i, kind in enumerate(kinds) if kind == "hybrid"]
    for i, kind in enumerate(kinds):
        name = f"model.layers.{i}"
        if kind == "hybrid":
            w.linear(f"{name}.linear", hidden, hidden)
            name += ".mamba_decoder"
        w.norm(f"{name}.input_layernorm", hidden)
        w.mamba2(f"{name}.mamba", hidden, heads, inner, groups, state, width)

    def adapter(name, rows, columns):
        w.add(f"{name}.0.weight", rank, columns)
        w.add(f"{name}.1.weight", rows, rank)
    for b in range(blocks):
        name = f"model.layers.{hybrid[b]}.shared_transformer"
        w.norm(f"{name}.input_layernorm", 2 * hidden)
        w.norm(f"{name}.pre_ff_layernorm", hidden)
        for part in "qkv":
            w.linear(f"{name}.self_attn.{part}_proj", 2 * hidden, 2 * hidden)
        w.linear(f"{name}.self_attn.o_proj", hidden, 2 * hidden)
        w.linear(f"{name}.feed_forward.gate_up_proj", 2 * ffn, hidden)
        w.linear(f"{name}.feed_forward.down_proj", hidden, ffn)
        for j in range(b, len(hybrid), blocks):
            adapter(f"{name}.feed_forward.gate_up_proj_adapter_list.{j}", 2 * ffn, hidden)
            for part in "qkv" if attention_adapters else "":
                adapter(f"{name}.self_attn.linear_{part}_adapter_list.{j}", 2 * hidden, 2 * hidden)
    return w


def zamba2_options(root):
    kinds = ["mamba", "hybrid", "hybrid"]
    common = dict(
        model_type="zamba2", hidden_size=12, num_hidden_layers=3, num_attention_heads=2, num_key_value_heads=2,
        layers_block_type=kinds, num_mem_blocks=1, use_mem_rope=True, rms_norm_eps=1e-5, mamba_ngroups=2,
        time_step_limit=LIMIT)

    config = common | dict(
        intermediate_size=20, hidden_act="gelu", mamba_d_state=4, mamba_d_conv=4, mamba_expand=2, n_mamba_heads=6,
        mamba_headdim=4, adapter_rank=3, use_shared_attention_adapter=False, attention_head_dim=12,
        rope_parameters={"rope_theta": 500.0, "rope_type": "default"})
    what = "Zamba2, a rotary base of 500 in rope_parameters, no rope_theta, limited step sizes"
    w = zamba2_weights(42, kinds, 1, 12, 6, 24, 4, 2, 4, 20, 3, False)
    ignored = UNLIMITED + [dict(rope_parameters=None), dict(use_mem_rope=False)]
    write(root, "zamba2-rope-parameters", what, config, w, ignored)

    config = common | dict(
        ffn_hidden_size=20, state_size=4, conv_dimension=3, expansion_factor=2, mamba_headdim=4, lora_rank=3,
        rope_theta=500, use_shared_block_lora=True, use_shared_attention_lora=True, gated_linear_unit=True,
        add_bias_linear=False, kv_channels=6, num_query_groups=2, use_mamba_kernels=True, ft_lora=False,
        sliding_window=None)
    what = ("Zamba2 under the option names of the first releases, which give the size of a Mamba head and no number "
            "of heads; a rotary base of 500 in rope_theta, attention adapters, limited step sizes")
    w = zamba2_weights(43, kinds, 1, 12, 6, 24, 4, 2, 3, 20, 3, True)
    ignored = UNLIMITED + [
        dict(rope_theta=10000), dict(use_mem_rope=False), dict(use_shared_attention_lora=False)]
    write(root, "zamba2-older-names", what, config, w, ignored)


def zamba2_default_layers(root):
    runs = (6, 5, 5, 5, 5, 5, 5, 4, 3)
    kinds = [kind for run in runs for kind in ["mamba"] * run + ["hybrid"]] + ["mamba"] * 2
    config = dict(
        model_type="zamba2", hidden_size=6, num_hidden_layers=54, num_attention_heads=2, num_mem_blocks=2,
        hidden_act="gelu", mamba_d_state=2, mamba_d_conv=2, mamba_expand=2, n_mamba_heads=3, adapter_rank=1,
        time_step_limit=LIMIT)
    what = ("Zamba2 without layers_block_type: 54 layers, 9 of them hybrid, 2 shared blocks; intermediate_size and the "
            "number of key-value heads absent too, no rotary embedding, limited step sizes")
    w = zamba2_weights(63, kinds, 2, 6, 3, 12, 2, 1, 2, 24, 1, False, gain=0.35)
    write(root, "zamba2-default-layers", what, config, w, UNLIMITED)


def falcon_h1_biases(root):
    w = Weights(45)
    w.ends("model.embed_tokens", "model.final_layernorm", 16, tied=False)
    for i in range(2):
        name = f"model.layers.{i}"
        w.norm(f"{name}.input_layernorm", 16)
        w.norm(f"{name}.pre_ff_layernorm", 16)
        w.mamba2(f"{name}.mamba", 16, 6, 24, 3, 4, 4, in_bias=True)
        w.attention(f"{name}.self_attn", 16, 2, 1, 8)
        w.gated_mlp(f"{name}.feed_forward", 16, 20)
    config = dict(
        model_type="falcon_h1", hidden_size=16, intermediate_size=20, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, hidden_act="silu", rms_norm_eps=1e-5, mamba_d_ssm=24, mamba_n_heads=6,
        mamba_d_head="auto", mamba_n_groups=3, mamba_d_state=4, mamba_d_conv=4, mamba_expand=2, mamba_conv_bias=True,
        mamba_proj_bias=True, projectors_bias=False, mamba_rms_norm=True, attention_bias=False, mlp_bias=False,
        key_multiplier=None, attention_in_multiplier=2.0, ssm_out_multiplier=3.0, ssm_multipliers=None,
        time_step_limit=LIMIT, tie_word_embeddings=False)
    what = ("Falcon-H1, mamba_proj_bias without projectors_bias, so the mixer has a bias at its input and none at its "
            "output; gated norm of 3 groups before the gate and a rotary base of 100000 by class default, "
            "mamba_d_head auto, limited step sizes")
    ignored = UNLIMITED + [dict(mamba_norm_before_gate=False), dict(mamba_rms_norm=False), dict(rope_theta=1000)]
    write(root, "falcon-h1-biases", what, config, w, ignored)


def bamba_no_attention(root):
    w = Weights(46)
    w.ends("model.embed_tokens", "model.final_layernorm", 16, tied=False)
    for i in range(2):
        name = f"model.layers.{i}"
        w.norm(f"{name}.input_layernorm", 16)
        w.norm(f"{name}.pre_ff_layernorm", 16)
        w.mamba2(f"{name}.mamba", 16, 8, 32, 2, 4, 4)
        w.gated_mlp(f"{name}.feed_forward", 16, 20)
    config = dict(
        model_type="bamba", hidden_size=16, intermediate_size=20, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, hidden_act="silu", rms_norm_eps=1e-5, mamba_n_heads=8, mamba_d_head="auto",
        mamba_n_groups=2, mamba_d_state=4, mamba_d_conv=4, mamba_expand=2, mamba_conv_bias=True, mamba_proj_bias=False,
        time_step_limit=LIMIT, tie_word_embeddings=False)
    what = "Bamba without attn_layer_indices: every layer is Mamba; mamba_d_head auto, 2 groups, limited step sizes"
    write(root, "bamba-no-attention", what, config, w, UNLIMITED)


GRANITE = dict(
    model_type="granitemoehybrid", hidden_size=16, intermediate_size=10, num_hidden_layers=2, num_attention_heads=2,
    hidden_act="silu", shared_intermediate_size=12, mamba_n_heads=8, mamba_d_head=4, mamba_n_groups=2, mamba_d_state=4,
    mamba_d_conv=4, mamba_expand=2, mamba_conv_bias=True, mamba_proj_bias=False, attention_bias=False,
    residual_multiplier=0.5, logits_scaling=2.0, attention_multiplier=0.5, tie_word_embeddings=True)


def granite_weights(seed, kinds, experts):
    w = Weights(seed)
    w.ends("model.embed_tokens", "model.norm", 16, tied=True)
    for i, kind in enumerate(kinds):
        name = f"model.layers.{i}"
        w.norm(f"{name}.input_layernorm", 16)
        w.norm(f"{name}.post_attention_layernorm", 16)
        if kind == "mamba":
            w.mamba2(f"{name}.mamba", 16, 8, 32, 2, 4, 4)
        else:
            w.attention(f"{name}.self_attn", 16, 2, 2, 8)
        w.linear(f"{name}.shared_mlp.input_linear", 24, 16)
        w.linear(f"{name}.shared_mlp.output_linear", 16, 12)
        if experts:
            moe = f"{name}.block_sparse_moe"
            w.linear(f"{moe}.router.layer", experts, 16)
            w.add(f"{moe}.input_linear.weight", experts, 20, 16)
            w.add(f"{moe}.output_linear.weight", experts, 16, 10)
    return w


def granite_no_layer_types(root):
    config = GRANITE | dict(
        num_local_experts=0, num_experts_per_tok=0, embedding_multiplier=0.003, position_embedding_type="nope",
        time_step_limit=[0.1, {"__float__": "Infinity"}])
    what = ("Granite hybrid without layer_types: every layer is Mamba; no experts, rms_norm_eps absent (1e-6 here) and "
            "so small an embedding that it counts, step sizes limited below, the infinite end as transformers 5 writes "
            "it")
    ignored = [dict(time_step_limit=None), dict(time_step_limit=LIMIT), dict(rms_norm_eps=1e-5)]
    write(root, "granite-hybrid-no-layer-types", what, config, granite_weights(47, ["mamba"] * 2, 0), ignored)


def granite_experts(root):
    config = GRANITE | dict(
        layer_types=["mamba", "attention"], num_local_experts=5, num_experts_per_tok=2, rms_norm_eps=1e-5,
        embedding_multiplier=1.5, position_embedding_type="rope", rope_theta=300, time_step_limit=LIMIT)
    w = granite_weights(51, config["layer_types"], 5)
    what = ("Granite hybrid, experts 2 of 5 and rotary embedding of base 300 in one model, the number of key-value "
            "heads absent, 2 groups, limited step sizes")
    ignored = UNLIMITED + [
        dict(position_embedding_type=None), dict(rope_theta=10000), dict(num_experts_per_tok=3)]
    write(root, "granite-hybrid-experts-rope", what, config, w, ignored)

    memory = {
        "router.layer.weight": "router.weight", "input_linear.weight": "experts.gate_up_proj",
        "output_linear.weight": "experts.down_proj"}

    def in_memory(tensors):
        def renamed(name):
            front, moe, back = name.partition(".block_sparse_moe.")
            return front + moe + memory[back] if moe else name
        return {renamed(k): v for k, v in tensors.items()}
    what = "The model of granite-hybrid-experts-rope, its experts under the names that transformers 5 has in memory"
    write(root, "granite-hybrid-memory-names", what, config, w, [], (None, in_memory))


def nemotron_h_experts(root):
    experts = 9
    config = dict(
        model_type="nemotron_h", hidden_size=16, intermediate_size=20, num_hidden_layers=3,
        hybrid_override_pattern="ME*", num_attention_heads=2, num_key_value_heads=1, attention_head_dim=12,
        mlp_hidden_act="relu2", layer_norm_epsilon=1e-5, ssm_state_size=4, mamba_num_heads=6, mamba_head_dim=4,
        n_groups=3, conv_kernel=3, use_conv_bias=True, use_bias=False, mamba_hidden_act="silu", attention_bias=False,
        mlp_bias=False, n_routed_experts=experts, n_shared_experts=1, num_experts_per_tok=3, moe_intermediate_size=8,
        moe_shared_expert_intermediate_size=12, n_group=3, topk_group=2, norm_topk_prob=True,
        routed_scaling_factor=2.5, time_step_limit=LIMIT, tie_word_embeddings=False)
    w = Weights(50)
    w.ends("backbone.embeddings", "backbone.norm_f", 16, tied=False)
    for i in range(3):
        w.norm(f"backbone.layers.{i}.norm", 16)
    mamba, moe, attention = (f"backbone.layers.{i}.mixer" for i in range(3))
    w.mamba2(mamba, 16, 6, 24, 3, 4, 3)
    w.linear(f"{moe}.gate", experts, 16)
    w.tensors[f"{moe}.gate.e_score_correction_bias"] = w.random.uniform(0, 0.6, experts)
    for name, width in [(f"experts.{e}", 8) for e in range(experts)] + [("shared_experts", 12)]:
        w.linear(f"{moe}.{name}.up_proj", width, 16)
        w.linear(f"{moe}.{name}.down_proj", 16, width)
    w.attention(attention, 16, 2, 1, 12)
    what = ("Nemotron-H, experts 3 of 9 in 3 groups of which 2 are kept, attention_head_dim for head_dim, limited step "
            "sizes")
    ignored = UNLIMITED + [dict(topk_group=3), dict(topk_group=1), dict(n_group=1), dict(norm_topk_prob=False)]
    write(root, "nemotron-h-expert-groups", what, config, w, ignored)

    def other_options(config):
        names = dict(
            n_groups="mamba_n_groups", conv_kernel="mamba_d_conv", use_conv_bias="mamba_conv_bias",
            time_step_limit="mamba_dt_limit")
        return {names.get(k, k): v for k, v in config.items()}

    def in_memory(tensors):
        def stack(part): return np.stack([tensors[f"{moe}.experts.{e}.{part}.weight"] for e in range(experts)])
        stacked = {f"{moe}.experts.{part}": stack(part) for part in ("up_proj", "down_proj")}
        kept = {k: v for k, v in tensors.items() if not k.startswith(f"{moe}.experts.")}
        return {k.replace("backbone.", "model."): v for k, v in (kept | stacked).items()}
    what = ("The model of nemotron-h-expert-groups under the root `model` with stacked experts, as transformers 5 has "
            "it in memory, and with mamba_n_groups, mamba_d_conv, mamba_conv_bias and mamba_dt_limit among its options")
    write(root, "nemotron-h-memory-names", what, config, w, [], (other_options, in_memory))


SETS = (
    mamba2_groups, zamba2_options, zamba2_default_layers, falcon_h1_biases, bamba_no_attention, granite_no_layer_types,
    granite_experts, nemotron_h_experts)

if __name__ == "__main__":
    if len(sys.argv) != 2: sys.exit(__doc__)
    for record in SETS:
        record(Path(sys.argv[1]))
