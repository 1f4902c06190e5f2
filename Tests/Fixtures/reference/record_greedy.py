"""Records how the original models continue the recorded inputs: the token with the highest score, again and again.

    python record_greedy.py ../greedy/tokens.json        (torch; with transformers 4.57.6, then with 5.24.0)

Each version of transformers records the sets whose logits it computes as they were recorded, and leaves the others. Each
token comes from a pass over the whole sequence, without caches, so that nothing of decoding is trusted.
"""

import json
import pathlib
import sys

import torch
import transformers
from safetensors.torch import load_file

FIXTURES = pathlib.Path(__file__).parent.parent
SETS = ["jamba-tiny", "zamba-tiny", "zamba2-tiny", "falcon-h1-tiny", "falcon-h1-options", "bamba-tiny", "bamba-options",
        "granite-hybrid-tiny", "granite-hybrid-options", "mamba-options", "mamba2-options", "falcon-mamba-tiny"]
COUNT = 24

path = pathlib.Path(sys.argv[1])
recorded = json.loads(path.read_text()) if path.exists() else {}
for name in SETS:
    folder = FIXTURES / name
    try:
        model = transformers.AutoModelForCausalLM.from_pretrained(
            folder, dtype=torch.float32, attn_implementation="eager").eval()
    except ValueError as error:
        print(name, "left:", error)
        continue
    for module in model.modules():
        # Zamba2's class takes the limits of the time step from an option that has another purpose.
        if name.startswith("zamba2") and hasattr(module, "time_step_limit"):
            module.time_step_limit = (0.0, float("inf"))
    expected = load_file(folder / "expected.safetensors")
    inputs = expected["input_ids"].long()
    with torch.no_grad():
        error = (model(inputs, use_cache=False).logits - expected["logits"]).abs().max() / expected["logits"].abs().max()
    if error > 1e-5:
        print(f"{name} left: its logits are off by {error:.1e}")
        continue
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
