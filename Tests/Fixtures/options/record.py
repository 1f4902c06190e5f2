"""Records the sets jamba-act-gelu, zamba-mamba-act-tanh and the models without a head, and the values of activations.

Needs torch and transformers 4.57.6:  python record.py FOLDER
"""
import json, os, sys
import torch
from safetensors.torch import save_file
from transformers import JambaConfig, JambaForCausalLM, JambaModel, ZambaConfig, ZambaForCausalLM, ZambaModel
from transformers.activations import ACT2FN

torch.set_num_threads(1)
root = sys.argv[1]


def randomize(model, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            uniform = torch.rand(parameter.shape, generator=generator) * 2 - 1
            if name.endswith("norm.weight"):
                parameter.copy_(1 + 0.1 * uniform)
            elif "A_log" in name:
                parameter.copy_(1.386 + 1.386 * uniform)
            elif "dt_proj" in name and "bias" in name:
                parameter.copy_(-4.6 + 2.3 * uniform)
            elif name.endswith(".D"):
                parameter.copy_(1 + 0.1 * uniform)
            elif name.endswith("bias"):
                parameter.copy_(0.1 * uniform)
            else:
                parameter.copy_(uniform * (3 / parameter.shape[-1]) ** 0.5)


def record(name, model, seed, hasHead=True):
    randomize(model, seed)
    model.eval()
    folder = os.path.join(root, name)
    model.save_pretrained(folder, safe_serialization=True)
    generator = os.path.join(folder, "generation_config.json")
    if os.path.exists(generator):
        os.remove(generator)
    ids = torch.randint(0, model.config.vocab_size, (2, 11), generator=torch.Generator().manual_seed(seed))
    captures = {"input_ids": ids}
    inner = model.model if hasHead else model
    with torch.no_grad():
        captures["hidden_states.0"] = inner.embed_tokens(ids)
        for i, layer in enumerate(inner.layers):
            layer.register_forward_hook(
                lambda m, args, out, i=i: captures.__setitem__(f"hidden_states.{i + 1}", out[0]))
        out = model(ids, use_cache=False, **({"logits_to_keep": 0} if hasHead else {}))
    if hasHead:
        captures["logits"] = out.logits
    else:
        captures["last_hidden_state"] = out.last_hidden_state
    save_file({k: v.contiguous().clone() for k, v in captures.items()}, os.path.join(folder, "expected.safetensors"))


jamba = dict(
    vocab_size=37, hidden_size=24, intermediate_size=29, num_hidden_layers=4, num_attention_heads=3, num_key_value_heads=1,
    num_experts=4, num_experts_per_tok=2, attn_layer_period=3, attn_layer_offset=1, expert_layer_period=2,
    expert_layer_offset=1, mamba_d_state=5, mamba_d_conv=4, use_mamba_kernels=False, attn_implementation="eager")
zamba = dict(
    vocab_size=41, hidden_size=20, intermediate_size=27, num_hidden_layers=4, num_attention_heads=4, num_key_value_heads=4,
    n_mamba_heads=2, attn_layer_period=3, attn_layer_offset=1, mamba_d_state=6, use_mamba_kernels=False,
    attn_implementation="eager")
record("jamba-act-gelu", JambaForCausalLM(JambaConfig(**jamba, hidden_act="gelu")), 11)
record("zamba-mamba-act-tanh", ZambaForCausalLM(ZambaConfig(**zamba, hidden_mamba_act="tanh", hidden_act="mish")), 12)
record("jamba-base", JambaModel(JambaConfig(**jamba)), 13, hasHead=False)
record("zamba-base", ZambaModel(ZambaConfig(**zamba)), 14, hasHead=False)

x = torch.linspace(-12, 12, 193, dtype=torch.float64)
values = {"x": x.tolist()}
for name in sorted(ACT2FN):
    try:
        function = ACT2FN[name]
    except Exception:
        continue
    if list(function.parameters()):
        continue
    values[name] = function(x).tolist()
with open(os.path.join(root, "activations.json"), "w") as file:
    json.dump(values, file)
