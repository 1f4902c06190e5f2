#!/usr/bin/env python3
"""Records what the original framework computes, as a reference for `hymba-verify forward MODEL --expect FILE`.

    python3 record_reference.py MODEL -o expected.safetensors --tokens 1,5,9
    python3 record_reference.py MODEL -o expected.safetensors --text "The capital of France is Paris."

MODEL is a folder with config.json and weights, or a name on the Hugging Face Hub. Runs once, without a cache, and
keeps what passes between the modules. Without an input, the ids are those that hymba-verify tries a model on. Needs
torch, transformers and safetensors. Families: Jamba, Zamba, Zamba2, Falcon-H1, Bamba, Granite 4 hybrid, Nemotron-H,
Mamba, Falcon-Mamba, Mamba-2, and NVIDIA's Hymba (--trust-remote-code, on a GPU). docs/recording.md says what each
capture is, how large a file becomes, and where a class of transformers does not compute what its configuration says:
that is corrected, and said, unless --uncorrected is given.
"""

import argparse
import math
import os
import platform
import sys

import torch
import transformers
from safetensors import safe_open
from safetensors.torch import save_file

VERSION = tuple(int(part) for part in transformers.__version__.split(".")[:2])
# What a branch is multiplied with outside of its module, before it is added to the stream.
FACTORS = {
    ("falcon_h1", "mamba"): "ssm_out_multiplier", ("falcon_h1", "attention"): "attention_out_multiplier",
    ("granitemoehybrid", "mamba"): "residual_multiplier", ("granitemoehybrid", "attention"): "residual_multiplier"}
KNOWN = (
    "bamba", "falcon_h1", "falcon_mamba", "granitemoehybrid", "hymba", "jamba", "mamba", "mamba2", "nemotron_h", "zamba",
    "zamba2")


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model", help="a folder with config.json and weights, or a name on the Hub")
    parser.add_argument("-o", "--output", required=True, help="the safetensors file to write")
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--tokens", action="append", help="ids such as 1,5,9; give it again for each further sequence of a batch")
    source.add_argument("--text", help="a text for the model's own tokenizer")
    source.add_argument("--input", help="a safetensors file with input_ids")
    source.add_argument(
        "--seed", type=int, default=1, help="the seed of the ids where none are given (default: 1)")
    parser.add_argument(
        "--dtype", choices=("float32", "bfloat16"), default="float32", help="what to compute in (default: float32)")
    parser.add_argument("--device", default="cpu", help="such as cpu or cuda (default: cpu)")
    parser.add_argument(
        "--captures", choices=("hidden", "all"), default="all",
        help="hidden: the stream between the layers, the last hidden state and the logits; all: branches and routers "
        "too (default)")
    parser.add_argument("--attention", default="eager", help="the implementation of attention (default: eager)")
    parser.add_argument(
        "--trust-remote-code", action="store_true", help="run the code that comes with the model")
    parser.add_argument(
        "--uncorrected", action="store_true", help="record what the class computes, whatever the configuration says")
    parser.add_argument("--force", action="store_true", help="replace the output")
    return parser.parse_args()


# --- The input -----------------------------------------------------------------------------------------


def probe(vocabulary, seed, batch=2, positions=16):
    """The ids that hymba-verify takes without an input: numbers of SplitMix64, modulo the vocabulary's size."""
    mask, ids = (1 << 64) - 1, []
    for index in range(1, batch * positions + 1):
        z = (seed + index * 0x9E3779B97F4A7C15) & mask
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & mask
        z = (z ^ z >> 27) * 0x94D049BB133111EB & mask
        ids.append((z ^ z >> 31) % vocabulary)
    return torch.tensor(ids).reshape(batch, positions)


def input_ids(options, configuration):
    """The ids [batch, seq] and where they come from."""
    if options.tokens:
        rows = [[int(word) for word in row.replace(",", " ").split()] for row in options.tokens]
        if len({len(row) for row in rows}) > 1:
            raise ValueError("the sequences of a batch must have one length")
        ids, source = torch.tensor(rows), "--tokens"
    elif options.text is not None:
        tokenizer = transformers.AutoTokenizer.from_pretrained(
            options.model, trust_remote_code=options.trust_remote_code)
        ids, source = torch.tensor([tokenizer(options.text)["input_ids"]]), "--text"
    elif options.input:
        with safe_open(options.input, "pt") as file:
            ids, source = file.get_tensor("input_ids").long(), os.path.basename(options.input)
        ids = ids[None] if ids.dim() == 1 else ids
    else:
        ids, source = probe(configuration.vocab_size, options.seed), f"SplitMix64, seed {options.seed}"
    if ids.numel() == 0:
        raise ValueError("there are no ids")
    if ids.min() < 0 or ids.max() >= configuration.vocab_size:
        raise ValueError(f"the ids must be below the size of the vocabulary, {configuration.vocab_size}")
    return ids, source


