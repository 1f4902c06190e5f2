"""Records how the original models continue the recorded inputs: the token with the highest score, again and again.

Each token comes from a pass over the whole sequence, without caches, so that nothing of decoding is trusted.

    python record_greedy.py ../greedy/tokens.json        (torch, transformers 4.57.6)
"""

import json
import pathlib
import sys

import torch
import transformers
from safetensors.torch import load_file

FIXTURES = pathlib.Path(__file__).parent.parent
SETS = ["jamba-tiny", "zamba-tiny", "zamba2-tiny", "zamba2-options", "falcon-h1-tiny", "falcon-h1-options",
        "bamba-tiny", "bamba-options", "granite-hybrid-tiny", "mamba-options", "mamba2-options"]
COUNT = 24

recorded = {}
for name in SETS:
    folder = FIXTURES / name
    model = transformers.AutoModelForCausalLM.from_pretrained(
        folder, torch_dtype=torch.float32, attn_implementation="eager").eval()
    inputs = load_file(folder / "expected.safetensors")["input_ids"].long()
    prompt = inputs[0].tolist()
    tokens, least = [], float("inf")
    with torch.no_grad():
        for _ in range(COUNT):
            logits = model(torch.tensor([prompt + tokens]), use_cache=False).logits[0, -1].double()
            best = torch.topk(logits, 2).values
            least = min(least, float((best[0] - best[1]) / logits.abs().max()))
            tokens.append(int(logits.argmax()))
    recorded[name] = {"prompt": prompt, "tokens": tokens, "least_margin": least}
    print(name, tokens, least)
with open(sys.argv[1], "w") as file:
    json.dump(recorded, file, indent=1)
    file.write("\n")
