"""Writes Tests/Fixtures/corruptions: single mistakes in recorded sets, each with its cause, and controls without one.

    python make_corruptions.py      needs numpy, safetensors, ml_dtypes, torch and transformers 4.57.6

corruptions.json lists the cases. `set` is the recorded set. `config` holds replacements of text in its config.json, each of
which occurs there once. patches/NAME.safetensors holds the changed tensors under the names of the file. `layer`, `kind` and
`detail` say what has to be named; a null kind means that nothing may be named. Expected values are those of the recorded set.

grouped-norm is a model of its own: Mamba2ForCausalLM normalises over all channels, although its configuration has two groups.
"""
import json
import shutil
from pathlib import Path

import ml_dtypes  # noqa: F401  (NumPy's bfloat16)
import numpy as np
import torch
from safetensors.numpy import load_file, save_file
from transformers import Mamba2Config, Mamba2ForCausalLM

from record_mamba import randomise, run

FIXTURES = Path(__file__).resolve().parent.parent
OUT = FIXTURES / "corruptions"
PATCHES = OUT / "patches"
random = np.random.default_rng(20261128)
cases = []


def tensors(name):
    files = sorted((FIXTURES / name).glob("model*.safetensors"))
    return {key: value for file in files for key, value in load_file(file).items()}


def option(name, key, value):
    """The replacement that gives an option of a config.json another value, or adds it."""
    text = (FIXTURES / name / "config.json").read_text()
    new = f'"{key}": {json.dumps(value)}'
    mark = f'\n  "{key}": '
    if mark not in text:
        place = '"hidden_size": '
        start = text.index(place)
        end = text.index(",", start)
        return [text[start:end], f"{text[start:end]}, {new}"]
    start = text.index(mark)
    begin = start + len(mark)
    end = begin + json.JSONDecoder().raw_decode(text[begin:])[1]
    return [text[start + 3:end], new]


def case(name, set, layer, kind, detail=None, config=None, patch=None):
    replacements = [option(set, key, value) for key, value in (config or {}).items()]
    text = (FIXTURES / set / "config.json").read_text()
    assert all(text.count(old) == 1 for old, _ in replacements), name
    if patch:
        stored = tensors(set)
        for key, value in patch.items():
            assert value.shape == stored[key].shape and value.dtype == stored[key].dtype, key
            assert not np.array_equal(value, stored[key]), name
        save_file({key: np.ascontiguousarray(value) for key, value in patch.items()}, PATCHES / f"{name}.safetensors")
    cases.append({"name": name, "set": set, "config": replacements, "hasPatch": bool(patch), "layer": layer,
                  "kind": kind, "detail": detail})


def rows(array, order): return array[np.concatenate([np.atleast_1d(part) for part in order])]


