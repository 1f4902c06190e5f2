"""Whether a config.json loads in NVIDIA's code: what its classes ask of a configuration, and the tensors that they make of it.

    python nvidia_config_check.py FOLDER...                # exported checkpoints: config.json against the tensors beside it
    python nvidia_config_check.py --tools .build/release   # derives config.json for the cases below with the tools, then the same
    python nvidia_config_check.py --class configuration_hymba.py ...   # reads it with NVIDIA's own class (needs transformers)

The rules are those of the constructors and of the forward pass in modeling_hymba.py of the Hymba-1.5B-Base repository, written
anew; each says where. Exit code 1 when a configuration breaks one, or its tensors are others than the checkpoint has.
"""
import argparse, importlib.util, json, math, os, struct, subprocess, sys, tempfile

# What configuration_hymba.py sets where the file is silent; mlp_hidden_act and seq_length it does not set at all.
DEFAULTS = dict(
    vocab_size=65536, tie_word_embeddings=False, hidden_size=4096, intermediate_size=14336, num_hidden_layers=32,
    num_attention_heads=32, num_key_value_heads=8, hidden_act="silu", rms_norm_eps=1e-6, sliding_window=None,
    max_position_embeddings=262144, orig_max_position_embeddings=None, num_experts_per_tok=2, num_experts=16, mamba_d_state=16,
    mamba_d_conv=4, mamba_expand=2, mamba_dt_rank="auto", mamba_conv_bias=True, mamba_proj_bias=False, mamba_inner_layernorms=True,
    kv_reuse_every_i_layer=-1, kv_reuse_group=None, global_attn_idx=None, num_mamba=1, attn_implementation_new="sdpa", rope_type=None,
    attn_hidden_size=-1, kq_head_dim=-1, v_head_dim=-1, kq_norm=None, rope=False, rope_theta=10000.0, num_memory_tokens=0,
    memory_tokens_interspersed_every=0)


class Config:
    def __init__(self, values):
        vars(self).update(DEFAULTS | values)
        if self.mamba_dt_rank == "auto":
            self.mamba_dt_rank = math.ceil(self.hidden_size / 16)
        if self.num_key_value_heads is None:
            self.num_key_value_heads = self.num_attention_heads


def read(path, kind):
    with open(path) as file:
        values = json.load(file)
    if kind:
        return kind.from_dict(values), values
    return Config(values), values


