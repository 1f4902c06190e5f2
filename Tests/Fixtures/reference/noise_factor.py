"""How far right computations of recorded sets are from their reference, in units of what rounding alone makes.

    python3 noise_factor.py .build/release/hymba-verify SET...

A set is a folder with a checkpoint and an expected.safetensors. `hymba-verify --noise` gives for each capture the
error and the noise: the largest difference of two passes that round at random. The factor by which a right
computation may exceed the noise has to be above the largest ratio of both; ratios of errors below 1e-6 tell of the last
bits alone and are left out.

Measured over the recorded sets in Tests/Fixtures and 14 Jambas of 12 to 48 layers with random weights of a gain of 1 to
2, recorded with transformers (errors up to 2.4e-4): the largest ratio is 3.18, the next ones are 2.73 and 2.65.
`Tolerance.noiseFactor` is 4.
"""
import json
import subprocess
import sys
from pathlib import Path

SMALL = 1e-6

tool, *sets = sys.argv[1:]
largest = (0.0, "")
for path in map(Path, sets):
    config = path / "build_opts.json"
    source = next((path / n for n in ("model.nx", "model.safetensors") if config.exists() and (path / n).exists()), path)
    options = ["--config", str(config)] if config.exists() else []
    run = subprocess.run(
        [tool, "forward", str(source), "--expect", str(path), "--noise", "--json", "--quiet", *options],
        capture_output=True, text=True)
    if not run.stdout:
        print(f"{path.name:32} not read: {run.stderr.strip()[-120:]}")
        continue
    report = json.loads(run.stdout)
    ratios = [(c["maxRelativeError"] / c["noise"], c["capture"]) for c in report["comparison"]
              if c["noise"] and c["maxRelativeError"] is not None and c["maxRelativeError"] > SMALL]
    errors = [c["maxRelativeError"] or 0 for c in report["comparison"]]
    noises = [c["noise"] or 0 for c in report["comparison"]]
    ratio, capture = max(ratios, default=(0, "-"))
    print(f"{path.name:32} {'passed' if report['passed'] else 'FAILED'}  error {max(errors, default=0):8.1e}"
          f"  noise {max(noises, default=0):8.1e}  largest ratio {ratio:5.2f} {capture}")
    if report["passed"]:
        largest = max(largest, (ratio, f"{path.name} {capture}"))
print("largest ratio of those that passed:", largest)