# --- Where a class does not compute what its configuration says ----------------------------------------


def mixers(model):
    """The Mamba modules."""
    return [module for module in model.modules() if hasattr(module, "A_log")]


def step_limit(configuration):
    """The range of the step sizes as the configuration says it; without one nothing is limited."""
    for key in ("time_step_limit", "mamba_dt_limit"):
        found = getattr(configuration, key, None)
        if found:
            # transformers 5 writes infinity as an object.
            return tuple(float(x["__float__"]) if isinstance(x, dict) else float(x) for x in found)
    return 0.0, math.inf


def correct(model, configuration, positions):
    """Sets the modules to what the configuration says, where the class does not do that by itself.

    Returns a sentence for each correction. A ValueError says what cannot be corrected here.
    """
    kind, done = configuration.model_type, []
    own = type(model).__module__.startswith("transformers.models.")
    groups = max((getattr(configuration, key, 1) or 1 for key in ("n_groups", "mamba_n_groups")), default=1)
    if own and VERSION < (5, 0) and kind in ("bamba", "granitemoehybrid", "mamba2") and groups > 1:
        raise ValueError(
            f"{type(model).__name__} of transformers {transformers.__version__} normalises over all {groups} groups "
            "at once; take transformers 5, or --uncorrected to record it as it is")
    limit = step_limit(configuration)
    if own and kind in ("zamba2", "nemotron_h"):
        for mixer in mixers(model):
            if VERSION >= (5, 0):
                mixer.time_step_limit = limit
            else:
                mixer.time_step_limit = None if limit == (0, math.inf) else limit
                mixer.time_step_min = limit[0]
                mixer.chunk_size = positions
        done.append(
            f"the step sizes are limited to {list(limit)}, as time_step_limit says, and not by time_step_min")
        if VERSION < (5, 0):
            done.append("the sequence is one chunk, as the sum over several is wrong in this version")
            if limit[1] != math.inf:
                raise ValueError("this version cannot limit the step sizes from above; take transformers 5")
    if own and VERSION < (5, 0) and kind == "falcon_h1":
        if limit != (0, math.inf):
            for mixer in mixers(model):
                mixer.time_step_limit = limit
            done.append(f"the step sizes are limited to {list(limit)}, as time_step_limit says")
        if getattr(configuration, "rope_parameters", None):
            raise ValueError(
                "this version does not read rope_parameters; take transformers 5, or --uncorrected to record it as "
                "it is")
    if own and VERSION >= (5, 0) and kind == "zamba2" and getattr(configuration, "use_long_context", False):
        raise ValueError(
            "this version does not scale the rotary base for use_long_context; --uncorrected records it as it is")
    return done


# --- The captures --------------------------------------------------------------------------------------


class Recorder:
    """Keeps copies of what enters and leaves modules during one run, as float32 on the CPU."""

    def __init__(self, batch, positions):
        self.batch, self.positions, self.found = batch, positions, {}

    def keep(self, name, value, factor=1):
        value = (value * factor).detach().float().cpu()
        self.found[name] = value.reshape(self.batch, -1, value.shape[-1]).clone().contiguous()

    def entering(self, module, name):
        def hook(_, positional, named):
            self.keep(name, positional[0] if positional else named["hidden_states"])
        module.register_forward_pre_hook(hook, with_kwargs=True)

    def leaving(self, module, name, factor=1):
        module.register_forward_hook(
            lambda _, __, output: self.keep(name, output if torch.is_tensor(output) else output[0], factor))

    def ending(self, module, name):
        """As `leaving`, without the positions of meta tokens, which come first."""
        module.register_forward_hook(lambda _, __, output: self.keep(name, output[0][:, -self.positions:]))

    def routing(self, module, name, choose):
        """The probabilities of all experts, from what enters the router: some routers give the chosen ones alone."""
        layer = getattr(module, "layer", module)

        def hook(_, positional, named):
            x = positional[0] if positional else named["hidden_states"]
            x = x.reshape(-1, x.shape[-1])
            weight = layer.weight
            if choose is torch.sigmoid:  # These routers compute in float32, the others in the type of the model.
                x, weight = x.float(), weight.float()
            probabilities = choose(torch.nn.functional.linear(x, weight).float())
            self.keep(name, probabilities.reshape(self.batch, self.positions, -1))
        module.register_forward_pre_hook(hook, with_kwargs=True)


def softmax(scores):
    return torch.softmax(scores, -1)


