"""Writes keys-tfN.json: the options that the configuration classes of the installed transformers know, version N.

    python keys.py FOLDER

They are what a class writes, its fields, other names that it gives them (`attribute_map`), and what the class that they
extend takes out of a file that it reads.
"""
import dataclasses, inspect, json, os, re, sys
import transformers
from transformers import GenerationConfig

CLASSES = {
    "jamba": "Jamba", "zamba": "Zamba", "zamba2": "Zamba2", "falcon-h1": "FalconH1", "bamba": "Bamba",
    "granite-hybrid": "GraniteMoeHybrid", "nemotron-h": "NemotronH", "mamba": "Mamba",
    "falcon-mamba": "FalconMamba", "mamba2": "Mamba2",
}


def options(kind):
    names = set(kind().to_dict()) | set(kind.attribute_map) | {"model_type"}
    if dataclasses.is_dataclass(kind):
        names |= {field.name for field in dataclasses.fields(kind)}
    base = kind.__mro__[1]
    for method in ("__init__", "__post_init__"):
        if method in vars(base):
            try:
                source = inspect.getsource(vars(base)[method])
            except OSError:  # A dataclass makes its own __init__.
                continue
            names |= set(re.findall(r'kwargs\.(?:pop|get)\("(\w+)"', source))
    # What reading takes out as the business of generation.
    names |= set(getattr(GenerationConfig, "_get_default_generation_params", dict)())
    return sorted(names)


version = transformers.__version__.split(".")[0]
with open(os.path.join(sys.argv[1], f"keys-tf{version}.json"), "w") as file:
    # Version 4 has no Nemotron-H.
    kinds = {name: getattr(transformers, kind + "Config", None) for name, kind in CLASSES.items()}
    json.dump({name: options(kind) for name, kind in kinds.items() if kind}, file, indent=0)
    file.write("\n")
