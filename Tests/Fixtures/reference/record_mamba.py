"""Records plain Mamba, Falcon-Mamba and Mamba-2 with random weights: the sets NAME-tiny and NAME-options of each.

    python record_mamba.py FOLDER [SET...]      needs torch and transformers 4.57.6

Every value is taken by a hook on the CPU path: hidden_states.0 after the embedding, hidden_states.{i+1} after layer i,
so the last one precedes the final norm, layers.{i}.mamba what the mixer adds. A set in BF16 is computed in float32
from its rounded weights. Expected values that mamba2_recompute.py does not confirm are not written.
"""
import math
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from transformers import (
    FalconMambaConfig, FalconMambaForCausalLM, Mamba2Config, Mamba2ForCausalLM, MambaConfig, MambaForCausalLM)

from mamba2_recompute import compare, forward

BATCH = 2
CHOSEN = sys.argv[2:]


def randomise(model, seed):
    """Nothing keeps the value or the symmetry that the class initialises with."""
    generator = torch.Generator().manual_seed(seed)

    def uniform(p, low, high): return low + (high - low) * torch.rand(p.shape, generator=generator)
    with torch.no_grad():
        for name, p in sorted(model.named_parameters()):
            noise = torch.randn(p.shape, generator=generator)
            if name.endswith("A_log"):
                p.copy_(torch.log(uniform(p, 0.5, 16)))
            elif name.endswith(("dt_bias", "dt_proj.bias")):
                step = torch.exp(uniform(p, math.log(0.005), math.log(0.5)))
                p.copy_(step + torch.log(-torch.expm1(-step)))
            elif name.endswith(".D") or "norm" in name:
                p.copy_(1 + 0.25 * noise)
            elif p.dim() == 1:
                p.copy_(0.2 * noise)
            elif "embeddings" in name:
                p.copy_(noise)
            else:
                p.copy_(noise / p.shape[-1] ** 0.5)


def run(model, ids):
    found = {"input_ids": ids}

    def hook(module, name):
        module.register_forward_hook(lambda _, __, output: found.__setitem__(name, output.clone()))
    hook(model.backbone.embeddings, "hidden_states.0")
    for i, layer in enumerate(model.backbone.layers):
        hook(layer.mixer, f"layers.{i}.mamba")
        hook(layer, f"hidden_states.{i + 1}")
    hook(model.backbone.norm_f, "last_hidden_state")
    with torch.no_grad():
        found["logits"] = model(ids, use_cache=False).logits
    return found


def record(root, name, model, seed, positions, what, dtype=torch.float32):
    if CHOSEN and name not in CHOSEN:
        return
    randomise(model, seed)
    model = model.eval().to(dtype)
    folder = root / name
    if model.config.tie_word_embeddings:
        # Mamba2ForCausalLM does not name its tied head, and save_pretrained refuses unnamed ties.
        model._tied_weights_keys = ["lm_head.weight"]
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    model = type(model).from_pretrained(folder, dtype=torch.float32)
    ids = torch.randint(0, model.config.vocab_size, (BATCH, positions),
        generator=torch.Generator().manual_seed(seed))
    found = run(model, ids)
    tensors = {k: v.numpy() for k, v in model.state_dict().items()}
    expected = {k: v.numpy() for k, v in found.items()}
    # What the file leaves out is left out here too, so that the recomputation uses the defaults it states.
    worst, where = compare(expected, forward(tensors, model.config.to_diff_dict(),
        expected["input_ids"]).captures)
    print(f"{name}: {len(found) - 1} captures, worst {where} {worst:.1e}")
    assert worst <= 2e-5
    save_file({k: v.contiguous() for k, v in found.items()}, folder / "expected.safetensors")
    stored = "BF16, expected values from the rounded weights in float32" if dtype == torch.bfloat16 else "F32"
    (folder / "README.txt").write_text(
        f"{what}, {stored}; all parameters random (seed {seed}); forward in float32, eval, no cache, plain "
        f"PyTorch; "
        "hidden_states.i = output of layer i-1 before the final norm (0 = embeddings), last_hidden_state "
        "after the final norm; "
        f"layers.i.mamba = mixer output as added to the stream.\nProduced by {type(model).__name__}, torch "
        f"{torch.__version__}, "
        f"transformers {transformers.__version__}.\n")


