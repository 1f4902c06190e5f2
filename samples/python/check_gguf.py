"""Compares what llama.cpp computes from a GGUF file with a recorded reference.

    python check_gguf.py model.gguf reference.safetensors
    llama-server -m model.gguf -c 512 -ctk f32 -ctv f32 -fa off &
    python check_gguf.py model.gguf reference.safetensors --server http://localhost:8080

The reference holds `input_ids` [batch, positions] and `logits` [batch, positions, vocabulary], as record_reference.py and
`hymba-verify forward --save-outputs` write them. Without --server, the package xllamacpp runs llama.cpp. For each sequence
the log-probabilities of all tokens behind its last position are compared. A program of llama.cpp rounds activations where
weights are not F32, so only a file of F32 weights is as near as 1e-4.
"""
import argparse
import json
import sys
import urllib.request

import numpy as np
from safetensors.numpy import load_file


def ask_server(url):
    """A function that sends a request to a running llama-server."""
    def ask(request):
        data = json.dumps(request).encode()
        message = urllib.request.Request(url.rstrip("/") + "/completion", data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(message) as answer:
            return json.load(answer)["completion_probabilities"]
    return ask


def ask_library(path, positions):
    """A function that asks llama.cpp within this process."""
    import xllamacpp
    params = xllamacpp.CommonParams()
    params.model.path = path
    params.n_ctx = max(128, positions + 8)
    params.n_parallel = 1
    # Keys and values are rounded to F16 unless they are asked for as they are.
    params.cache_type_k = params.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    server = xllamacpp.Server(params)
    return lambda request: server.handle_completions(request)["choices"][0]["logprobs"]["content"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model")
    parser.add_argument("reference")
    parser.add_argument("--server", help="the address of a llama-server that has loaded the model")
    parser.add_argument("--tolerance", type=float, default=1e-4, help="the largest difference (default 1e-4)")
    options = parser.parse_args()
    recorded = load_file(options.reference)
    ids, logits = recorded["input_ids"], recorded["logits"].astype(np.float64)
    ask = ask_server(options.server) if options.server else ask_library(options.model, ids.shape[1])
    worst = 0.0
    for sequence, expected in zip(ids, logits[:, -1]):
        answer = ask({"prompt": [int(i) for i in sequence], "n_predict": 1, "n_probs": len(expected),
                      "temperature": 0, "cache_prompt": False})
        found = np.full(len(expected), np.nan)
        for token in answer[0]["top_logprobs"]:
            if token["id"] < len(found):
                found[token["id"]] = token["logprob"]
        expected = expected - expected.max()
        expected -= np.log(np.exp(expected).sum())
        if np.isnan(found).any():
            sys.exit(f"error: llama.cpp gave {np.isfinite(found).sum()} of {len(found)} tokens")
        worst = max(worst, float(np.abs(found - expected).max()))
    print(f"{len(ids)} sequences, {logits.shape[-1]} tokens: log-probabilities differ by at most {worst:.2g}")
    sys.exit(0 if worst <= options.tolerance else 1)


if __name__ == "__main__":
    main()
