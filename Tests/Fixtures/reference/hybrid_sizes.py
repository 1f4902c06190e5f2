"""Sizes of hybrids from their config.json alone, counted a second time: parameters by part, caches, work of a token.

    python reference/hybrid_sizes.py hymba-1.5b jamba-v0.1 zamba-7b-v1 jamba-tiny zamba-tiny

Plain loops over layers, nothing shared with the Swift code. Prints what the tests expect. Where a folder holds a
model.safetensors, its elements are counted too and must be the same.
"""

import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CONTEXT = 8192
PARTS = ("input", "metaTokens", "norms", "attention", "mamba", "fusion", "sharedBlock", "feedForward", "experts", "output")


class Count:
    def __init__(self):
        self.parts = dict.fromkeys(PARTS, 0)
        self.idle = self.work = self.attention = self.per_token = self.kv = self.states = 0

    def matrix(self, part, rows, columns, uses=1):
        """A matrix that a token is multiplied with `uses` times."""
        self.parts[part] += rows * columns
        self.work += uses * rows * columns

    def other(self, part, *numbers):
        self.parts[part] += sum(numbers)

    def mamba(self, hidden, inner, heads, state, rank, conv, conv_bias, proj_bias, inner_norms, own_output=True):
        self.matrix("mamba", 2 * inner, hidden)
        for _ in range(heads):
            self.matrix("mamba", rank + 2 * state, inner // heads)
        self.matrix("mamba", inner, rank)
        if own_output:
            self.matrix("mamba", hidden, inner)
            self.other("mamba", hidden if proj_bias else 0)
        self.other("mamba", 2 * inner if proj_bias else 0)
        self.other("mamba", inner * conv, inner if conv_bias else 0, inner)  # convolution, its bias, dt_proj's bias
        self.other("mamba", inner * state, inner)  # A_log, D
        if inner_norms:
            self.other("mamba", rank + 2 * state)
        self.work += inner * conv + 4 * inner * state
        self.states += inner * (conv - 1 + state)

    def attend(self, heads, key, value, kv_heads, window=None, meta=0, keeps=True):
        seen = meta + (CONTEXT if window is None else min(CONTEXT, window + 1))
        self.attention += heads * (key + value) * seen
        if keeps:
            self.kv += kv_heads * (key + value) * seen


def jamba(c):
    n, h = Count(), c["hidden_size"]
    inner = c["mamba_expand"] * h
    head = h // c["num_attention_heads"]
    n.other("input", c["vocab_size"] * h)
    for i in range(c["num_hidden_layers"]):
        n.other("norms", h, h)
        if i % c["attn_layer_period"] == c["attn_layer_offset"]:
            kv = c["num_key_value_heads"]
            n.matrix("attention", h, h)
            n.matrix("attention", kv * head, h)
            n.matrix("attention", kv * head, h)
            n.matrix("attention", h, h)
            n.attend(c["num_attention_heads"], head, head, kv)
            n.per_token += 2 * kv * head
        else:
            n.mamba(h, inner, 1, c["mamba_d_state"], c["mamba_dt_rank"], c["mamba_d_conv"], c["mamba_conv_bias"],
                    c["mamba_proj_bias"], True)
        size, experts = c["intermediate_size"], c["num_experts"]
        if experts > 1 and i % c["expert_layer_period"] == c["expert_layer_offset"]:
            n.matrix("experts", experts, h)
            for expert in range(experts):
                chosen = expert < c["num_experts_per_tok"]
                for _ in range(3):
                    n.matrix("experts", size, h, uses=int(chosen))
                n.idle += 0 if chosen else 3 * size * h
        else:
            for _ in range(3):
                n.matrix("feedForward", size, h)
    n.other("norms", h)
    head_of(n, c, h)
    return n


def head_of(n, c, h):
    if c.get("tie_word_embeddings", c["model_type"] == "zamba"):
        n.work += c["vocab_size"] * h
    else:
        n.matrix("output", c["vocab_size"], h)


def zamba(c):
    n, h = Count(), c["hidden_size"]
    inner = c["mamba_expand"] * h
    types = c.get("layers_block_type") or ["mamba", "mamba", "hybrid"] + [
        "hybrid" if i % c["attn_layer_period"] == c["attn_layer_offset"] else "mamba"
        for i in range(c["num_hidden_layers"] - 3)]
    uses = types.count("hybrid")
    heads, size, kv = c["num_attention_heads"], c["attention_head_dim"], c["num_key_value_heads"]
    n.other("input", c["vocab_size"] * h)
    n.other("sharedBlock", 2 * h, h)
    n.matrix("sharedBlock", heads * size, 2 * h, uses)
    n.matrix("sharedBlock", kv * size, 2 * h, uses)
    n.matrix("sharedBlock", kv * size, 2 * h, uses)
    n.matrix("sharedBlock", h, heads * size, uses)
    for _ in range(3):
        n.matrix("sharedBlock", c["intermediate_size"], h, uses)
    for kind in types:
        n.other("norms", h)
        if kind == "hybrid":
            n.matrix("sharedBlock", h, h)
            n.attend(heads, size, size, kv)
            n.per_token += 2 * kv * size
        n.mamba(h, inner, c["n_mamba_heads"], c["mamba_d_state"], c["mamba_dt_rank"], c["mamba_d_conv"],
                c["mamba_conv_bias"], c["mamba_proj_bias"], False)
    n.other("norms", h)
    head_of(n, c, h)
    return n


def hymba(c):
    n, h = Count(), c["hidden_size"]
    inner, heads, kv, meta = c["mamba_expand"] * h, c["num_attention_heads"], c["num_key_value_heads"], c["num_memory_tokens"]
    key, value = h // heads, inner // heads
    borrowed = {layer for group in c["kv_reuse_group"] for layer in group[1:]}
    n.other("input", c["vocab_size"] * h)
    n.other("metaTokens", meta * h)
    for i in range(c["num_hidden_layers"]):
        n.other("norms", h, h)
        n.matrix("attention", heads * key, h)
        if i not in borrowed:
            n.matrix("attention", kv * key, h)
            n.matrix("attention", kv * value, h)
        n.mamba(h, inner, 1, c["mamba_d_state"], c["mamba_dt_rank"], c["mamba_d_conv"], c["mamba_conv_bias"],
                c["mamba_proj_bias"], c["mamba_inner_layernorms"], own_output=False)
        is_global = i in c["global_attn_idx"]
        n.attend(heads, key, value, kv, None if is_global else c["sliding_window"], meta, i not in borrowed)
        n.per_token += kv * (key + value) if is_global else 0
        n.other("fusion", inner, inner)
        n.matrix("fusion", h, inner)
        for _ in range(3):
            n.matrix("feedForward", c["intermediate_size"], h)
    n.other("norms", h)
    head_of(n, c, h)
    return n


def main(names):
    for name in names:
        folder = os.path.join(os.path.dirname(HERE), name)
        with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
            config = json.load(file)
        n = {"jamba": jamba, "zamba": zamba, "hymba": hymba}[config["model_type"]](config)
        total = sum(n.parts.values())
        print(name, "total", total, "active", total - n.idle)
        print("  parts", {part: number for part, number in n.parts.items() if number})
        print("  values kept: per further token", n.per_token, "at", CONTEXT, n.kv, "states", n.states)
        print("  multiply-adds: per token", n.work, "attention", n.attention)
        weights = os.path.join(folder, "model.safetensors")
        if os.path.exists(weights):
            import safetensors

            with safetensors.safe_open(weights, "np") as file:
                stored = 0
                for tensor in file.keys():
                    elements = 1
                    for size in file.get_slice(tensor).get_shape():
                        elements *= size
                    stored += elements
            print("  stored", stored, "the same" if stored == total else "NOT THE SAME")


if __name__ == "__main__":
    main(sys.argv[1:])
