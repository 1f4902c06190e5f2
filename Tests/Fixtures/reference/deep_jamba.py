"""Records a Jamba of 24 layers with random weights of a gain of one, and how far its float32 is from its float64.

    python3 deep_jamba.py FOLDER [seed]     needs torch and transformers 4.57

Every capture is recorded by a forward hook: hidden_states.0 after the embedding, hidden_states.{i+1} after layer i,
layers.{i}.{attention,mamba} what the mixer adds, layers.{i}.router the probabilities of the experts.
"""
import sys

import torch
from safetensors.torch import save_file
from transformers import JambaConfig, JambaForCausalLM

LAYERS, BATCH, POSITIONS = 24, 2, 16


def randomise(model, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in model.named_parameters():
            noise = torch.randn(p.shape, generator=generator)
            if name.endswith("A_log"):
                p.copy_(torch.log(torch.arange(1, p.shape[1] + 1).float()).repeat(p.shape[0], 1) + 0.1 * noise)
            elif "norm" in name or name.endswith(".D"):
                p.copy_(1 + 0.1 * noise)
            elif p.dim() == 1:
                p.copy_(0.1 * noise)
            elif "embed" in name:
                p.copy_(noise)
            else:
                p.copy_(noise / p.shape[-1] ** 0.5)


def run(model, ids):
    found, hooks = {}, []

    def hook(module, name, change=lambda x: x):
        def keep(_, __, output):
            output = output[0] if isinstance(output, tuple) else output
            found[name] = change(output.detach()).clone()
        hooks.append(module.register_forward_hook(keep))

    hook(model.model.embed_tokens, "hidden_states.0")
    for i, layer in enumerate(model.model.layers):
        mixer = "mamba" if hasattr(layer, "mamba") else "self_attn"
        hook(getattr(layer, mixer), f"layers.{i}." + mixer.replace("self_attn", "attention"))
        if hasattr(layer.feed_forward, "router"):
            hook(layer.feed_forward.router, f"layers.{i}.router",
                 lambda x: torch.softmax(x, -1).reshape(BATCH, POSITIONS, -1))
        hook(layer, f"hidden_states.{i + 1}")
    hook(model.model.final_layernorm, "last_hidden_state")
    with torch.no_grad():
        found["logits"] = model(ids, use_cache=False).logits
    for handle in hooks:
        handle.remove()
    return found


folder, seed = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1
torch.set_num_threads(1)
model = JambaForCausalLM(JambaConfig(
    vocab_size=37, hidden_size=24, intermediate_size=32, num_hidden_layers=LAYERS, num_attention_heads=3,
    num_key_value_heads=1, num_experts=2, num_experts_per_tok=1, expert_layer_period=6, expert_layer_offset=3,
    attn_layer_period=3, attn_layer_offset=1, mamba_d_state=8, mamba_d_conv=4, mamba_expand=2,
    max_position_embeddings=64, use_mamba_kernels=False, attn_implementation="eager")).eval()
randomise(model, seed)
ids = torch.randint(0, 37, (BATCH, POSITIONS), generator=torch.Generator().manual_seed(seed))
single = run(model, ids)
model.save_pretrained(folder)
double = run(model.double(), ids)
worst = max(float((single[k].double() - v).abs().max() / v.abs().max()) for k, v in double.items())
save_file({"input_ids": ids, **{k: v.contiguous() for k, v in single.items()}}, f"{folder}/expected.safetensors")
print(f"float32 differs from float64 by up to {worst:.1e} of the largest value")
