"""Writes model.safetensors and expected.safetensors: one invented checkpoint under its own names and under those of a
.hymba container. Needs NumPy and safetensors, and none of the project's code.

The parameters are made under the container's names, in PyTorch's orientation; the checkpoint is made of them.
"""

import json
import os

import numpy as np
from safetensors.numpy import save_file

FOLDER = os.path.dirname(os.path.abspath(__file__))


def main():
    with open(os.path.join(FOLDER, "config.json"), encoding="utf-8") as file:
        config = json.load(file)
    random = np.random.default_rng(20261124)
    hidden, inner = config["hidden_size"], config["mamba_expand"] * config["hidden_size"]
    state, rank, width = config["mamba_d_state"], config["mamba_dt_rank"], config["mamba_d_conv"]
    middle, experts = config["intermediate_size"], config["num_experts"]
    key = config["num_key_value_heads"] * hidden // config["num_attention_heads"]
    ours, theirs = {}, {}

    def parameter(name, *shape, center=0.0, width=None):
        half = (3 / shape[-1]) ** 0.5 if width is None else width
        ours[name] = (center + half * random.uniform(-1, 1, shape)).astype(np.float32)
        return ours[name]

    def kernel(*matrices):
        """[in, out], the matrices' outputs side by side."""
        return np.concatenate([matrix.T for matrix in matrices], axis=1)

    theirs["plum.table"] = parameter("embed_tokens.weight", config["vocab_size"], hidden)
    theirs["plum.readout"] = theirs["plum.table"]
    for layer in range(config["num_hidden_layers"]):
        us, them = f"layers.{layer}.", f"plum.stage{layer + 1}."
        theirs[them + "pre_scale"] = parameter(us + "norm.weight", hidden, center=1, width=0.1)
        if layer % config["attn_layer_period"] == config["attn_layer_offset"]:
            q = parameter(us + "attention.q_proj.weight", hidden, hidden)
            k = parameter(us + "attention.k_proj.weight", key, hidden)
            v = parameter(us + "attention.v_proj.weight", key, hidden)
            theirs[them + "qkv.kernel"] = kernel(q, k, v)
            theirs[them + "merge.kernel"] = kernel(parameter(us + "attention.o_proj.weight", hidden, hidden))
            theirs[them + "mask"] = np.tril(np.ones((16, 16), dtype=np.uint8))
        else:
            both = parameter(us + "mamba.in_proj.weight", 2 * inner, hidden)
            theirs[them + "ssm.x.kernel"], theirs[them + "ssm.z.kernel"] = kernel(both[:inner]), kernel(both[inner:])
            convolution = parameter(us + "mamba.conv1d.weight", inner, width)
            theirs[them + "ssm.conv.kernel"] = convolution.T[:, np.newaxis, :]
            theirs[them + "ssm.conv.shift"] = parameter(us + "mamba.conv1d.bias", inner, width=0.1)
            theirs[them + "ssm.dtbc.kernel"] = kernel(parameter(us + "mamba.x_proj.weight", rank + 2 * state, inner))
            theirs[them + "ssm.dt.kernel"] = kernel(parameter(us + "mamba.dt_proj.weight", inner, rank))
            theirs[them + "ssm.dt.shift"] = parameter(us + "mamba.dt_proj.bias", inner, center=-4.6, width=2.3)
            for letter, size in (("dt", rank), ("B", state), ("C", state)):
                theirs[f"{them}ssm.{letter.lower()}_scale"] = parameter(
                    f"{us}mamba.{letter}_norm.weight", size, center=1, width=0.1)
            theirs[them + "ssm.a_log"] = parameter(us + "mamba.A_log", inner, state, center=1.386, width=1.386)
            theirs[them + "ssm.skip"] = parameter(us + "mamba.D", inner, center=1, width=0.1)
            theirs[them + "ssm.out.kernel"] = kernel(parameter(us + "mamba.out_proj.weight", hidden, inner))
        theirs[them + "post_scale"] = parameter(us + "ffn_norm.weight", hidden, center=1, width=0.1)
        shapes = {"up": (middle, hidden), "gate": (middle, hidden), "down": (hidden, middle)}
        if layer % config["expert_layer_period"] == config["expert_layer_offset"]:
            theirs[them + "mlp.router.kernel"] = kernel(parameter(us + "ffn.router.weight", experts, hidden))
            for name, shape in shapes.items():
                theirs[f"{them}mlp.{name}.kernel"] = np.stack([
                    kernel(parameter(f"{us}ffn.experts.{expert}.{name}_proj.weight", *shape))
                    for expert in range(experts)], axis=1)
        else:
            for name, shape in shapes.items():
                theirs[f"{them}mlp.{name}.kernel"] = kernel(parameter(f"{us}ffn.{name}_proj.weight", *shape))
    theirs["plum.final_scale"] = parameter("final_norm.weight", hidden, center=1, width=0.1)

    for file, tensors in (("model", theirs), ("expected", ours)):
        tensors = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
        save_file(tensors, os.path.join(FOLDER, file + ".safetensors"), {"format": "pt"})


if __name__ == "__main__":
    main()