def configurations():
    def wrong(name, set, key, value, layer, kind, detail):
        case(name, set, layer, kind, detail, config={key: value})
    wrong("rope-theta", "bamba-tiny", "rope_theta", 1e6, 1, "rotary", "rope_theta is 10000")
    wrong("rope-theta-large", "falcon-h1-tiny", "rope_theta", 10000.0, 0, "rotary", "rope_theta is 1e11")
    wrong("rotary-added", "hymba-nvidia-options-d", "rope", True, 0, "rotary", "there is no rotary embedding")
    wrong("rotary-unscaled", "hymba-nvidia-tiny", "rope_type", "default", 0, "rotary", None)
    wrong("window", "hymba-nvidia-tiny", "sliding_window", 7, 1, "window", "sliding_window is 6")
    wrong("window-short", "hymba-nvidia-options-a", "sliding_window", 3, 0, "window", "sliding_window is 4")
    wrong("attention-multiplier", "granite-hybrid-tiny", "attention_multiplier", 0.25, 1, "scale",
          "the attention scale is 0.11")
    wrong("residual-multiplier", "granite-hybrid-tiny", "residual_multiplier", 0.22, 0, "multiplier",
          "residual_multiplier is 0.4")
    wrong("embedding-multiplier", "granite-hybrid-tiny", "embedding_multiplier", 12.0, None, "multiplier",
          "embedding_multiplier is 3")
    wrong("logits-scaling", "granite-hybrid-tiny", "logits_scaling", 8.0, None, "multiplier", "logits_scaling is 5")
    wrong("key-multiplier", "falcon-h1-tiny", "key_multiplier", 1.3, 0, "multiplier", "key_multiplier is 0.65")
    wrong("ssm-multipliers", "falcon-h1-tiny", "ssm_multipliers", [0.9, 0.8, 1.7, 1.2, 1.1], 0, "multiplier",
          "the ssm_multiplier of B is 0.7")
    wrong("mlp-multipliers", "falcon-h1-options", "mlp_multipliers", [0.6, 0.7], 0, "multiplier",
          "the mlp_multiplier of the gate is 1.2")
    wrong("lm-head-multiplier", "falcon-h1-tiny", "lm_head_multiplier", 0.9, None, "multiplier",
          "lm_head_multiplier is 0.45")
    wrong("routed-scaling", "nemotron-h-tiny", "routed_scaling_factor", 1.25, 4, "multiplier",
          "routed_scaling_factor is 2.5")
    wrong("norm-topk", "nemotron-h-tiny", "norm_topk_prob", False, 4, "norm", "norm_topk_prob is true")
    wrong("epsilon", "zamba2-tiny", "rms_norm_eps", 1e-5, 0, "epsilon", "rms_norm_eps of all norms but the gated one is 0.001")
    wrong("epsilon-large", "mamba-tiny", "layer_norm_epsilon", 1e-3, 0, "epsilon", "rms_norm_eps is 1e-5")
    wrong("inner-epsilon", "falcon-mamba-tiny", "mixer_rms_eps", 0.5, 0, "epsilon", "mixer_rms_eps is 1e-6")
    wrong("inner-norms", "falcon-mamba-tiny", "model_type", "mamba", 0, "norm",
          "dt, B and C go through norms without weights")
    wrong("gelu-tanh", "zamba-tiny", "hidden_act", "gelu_pytorch_tanh", 2, "activation",
          "hidden_act of the shared block is gelu")
    wrong("gelu", "jamba-tiny", "hidden_act", "gelu", 0, "activation", "hidden_act is silu")
    wrong("step-limit", "mamba2-tiny", "time_step_limit", [0.001, 0.1], 0, "timeStepLimit",
          "there is no time_step_limit")
    wrong("norm-before-gate", "falcon-h1-options", "mamba_norm_before_gate", False, 0, "norm",
          "norm_before_gate is true")