def problems(c, values):
    """Sentences, each a rule that the configuration breaks."""
    found = []

    def need(holds, rule):
        if not holds:
            found.append(rule)

    # Attributes that the code looks at without a default.
    for name, used in [("mlp_hidden_act", c.intermediate_size > 0), ("seq_length", c.attn_implementation_new == "flex")]:
        need(not used or hasattr(c, name), f"{name} is absent")
    # HymbaAttention
    hidden = c.attn_hidden_size if c.attn_hidden_size > 0 else c.hidden_size
    need(hidden % c.num_attention_heads == 0, "hidden_size is not divisible by num_attention_heads")
    need(c.kq_norm in ("none", "rms", "perhead-rms"), f"kq_norm is {c.kq_norm!r}")
    need(c.attn_implementation_new in ("sdpa", "flex", "flash_attention_2"), "attn_implementation_new is unknown")
    # HymbaFlexAttention asserts meta tokens; the mask that HymbaModel prepares for sdpa is that of the tokens alone.
    need((c.attn_implementation_new == "flex") == (c.num_memory_tokens > 0), "flex is for meta tokens, sdpa for none")
    # LlamaRotaryEmbedding
    if c.rope:
        need(c.rope_type in (None, "default", "ntk", "dynamic_ntk"), f"rope_type is {c.rope_type!r}")
        need(isinstance(c.rope_theta, (int, float)) and c.rope_theta > 0, "rope_theta is no positive number")
        if c.rope_type in ("ntk", "dynamic_ntk"):
            need(c.orig_max_position_embeddings, "orig_max_position_embeddings is absent")
            need(c.hidden_size // c.num_attention_heads > 2, "heads of 2 have no scaled base")
    # HymbaModel.forward: `i in self.global_attn_idx` wherever there is a window.
    if c.sliding_window is not None:
        need(isinstance(c.global_attn_idx, list), "global_attn_idx is no list, with a sliding_window")
        need(all(0 <= i < c.num_hidden_layers for i in c.global_attn_idx or []), "global_attn_idx names no layer")
    # HymbaModel.forward: shared_kv_cache_dict is filled by the front of each group before its users run.
    filled = {}
    groups = c.kv_reuse_group or []
    for layer in range(c.num_hidden_layers):
        user = next((g for g, group in enumerate(groups) if layer in group[1:]), None)
        need(user is None or user in filled, f"layer {layer} uses keys that no layer before it gives")
        front = next((g for g, group in enumerate(groups) if layer == group[0]), None)
        if front is not None:
            filled[front] = True
    # HymbaMLP
    if c.intermediate_size > 0:
        need(getattr(c, "mlp_hidden_act", None) in ("silu", "relu2"), "mlp_hidden_act is unknown")
    need(c.hidden_act in ("silu", "swish"), "hidden_act is no function of the convolution")
    # HybridMambaAttentionDynamicCache: conv_dim by the layer's number as text, where the file has it.
    inner = int(c.mamba_expand * c.hidden_size)
    if hasattr(c, "conv_dim"):
        need(c.conv_dim == {str(i): inner for i in range(c.num_hidden_layers)}, "conv_dim is not that of the layers")
    if "layer_type" in values:
        need(values["layer_type"] == ["h"] * c.num_hidden_layers, "layer_type is not that of the layers")
    need(values.get("model_type") == "hymba", "model_type is not hymba")
    return found


def tensors(c, base):
    """Names and shapes that HymbaForCausalLM, or HymbaModel alone, would make."""
    inner, hidden = int(c.mamba_expand * c.hidden_size), c.hidden_size
    head = hidden // c.num_attention_heads
    share = c.num_key_value_heads / c.num_attention_heads  # As HymbaBlock computes it, with its rounding.
    keys, values = int(share * hidden), int(share * hidden * c.mamba_expand)
    users = {layer for group in c.kv_reuse_group or [] for layer in group[1:]}
    if c.kv_reuse_group is None and c.kv_reuse_every_i_layer > 0:
        users = {i for i in range(c.num_hidden_layers) if i % c.kv_reuse_every_i_layer}
    out = {"embed_tokens.weight": [c.vocab_size, hidden], "final_layernorm.weight": [hidden]}
    if c.num_memory_tokens > 0:
        out["memory_tokens"] = [c.num_memory_tokens, hidden]
    for i in range(c.num_hidden_layers):
        layer = {"input_layernorm.weight": [hidden]}
        latent = inner + hidden + (0 if i in users else keys + values)
        mamba = {
            "in_proj.weight": [latent + inner, hidden], "out_proj.weight": [hidden, inner],
            "conv1d.weight": [inner, 1, c.mamba_d_conv], "x_proj.0.weight": [c.mamba_dt_rank + 2 * c.mamba_d_state, inner],
            "dt_proj.0.weight": [inner, c.mamba_dt_rank], "dt_proj.0.bias": [inner], "A_log.0": [inner, c.mamba_d_state],
            "D.0": [inner], "pre_avg_layernorm1.weight": [inner], "pre_avg_layernorm2.weight": [inner]}
        if c.mamba_conv_bias:
            mamba["conv1d.bias"] = [inner]
        if c.mamba_proj_bias:
            mamba |= {"in_proj.bias": [latent + inner], "out_proj.bias": [hidden]}
        if c.mamba_inner_layernorms:
            mamba |= {"dt_layernorm.weight": [c.mamba_dt_rank], "B_layernorm.weight": [c.mamba_d_state],
                      "C_layernorm.weight": [c.mamba_d_state]}
        if c.kq_norm == "rms":
            mamba |= {"self_attn.q_norm.weight": [head], "self_attn.k_norm.weight": [head]}
        if c.kq_norm == "perhead-rms":
            mamba |= {"self_attn.q_norm.weight": [1, c.num_attention_heads, 1, head],
                      "self_attn.k_norm.weight": [1, c.num_key_value_heads, 1, head]}
        layer |= {f"mamba.{name}": shape for name, shape in mamba.items()}
        if c.intermediate_size > 0:
            layer["pre_moe_layernorm.weight"] = [hidden]
            names = ["up_proj", "gate_proj"] if c.mlp_hidden_act == "silu" else ["up_proj"]
            layer |= {f"moe.experts.0.{name}.weight": [c.intermediate_size, hidden] for name in names}
            layer["moe.experts.0.down_proj.weight"] = [hidden, c.intermediate_size]
        out |= {f"layers.{i}.{name}": shape for name, shape in layer.items()}
    if base:
        return out
    out = {"model." + name: shape for name, shape in out.items()}
    if not c.tie_word_embeddings:
        out["lm_head.weight"] = [c.vocab_size, hidden]
    return out


def stored(folder):
    out = {}
    for name in sorted(os.listdir(folder)):
        if name.endswith(".safetensors") and name.startswith("model"):
            with open(os.path.join(folder, name), "rb") as file:
                header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
            out |= {key: value["shape"] for key, value in header.items() if key != "__metadata__"}
    return out


def check(folder, kind, title):
    c, values = read(os.path.join(folder, "config.json"), kind)
    found = problems(c, values)
    have = stored(folder)
    # from_pretrained takes the names of a whole model for the inner one too, by base_model_prefix.
    base = values.get("architectures") == ["HymbaModel"]
    if base:
        have = {name.removeprefix("model."): shape for name, shape in have.items()}
    want = tensors(c, base) if not found else have
    # A layer that uses another's keys still has its own k_norm in the original, which nothing reads.
    unread = {name for name in want if name.endswith("self_attn.k_norm.weight") and name not in have}
    found += [f"{name} is missing" for name in sorted(want.keys() - have.keys() - unread)]
    found += [f"{name} is not part of the model" for name in sorted(have.keys() - want.keys())]
    found += [f"{name} is {have[name]} instead of {want[name]}" for name in sorted(want.keys() & have.keys())
              if want[name] != have[name]]
    missing = f", {len(unread)} unread k_norm missing" if unread else ""
    print(f"{title}: " + ("; ".join(found) if found else f"loads, {len(have)} tensors{missing}"))
    return not found


SMALL = dict(model_type="hymba", vocab_size=19, hidden_size=24, intermediate_size=20, num_hidden_layers=4, num_attention_heads=3,
             num_key_value_heads=1, mamba_d_state=4, mlp_hidden_act="silu")
CASES = {
    "no meta tokens, no window": {},
    "no meta tokens, a window everywhere": dict(sliding_window=5),
    "no meta tokens, a window and a global layer": dict(sliding_window=5, global_attn_idx=[2]),
    "meta tokens, no window": dict(num_memory_tokens=3),
    "meta tokens, a window everywhere": dict(num_memory_tokens=3, sliding_window=5, global_attn_idx=[]),
    "meta tokens, a window of 0": dict(num_memory_tokens=3, sliding_window=0),
    "global layers at both ends": dict(num_memory_tokens=3, sliding_window=5, global_attn_idx=[0, 3]),
    "keys shared in groups": dict(num_memory_tokens=3, sliding_window=5, global_attn_idx=[0], kv_reuse_group=[[1, 2, 3]]),
    "keys shared by every second layer": dict(kv_reuse_every_i_layer=2),
    "keys shared through a front that uses others'": dict(kv_reuse_group=[[0, 1], [1, 2]]),
    "shared keys with norms": dict(kv_reuse_group=[[0, 1]], kq_norm="rms"),
    "a norm of each head": dict(kq_norm="perhead-rms", rope=True),
    "a scaled base": dict(rope=True, rope_type="ntk", max_position_embeddings=64, orig_max_position_embeddings=16),
    "a base scaled by the length": dict(rope=True, rope_type="dynamic_ntk", orig_max_position_embeddings=16),
    "a tied head": dict(tie_word_embeddings=True),
    "squared ReLU": dict(mlp_hidden_act="relu2"),
    "no feed forward": dict(intermediate_size=0),
    "a fraction for mamba_expand": dict(mamba_expand=1.5),
    "conv of 1, rank 1": dict(mamba_d_conv=1, mamba_dt_rank=1),
    "biases of projections, none of the convolution": dict(mamba_proj_bias=True, mamba_conv_bias=False),
    "no inner norms": dict(mamba_inner_layernorms=False),
    "one layer": dict(num_hidden_layers=1, num_memory_tokens=1, sliding_window=1),
    "no head": dict(architectures=["HymbaModel"]),
}


def derive(tools, kind):
    """Each case as an architecture, so that the tools have no config.json to copy, then as NVIDIA's folder."""
    def run(*command):
        return subprocess.run([os.path.join(tools, command[0]), *command[1:]], check=True, capture_output=True, text=True).stdout

    fine = True
    with tempfile.TemporaryDirectory() as work:
        for number, (title, options) in enumerate(CASES.items()):
            place = lambda name: os.path.join(work, f"{number}-{name}")
            with open(place("config.json"), "w") as file:
                json.dump(SMALL | options, file)
            report = json.loads(run("hymba-inspect", "config", place("config.json"), "--json"))
            with open(place("architecture.json"), "w") as file:
                json.dump(report["architecture"], file)
            run("hymba-convert", "init", "--config", place("architecture.json"), "-o", place("m.hymba"), "--quiet")
            run("hymba-convert", "export", place("m.hymba"), "--layout", "nvidia-hymba", "-o", place("out"), "--quiet")
            fine &= check(place("out"), kind, title)
    return fine


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--tools")
    parser.add_argument("--class", dest="kind")
    arguments = parser.parse_args()
    kind = None
    if arguments.kind:
        spec = importlib.util.spec_from_file_location("configuration_hymba", arguments.kind)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        kind = module.HymbaConfig
    fine = [check(folder, kind, folder) for folder in arguments.folders]
    if arguments.tools:
        fine.append(derive(arguments.tools, kind))
    sys.exit(0 if all(fine) else 1)