def attach(recorder, base, configuration, captures):
    """Hooks for everything that is recorded of a model without its head."""
    kind, layers = configuration.model_type, list(base.layers)
    for index, layer in enumerate(layers):
        recorder.entering(layer, f"hidden_states.{index}")
        if captures == "all":
            attach_layer(recorder, layer, f"layers.{index}.", kind, configuration)
    recorder.leaving(layers[-1], f"hidden_states.{len(layers)}")
    recorder.ending(base, "last_hidden_state")


def attach_layer(recorder, layer, prefix, kind, configuration):
    """The branches as they enter the fusion, or as they are added to the stream, and the router."""
    if kind == "hymba":
        for number, branch in ((1, "attention"), (2, "mamba")):
            norm = getattr(layer.mamba, f"pre_avg_layernorm{number}")
            recorder.entering(norm, prefix + branch)
            recorder.leaving(norm, prefix + branch + "_normed")
        return
    if kind in ("mamba", "falcon_mamba", "mamba2", "nemotron_h"):
        mixer = layer.mixer
        branch = "mamba" if hasattr(mixer, "A_log") else "attention" if hasattr(mixer, "q_proj") else None
        if branch:
            recorder.leaving(mixer, prefix + branch)
        elif hasattr(mixer, "gate"):
            recorder.routing(mixer.gate, prefix + "router", torch.sigmoid)
        return
    if hasattr(layer, "mamba_decoder"):  # Zamba and Zamba2, a layer with a shared block
        recorder.leaving(layer.linear, prefix + "shared")
        layer = layer.mamba_decoder
    for name, branch in (("mamba", "mamba"), ("self_attn", "attention")):
        module, factor = getattr(layer, name, None), FACTORS.get((kind, branch))
        if module is not None:
            recorder.leaving(module, prefix + branch, getattr(configuration, factor) if factor else 1)
    experts = getattr(layer, "block_sparse_moe", None) or getattr(layer, "feed_forward", None)
    if hasattr(experts, "router"):
        recorder.routing(experts.router, prefix + "router", softmax)


# --- The run -------------------------------------------------------------------------------------------


def load(options):
    # A GPU would round to TF32 otherwise.
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    kind = {"trust_remote_code": options.trust_remote_code}
    configuration = transformers.AutoConfig.from_pretrained(options.model, **kind)
    if configuration.model_type not in KNOWN:
        raise ValueError(
            f"what to capture of a {configuration.model_type} is not known; known are {', '.join(KNOWN)}")
    if options.device == "cpu" and configuration.model_type in ("jamba", "zamba"):
        configuration.use_mamba_kernels = False
    if configuration.model_type != "hymba":  # Its configuration names its own attention.
        kind["attn_implementation"] = options.attention
    kind["dtype" if VERSION >= (4, 56) else "torch_dtype"] = getattr(torch, options.dtype)
    model, loading = transformers.AutoModelForCausalLM.from_pretrained(
        options.model, config=configuration, output_loading_info=True, **kind)
    missing = sorted(loading["missing_keys"])
    if missing:  # transformers would compute with random numbers.
        raise ValueError(f"{options.model} lacks parameters: {', '.join(missing[:3])}")
    return model.to(options.device).eval(), configuration


def main():
    options = parse()
    if os.path.exists(options.output) and not options.force:
        raise FileExistsError(f"{options.output} exists; pass --force to replace it")
    if "cuda" in options.device and not torch.cuda.is_available():
        raise ValueError(f"there is no device {options.device}")
    model, configuration = load(options)
    ids, source = input_ids(options, configuration)
    batch, positions = ids.shape
    corrections = [] if options.uncorrected else correct(model, configuration, positions)
    for sentence in corrections:
        print(f"note: {sentence}", file=sys.stderr)
    recorder = Recorder(batch, positions)
    attach(recorder, getattr(model, model.base_model_prefix), configuration, options.captures)
    with torch.no_grad():
        recorder.keep("logits", model(input_ids=ids.to(options.device), use_cache=False).logits)
    metadata = {
        "framework": f"transformers {transformers.__version__}",
        "versions": f"torch {torch.__version__}, Python {platform.python_version()}",
        "class": type(model).__name__,
        "model_type": configuration.model_type,
        "dtype": options.dtype,
        "device": torch.cuda.get_device_name(options.device) if "cuda" in options.device else options.device,
        "attention": str(getattr(model.config, "_attn_implementation", None)),
        "input": source,
    }
    if corrections:
        metadata["corrections"] = "; ".join(corrections)
    tensors = {"input_ids": ids, **recorder.found}
    partial = f"{options.output}.partial"
    save_file(tensors, partial, metadata)
    os.replace(partial, options.output)
    print(
        f"{options.output}: {len(tensors) - 1} captures of {batch} x {positions} tokens, "
        f"{os.path.getsize(options.output) / 1e6:.1f} MB, computed in {options.dtype} by {metadata['framework']}")


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
        sys.exit("error: " + str(error).strip().split("\n")[0])
