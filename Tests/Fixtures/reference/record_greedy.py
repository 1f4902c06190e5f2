"""Records how the original models continue the recorded inputs: the token with the highest score, again and again.

Each token comes from a pass over the whole sequence, without caches, so that nothing of decoding is trusted.

    python record_greedy.py ../greedy/tokens.json        (torch; transformers 4.57.6, and 5.24.0 for Zamba2)

Each version records the sets for which it is right, into the same file. Version 4 computes Zamba2 wrongly.
"""

import json
import pathlib
import sys

import torch
import transformers
from safetensors.torch import load_file

FIXTURES = pathlib.Path(__file__).parent.parent
ZAMBA2 = ["zamba2-tiny", "zamba2-options"]
SETS = ZAMBA2 if transformers.__version__.startswith("5") else ["jamba-tiny", "zamba-tiny", "falcon-h1-tiny", "falcon-h1-options",
        "bamba-tiny", "bamba-options", "granite-hybrid-tiny", "mamba-options", "mamba2-options"]
COUNT = 24

path = pathlib.Path(sys.argv[1])
recorded = json.loads(path.read_text()) if path.exists() else {}
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
path.write_text(json.dumps(recorded, indent=1, sort_keys=True) + "\n")