def weights():
    bamba, falcon, granite = (tensors(name) for name in ("bamba-tiny", "falcon-h1-tiny", "granite-hybrid-tiny"))

    def neighbours(array, heads, size):
        """Rows in which the halves of each head's rotary pairs become neighbours, as llama.cpp's permutation inverse."""
        return array.reshape(heads, 2, size // 2, -1).swapaxes(1, 2).reshape(array.shape)
    q, k = "model.layers.2.self_attn.q_proj.weight", "model.layers.2.self_attn.k_proj.weight"
    case("rotary-pairs", "falcon-h1-tiny", 2, "rotary",
         patch={q: neighbours(falcon[q], 4, 12), k: neighbours(falcon[k], 2, 12)})
    case("rotary-pairs-of-keys", "falcon-h1-tiny", 2, "rotary", patch={k: neighbours(falcon[k], 2, 12)})
    zamba2 = tensors("zamba2-tiny")
    prefix = "model.layers.1.shared_transformer.self_attn."
    case("rotary-pairs-shared", "zamba2-tiny", 1, "rotary", patch={
        f"{prefix}{name}_proj.weight": neighbours(zamba2[f"{prefix}{name}_proj.weight"], 4, 16) for name in "qk"})

    name = "model.layers.4.self_attn.q_proj.weight"
    case("transposed-query", "bamba-tiny", 4, "transpose", "attention.q_proj is transposed", patch={name: bamba[name].T})
    name = "model.layers.1.self_attn.o_proj.weight"
    case("transposed-output", "granite-hybrid-tiny", 1, "transpose", "attention.o_proj is transposed",
         patch={name: granite[name].T})
    name = "model.layers.4.linear.weight"
    case("transposed-linear", "zamba-tiny", 4, "transpose", "shared_proj is transposed",
         patch={name: tensors("zamba-tiny")[name].T})

    heads = np.arange(32).reshape(4, 8)
    name = "model.layers.1.self_attn.q_proj.weight"
    case("query-heads", "bamba-tiny", 1, "headOrder", patch={name: rows(bamba[name], heads[[0, 2, 1, 3]])})

    # in_proj of bamba-tiny: z and x of 64, B and C of 16, dt of 8.
    z, x, b, c, dt = np.split(np.arange(168), [64, 128, 144, 160])
    name = "model.layers.2.mamba.in_proj.weight"
    case("x-and-z", "bamba-tiny", 2, "parts", "x and z change places in in_proj",
         patch={name: rows(bamba[name], [x, z, b, c, dt])})
    name, convolution = "model.layers.3.mamba.in_proj.weight", "model.layers.3.mamba.conv1d."
    cx, cb, cc = np.split(np.arange(96), [64, 80])
    case("b-and-c", "bamba-tiny", 3, "parts", "B and C change places in in_proj and conv1d",
         patch={name: rows(bamba[name], [z, x, c, b, dt]),
                **{convolution + end: rows(bamba[convolution + end], [cx, cc, cb]) for end in ("weight", "bias")}})
    mamba = tensors("mamba-tiny")
    name = "backbone.layers.3.mixer.in_proj.weight"
    case("x-and-z-first-generation", "mamba-tiny", 3, "parts", "x and z change places in in_proj",
         patch={name: np.roll(mamba[name], 48, axis=0)})
    name = "backbone.layers.2.mixer.x_proj.weight"
    case("b-and-c-first-generation", "mamba-tiny", 2, "parts", "B and C change places in x_proj",
         patch={name: rows(mamba[name], [np.arange(2), np.arange(10, 18), np.arange(2, 10)])})

    name = "backbone.layers.1.mixer.A_log"
    case("a-as-stored", "mamba-tiny", 1, "decay", "A is taken as stored: A_log holds A itself, which is negative",
         patch={name: -np.exp(mamba[name])})
    mamba2 = tensors("mamba2-tiny")
    name = "backbone.layers.2.mixer.A_log"
    case("a-positive", "mamba2-tiny", 2, "decay", "A is taken as stored: A_log holds -A, which is positive",
         patch={name: np.exp(mamba2[name])})

    def exchanged(set, first, second):
        stored = tensors(set)
        return {first: stored[second], second: stored[first]}
    case("gate-and-up", "jamba-tiny", 0, "gate", "gate_proj and up_proj change places", patch=exchanged(
        "jamba-tiny", "model.layers.0.feed_forward.gate_proj.weight", "model.layers.0.feed_forward.up_proj.weight"))
    case("gate-and-up-hymba", "hymba-nvidia-tiny", 2, "gate", "gate_proj and up_proj change places", patch=exchanged(
        "hymba-nvidia-tiny", "model.layers.2.moe.experts.0.gate_proj.weight",
        "model.layers.2.moe.experts.0.up_proj.weight"))
    name = "model.layers.0.block_sparse_moe.input_linear.weight"
    case("gate-and-up-experts", "granite-hybrid-tiny", 0, "gate", "gate_proj and up_proj of the experts change places",
         patch={name: np.roll(granite[name], 24, axis=1)})

    name = "model.layers.0.pre_ff_layernorm.weight"
    case("one-plus-weight", "bamba-tiny", 0, "norm", "1 is added to the weight of ffn_norm",
         patch={name: bamba[name] - 1})
    name = "model.final_layernorm.weight"
    case("one-plus-weight-final", "bamba-tiny", None, "norm", None, patch={name: bamba[name] - 1})
    name = "model.layers.3.feed_forward.down_proj.weight"
    case("scaled-weight", "bamba-tiny", 3, "multiplier", "the result of the feed forward is multiplied by 0.4",
         patch={name: bamba[name] * np.float32(2.5)})


def controls():
    bamba, falcon, zamba2, mamba, granite = (tensors(name) for name in (
        "bamba-tiny", "falcon-h1-tiny", "zamba2-tiny", "mamba-tiny", "granite-hybrid-tiny"))

    def control(name, set, tensor, value, layer):
        case(name, set, layer, None, patch={tensor: value.astype(np.float32)})

    def noise(array, size): return array + size * array.std() * random.standard_normal(array.shape)
    name = "model.layers.1.self_attn.q_proj.weight"
    control("noise-in-query", "bamba-tiny", name, noise(bamba[name], 1e-2), 1)
    name = "model.layers.2.mamba.in_proj.weight"
    control("noise-in-mamba", "bamba-tiny", name, noise(bamba[name], 1e-3), 2)
    name = "model.layers.1.feed_forward.up_proj.weight"
    control("faint-noise", "falcon-h1-tiny", name, noise(falcon[name], 2e-4), 1)
    name = "model.layers.3.self_attn.o_proj.weight"
    control("new-output", "falcon-h1-tiny", name, random.standard_normal(falcon[name].shape) / 7, 3)
    name = "backbone.layers.1.mixer.A_log"
    control("new-decay", "mamba-tiny", name, np.log(random.uniform(0.5, 16, mamba[name].shape)), 1)
    name = "model.layers.0.mamba.norm.weight"
    control("new-gated-norm", "zamba2-tiny", name, 1 + 0.25 * random.standard_normal(zamba2[name].shape), 0)

    def one(array, index, value):
        array = array.copy()
        array.reshape(-1)[index] = value
        return array
    name = "model.layers.1.self_attn.k_proj.weight"
    control("one-element-of-keys", "granite-hybrid-tiny", name, one(granite[name], 77, 2.0), 1)
    name = "model.layers.0.mamba.D"
    control("one-element-of-d", "bamba-tiny", name, one(bamba[name], 3, -1.0), 0)
    name = "model.layers.2.input_layernorm.weight"
    control("one-element-of-norm", "bamba-tiny", name, one(bamba[name], 5, 2.5), 2)
    name = "model.final_layernorm.weight"
    control("one-element-of-final-norm", "bamba-tiny", name, one(bamba[name], 5, 2.5), None)
    name = "model.embed_tokens.weight"
    control("new-embedding", "bamba-tiny", name, random.standard_normal(bamba[name].shape), None)
    name = "model.layers.3.mamba.conv1d.weight"
    control("reversed-taps", "bamba-tiny", name, bamba[name][..., ::-1], 3)
    name = "model.layers.1.self_attn.v_proj.weight"
    control("reversed-values", "bamba-tiny", name, bamba[name][::-1], 1)


def grouped_norm():
    folder = OUT / "grouped-norm"
    model = Mamba2ForCausalLM(Mamba2Config(
        vocab_size=23, hidden_size=16, num_hidden_layers=2, num_heads=4, head_dim=8, state_size=4, n_groups=2,
        chunk_size=8))
    randomise(model, 3701)
    model = model.eval()
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    ids = torch.randint(0, 23, (2, 11), generator=torch.Generator().manual_seed(3701))
    save_file({key: value.contiguous().numpy() for key, value in run(model, ids).items()},
              folder / "expected.safetensors")
    case("grouped-norm", "corruptions/grouped-norm", 0, "groupNorm", "the gated norm goes over all channels together")


def main():
    torch.set_num_threads(1)
    shutil.rmtree(OUT, ignore_errors=True)
    PATCHES.mkdir(parents=True)
    configurations()
    weights()
    grouped_norm()
    controls()
    (OUT / "corruptions.json").write_text(json.dumps(cases, indent=1) + "\n")
    print(f"{sum(case['kind'] is not None for case in cases)} corruptions, "
          f"{sum(case['kind'] is None for case in cases)} controls")


if __name__ == "__main__":
    main()