def main(root):
    torch.set_num_threads(1)
    root = Path(root)
    record(root, "mamba-tiny", MambaForCausalLM(MambaConfig(
        vocab_size=61, hidden_size=24, num_hidden_layers=4, state_size=8)), 3601, 19,
        "Plain Mamba, 4 layers, class defaults where they decide a result: tied, bias of the convolution "
        "alone, "
        "time_step_rank auto = 2")
    record(root, "mamba-options", MambaForCausalLM(MambaConfig(
        vocab_size=58, hidden_size=20, num_hidden_layers=3, state_size=5, expand=3, conv_kernel=3,
        time_step_rank=7, use_bias=True,
        use_conv_bias=False, layer_norm_epsilon=1e-3, tie_word_embeddings=False)), 3602, 17,
        "Plain Mamba options: expand 3, state 5, convolutions of 3, time_step_rank 7, biases in both "
        "projections and none in the "
        "convolution, layer_norm_epsilon 1e-3, untied", torch.bfloat16)
    record(root, "mamba2-tiny", Mamba2ForCausalLM(Mamba2Config(
        vocab_size=59, hidden_size=32, num_hidden_layers=4, num_heads=8, head_dim=8, state_size=16,
        n_groups=1, chunk_size=8)), 3603, 21,
        "Plain Mamba-2, 4 layers, 8 heads of 8, 1 group, untied, no limit of the step size (a bare JSON "
        "Infinity), chunk 8 < 21 positions")
    record(root, "mamba2-options", Mamba2ForCausalLM(Mamba2Config(
        vocab_size=62, hidden_size=20, num_hidden_layers=3, num_heads=5, head_dim=12, expand=3, state_size=8,
        n_groups=1, conv_kernel=3,
        use_bias=True, use_conv_bias=False, layer_norm_epsilon=1e-3, time_step_limit=(0.03, 0.4),
        chunk_size=5,
        tie_word_embeddings=True)), 3604, 18,
        "Plain Mamba-2 options: expand 3, 5 heads of 12, 1 group, convolutions of 3, biases in both "
        "projections and none in the "
        "convolution, layer_norm_epsilon 1e-3, time_step_limit [0.03, 0.4] in effect, tied, chunk 5 < 18 "
        "positions", torch.bfloat16)
    record(root, "falcon-mamba-tiny", FalconMambaForCausalLM(FalconMambaConfig(
        vocab_size=64, hidden_size=32, num_hidden_layers=4, state_size=8, layer_norm_epsilon=1e-6)), 3605, 19,
        "Falcon-Mamba, 4 layers, class defaults where they decide a result: tied, bias of the convolution alone, "
        "time_step_rank auto = 2; but layer_norm_epsilon is 1e-6, as mixer_rms_eps is")
    record(root, "falcon-mamba-options", FalconMambaForCausalLM(FalconMambaConfig(
        vocab_size=57, hidden_size=20, num_hidden_layers=3, state_size=5, expand=16, intermediate_size=36,
        conv_kernel=3, time_step_rank=7, use_bias=True, use_conv_bias=False, layer_norm_epsilon=1e-3,
        mixer_rms_eps=0.25, tie_word_embeddings=False)), 3606, 17,
        "Falcon-Mamba options: intermediate_size 36, which wins over expand 16, state 5, convolutions of 3, "
        "time_step_rank 7, biases in both projections and none in the convolution, layer_norm_epsilon 1e-3, "
        "mixer_rms_eps 0.25, untied", torch.bfloat16)


if __name__ == "__main__":
    if len(sys.argv) < 2: sys.exit(__doc__)
    main(sys.argv[1])
