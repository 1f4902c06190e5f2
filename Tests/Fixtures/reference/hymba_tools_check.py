"""The subcommands `schemas` and `tools` of hymba_container.py: they run the built tools."""

import copy
import glob
import hashlib
import json
import math
import os
import random
import resource
import shutil
import struct
import subprocess
import tempfile

import jsonschema
import numpy as np
import referencing
import safetensors
import safetensors.numpy
import zstandard

import hymba_container as hc

HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURES = os.path.dirname(HERE)
ROOT = os.path.dirname(os.path.dirname(FIXTURES))
RECALL = os.path.join(ROOT, "samples", "recall-hymba")
NVIDIA = ("hymba-nvidia-tiny", "hymba-nvidia-options-b")
FAMILY = ("jamba-tiny", "zamba-tiny")
WIDER = ("blocks", "added", "mixture", "operations")
CONTAINERS = ("tiny", "gated", "verbatim", "per-layer", "prepended", "recall", "renamed", *NVIDIA, *FAMILY, *WIDER)


def run(command, tools):
    with tempfile.TemporaryDirectory() as folder:
        check = Schemas(tools, folder) if command == "schemas" else Tools(tools, folder)
        check.run()
        print(f"{check.passed} passed, {len(check.failures)} failed")
        return not check.failures


class Check:
    """Runs tools in a temporary folder and counts what is as expected."""

    def __init__(self, tools, folder):
        self.tools, self.folder = tools, folder
        self.passed, self.failures = 0, []

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def fixture(self, *names):
        return os.path.join(FIXTURES, *names)

    def expect(self, condition, label, detail=""):
        if condition:
            self.passed += 1
        else:
            self.failures.append(label)
            print(f"FAILED {label}{': ' if detail else ''}{detail}")

    def tool(self, *arguments, code=0):
        """Standard output of a tool, whose exit code must be `code`."""
        result = subprocess.run(
            [os.path.join(self.tools, arguments[0]), *arguments[1:]], capture_output=True, text=True, check=False)
        label = " ".join(arguments).replace(FIXTURES, "…").replace(self.folder, "tmp")
        self.expect(result.returncode == code, label, f"exit code {result.returncode}, {result.stderr.strip()}")
        self.stderr = result.stderr
        return label, result.stdout


# --- schemas -------------------------------------------------------------------------------------------


class Schemas(Check):
    def __init__(self, tools, folder):
        super().__init__(tools, folder)
        self.schemas = {}
        for name in sorted(os.listdir(os.path.join(ROOT, "Schemas"))):
            if name.endswith(".schema.json"):
                with open(os.path.join(ROOT, "Schemas", name), encoding="utf-8") as file:
                    self.schemas[name] = json.load(file)
        registry = referencing.Registry().with_resources(
            (name, referencing.Resource.from_contents(schema)) for name, schema in self.schemas.items())
        self.validators = {
            name: jsonschema.Draft202012Validator(schema, registry=registry)
            for name, schema in self.schemas.items()}

    def run(self):
        for name, schema in self.schemas.items():
            jsonschema.Draft202012Validator.check_schema(schema)
            self.expect(schema["$id"] == name, f"{name} has its name as $id")
            self.expect(not list(undescribed(schema)), f"{name} describes every property", str(list(undescribed(schema))))
        self.conversions()
        self.exports()
        self.inspections()
        self.verifications()
        self.documents()

    def valid(self, document, schema, label):
        errors = sorted(self.validators[schema].iter_errors(document), key=lambda error: error.json_path)
        self.expect(not errors, f"{label} fits {schema}", "; ".join(f"{e.json_path}: {e.message[:200]}" for e in errors[:3]))
        # A schema that accepts everything would prove nothing.
        for key in document:
            if key not in self.schemas[schema].get("required", []):
                continue
            rest = {other: value for other, value in document.items() if other != key}
            self.expect(not self.validators[schema].is_valid(rest), f"{schema} needs {key}")

    def json(self, schema, *arguments, code=0):
        label, output = self.tool(*arguments, code=code)
        try:
            document = json.loads(output)
        except ValueError as error:
            self.expect(False, label, f"no JSON: {error}")
            return {}
        self.valid(document, schema, label)
        return document

    def conversions(self):
        conversion = "conversion.schema.json"
        tiny, small = self.fixture("edifice-hymba-tiny"), self.fixture("edifice-hymba-small")
        gated = self.fixture("gated-prepended-tiny")
        configuration = os.path.join(gated, "architecture.json")

        def convert(*arguments, code=0):
            return self.json(conversion, "hymba-convert", "checkpoints", *arguments, "--json", code=code)

        convert(tiny, "-o", self.path("tiny.hymba"))
        convert(tiny, "--dry-run")
        os.mkdir(self.path("several"))
        convert(tiny, small, self.fixture("edifice-hymba-same-dim"), "-o", self.path("several"), "--force")
        convert(gated, "--config", configuration, "-o", self.path("gated.hymba"))
        convert(self.path("tiny.hymba"), "--dry-run")
        convert(os.path.join(tiny, "model.safetensors"), "--layout", "verbatim", "-o", self.path("verbatim.hymba"),
                "--compression", "none")
        for name in (*NVIDIA, *FAMILY):
            convert(self.fixture(name), "-o", self.path(f"{name}.hymba"))
        convert(RECALL, "-o", self.path("recall.hymba"))
        reference = self.fixture(NVIDIA[0], "expected.safetensors")
        convert(self.fixture(NVIDIA[0]), "-o", self.path("kept.hymba"), "--reference", reference, "--metadata", "a=b")
        convert(self.path("kept.hymba"), "-o", self.path("statistics.hymba"), "--reference-stats", reference)
        self.renamed(convert)
        missing = convert(self.path("missing"), tiny, "--dry-run", code=66)
        self.expect(len(missing.get("conversions", [])) == 1, "a failed source is missing from the list")
        os.mkdir(self.path("alone"))
        shutil.copy(os.path.join(tiny, "model.safetensors"), self.path("alone"))
        alone = convert(self.path("alone"), "--dry-run")
        self.expect(alone["conversions"][0]["assumptions"], "without a configuration something is assumed")
        for kind in ("per-layer", "prepended"):
            self.json(conversion, "hymba-convert", "init", "--embed-dim", "12", "--hidden-size", "32", "--meta-tokens",
                      kind, "-o", self.path(f"{kind}.hymba"), "--json")
        for name in WIDER:
            self.json(conversion, "hymba-convert", "init", "--config", self.written(name, wider(name)), "-o",
                      self.path(f"{name}.hymba"), "--json")
        for layout in ("edifice", "hymba", "verbatim"):
            self.json(conversion, "hymba-convert", "export", self.path("tiny.hymba"), "--layout", layout, "-o",
                      self.path(f"{layout}.safetensors"), "--json")
        os.mkdir(self.path("folder"))
        self.json(conversion, "hymba-convert", "export", self.path("recall.hymba"), "--layout", "nvidia-hymba", "-o",
                  self.path("folder"), "--json")
        convert(self.path("folder"), "--dry-run")
        self.json("layouts.schema.json", "hymba-convert", "layouts", "--json")
        self.parts(convert)
        self.layout_checks()

    def parts(self, convert):
        """A model in parts: what is printed of it, its index, its manifests, and each part by the safetensors library."""
        folder = self.path("parts")
        source = self.fixture("hymba-nvidia-tiny")
        convert(source, "--parts", "3", "--dry-run")
        convert(source, "-o", folder + "/", "--parts", "3", "--part", "2", "--compression", "none")
        whole = convert(source, "-o", folder + "/", "--parts", "3", "--compression", "none")["conversions"][0]
        self.expect([part["kept"] for part in whole["parts"]] == [False, True, False], "the part that was there is kept")
        index = load(os.path.join(folder, "model.hymba.index.json"))
        self.valid(index, "parts.schema.json", "the index")
        lines = []
        for number, part in enumerate(index["parts"], 1):
            path = os.path.join(folder, part["file"])
            with safetensors.safe_open(path, "numpy") as file:
                manifest = bytes(file.get_tensor("hymba.manifest"))
                names = [name for name in file.keys() if not name.startswith("hymba.")]
            document = json.loads(manifest)
            self.valid(document, "manifest.schema.json", f"the manifest of part {number}")
            self.expect(hashlib.sha256(manifest).hexdigest() == part["manifest"], f"the digest of part {number}")
            self.expect(os.path.getsize(path) == part["bytes"], f"the bytes of part {number}")
            self.expect(sorted(names) == sorted(tensor["name"] for tensor in document["tensors"]), "its names")
            for tensor in document["tensors"]:
                shape = ",".join(map(str, tensor["shape"]))
                lines.append(f"{tensor['name']}\t{tensor['dtype']}\t[{shape}]\t{tensor['sha256']}\n".encode())
        self.expect(hashlib.sha256(b"".join(sorted(lines))).hexdigest() == index["fingerprint"], "the fingerprint")
        for arguments in ([folder], [folder, "--part", "2"]):
            self.json("integrity.schema.json", "hymba-verify", "container", *arguments, "--json")
        for path in (folder, os.path.join(folder, "model-00002-of-00003.hymba")):
            self.json("container.schema.json", "hymba-inspect", "container", path, "--json")

    def written(self, name, document):
        """The path of a JSON file with a document."""
        path = self.path(f"{name}.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(document, file)
        return path

    def layout_checks(self):
        """A layout alone, with a checkpoint that it fits, with one that it does not quite fit."""
        def check(layout, *arguments, code=0):
            return self.json("layout-check.schema.json", "hymba-convert", "layouts", "--check", layout, *arguments,
                             "--json", code=code)

        folder = self.fixture("user-layout")
        plum = os.path.join(folder, "plum.json")
        check(plum)
        self.expect(check(plum, folder)["checkpoint"]["roundTrip"]["differences"] == [], "plum comes back")
        check("edifice", self.fixture("edifice-hymba-tiny", "bare.nx"))
        layout = load(plum)
        layout["rules"] = [rule for rule in layout["rules"] if "post_scale" not in rule["from"][0]]
        with open(self.path("wrong.json"), "w", encoding="utf-8") as file:
            json.dump(layout, file)
        wrong = check(self.path("wrong.json"), folder, code=1)
        self.expect(len(wrong["checkpoint"]["tensors"]["unused"]) == 3, "what a rule leaves is named")

    def exports(self):
        """Shards, forms and casts of an export, read by the safetensors library."""
        conversion, source = "conversion.schema.json", self.fixture("hymba-nvidia-small-sharded")

        def export(*arguments):
            return self.json(conversion, "hymba-convert", "export", *arguments, "--json")

        def load(folder, names):
            tensors = {}
            for name in names:
                shard = os.path.join(folder, name)
                with safetensors.safe_open(shard, "numpy") as file:
                    self.expect(file.metadata() == {"format": "pt"}, f"{name} has the metadata that transformers expects")
                    keys = set(file.keys())
                content = hc.read_safetensors(shard)[0]
                self.expect(keys == set(content), f"{name} has the tensors that the library finds")
                tensors.update({(key, name): tensor for key, tensor in content.items()})
            return tensors

        def index(folder):
            with open(os.path.join(folder, "model.safetensors.index.json"), encoding="utf-8") as file:
                return json.load(file)

        original = index(source)["weight_map"]
        expected = {key: value for (key, _), value in load(source, sorted(set(original.values()))).items()}
        folder = self.path("shards")
        document = export(source, "-o", folder, "--shard-size", "300kB")
        written = index(folder)
        found = load(folder, document["files"][1:])
        self.expect({key: name for key, name in found} == written["weight_map"], "the index names each tensor's shard")
        self.expect(written["metadata"]["total_size"] == sum(len(t[2]) for t in expected.values()), "total_size is that of the tensors")
        self.expect({key for key, _ in found} == set(expected), "the shards hold the same tensors")
        self.expect(all(t == expected[key] for (key, _), t in found.items()), "the shards hold the same types, shapes and bytes")
        count = len(document["files"]) - 1
        self.expect(document["files"][1:] == [f"model-{i + 1:05}-of-{count:05}.safetensors" for i in range(count)], "shards are named")

        source, half = self.fixture("hymba-nvidia-tiny"), self.path("half")
        expected = safetensors.numpy.load_file(os.path.join(source, "model.safetensors"))
        document = export(source, "-o", half, "--dtype", "F16", "--keep-f32", "*.A_log")
        for key, value in safetensors.numpy.load_file(os.path.join(half, "model.safetensors")).items():
            want = expected[key] if ".A_log" in key else expected[key].astype(np.float16)
            self.expect(value.dtype == want.dtype and np.array_equal(value, want), f"{key} in F16 is NumPy's")
        brain = self.path("brain.hymba")
        export(source, "-o", brain, "--dtype", "BF16")
        tensors, _ = hc.read_safetensors(self.exported(brain))
        for key, (dtype, _, content) in tensors.items():
            bits = np.ascontiguousarray(expected[key]).view(np.uint32)
            want = ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype(np.uint16)
            self.expect(dtype == "BF16" and content == want.tobytes(), f"{key} in BF16 is rounded to nearest even")
        export(self.path("tiny.hymba"), "-o", self.path("tiny.nx"))

    def exported(self, container):
        back = self.path("brain.safetensors")
        self.tool("hymba-convert", "export", container, "-o", back)
        return back

    def renamed(self, convert):
        """The same weights under other names, with a copy of the tied embedding."""
        tensors, metadata = hc.read_safetensors(os.path.join(RECALL, "model.safetensors"))
        other = {f"params.data.{name.removeprefix('model.')}": tensor for name, tensor in tensors.items()}
        other["params.data.lm_head.weight"] = tensors["model.embed_tokens.weight"]
        os.mkdir(self.path("renamed"))
        shutil.copy(os.path.join(RECALL, "config.json"), self.path("renamed"))
        write_safetensors(self.path("renamed", "model.safetensors"), other, metadata)
        convert(self.path("renamed"), "-o", self.path("renamed.hymba"))
        variant = hc.Container(self.path("renamed.hymba")).manifest["layout"]["variant"]
        self.expect(
            variant == "under params.data.; without model.; with lm_head.weight", "the manifest says how names differ", variant)
        self.expect(
            hc.Container(self.path("renamed.hymba")).fingerprint() == hc.Container(self.path("recall.hymba")).fingerprint(),
            "other names leave the fingerprint")

    def inspections(self):
        tiny = self.fixture("edifice-hymba-tiny")
        gated = self.fixture("gated-prepended-tiny")
        sources = [
            [self.path("tiny.hymba")], [tiny], [tiny, "--fingerprint"], [self.path("verbatim.hymba")],
            [tiny, "--filter", "*.mamba.*"], [self.path("per-layer.hymba"), "--sort", "size"],
            [self.fixture("hymba-nvidia-options-b")], [self.path("renamed.hymba")],
            [gated, "--config", os.path.join(gated, "architecture.json")]]
        for source in sources:
            self.json("parameters.schema.json", "hymba-inspect", "parameters", *source, "--json")
            self.json("parameters.schema.json", "hymba-inspect", "parameters", *source, "--stats", "--digests", "--json")
        shard = self.fixture("hymba-nvidia-small-sharded", "model-00001-of-00004.safetensors")
        for listed in ([shard], [shard, tiny], [self.fixture("statistics", "values.safetensors")]):
            self.json("parameters.schema.json", "hymba-inspect", "parameters", *listed, "--metadata", "--json")
        self.json("comparison.schema.json", "hymba-inspect", "compare", tiny, "--json")
        for name in (*FAMILY, "nemotron-h-options", "edifice-hymba-tiny"):
            self.json("audit.schema.json", "hymba-inspect", "audit", self.fixture(name), "--json")
        self.json("audit.schema.json", "hymba-inspect", "audit", self.fixture("hymba-1.5b"), "--json", code=1)
        for source in [[tiny], [self.path("tiny.hymba")], [self.path("prepended.hymba")], *sources[-3:]]:
            self.json("config.schema.json", "hymba-inspect", "config", *source, "--json")
        for name in FAMILY:
            self.json("parameters.schema.json", "hymba-inspect", "parameters", self.fixture(name), "--json")
            self.json("config.schema.json", "hymba-inspect", "config", self.path(f"{name}.hymba"), "--json")
        for name in WIDER:
            self.json("parameters.schema.json", "hymba-inspect", "parameters", self.path(f"{name}.hymba"), "--json")
            self.json("config.schema.json", "hymba-inspect", "config", self.path(f"{name}.json"), "--json")
        self.json("comparison.schema.json", "hymba-inspect", "compare", *(self.path(f"{name}.json") for name in WIDER), "--json")
        released = [self.fixture(name, "config.json") for name in ("hymba-1.5b", "jamba-v0.1", "zamba-7b-v1")]
        self.json("comparison.schema.json", "hymba-inspect", "compare", *released, tiny, self.path("jamba-tiny.hymba"), "--json")
        bamba, parts = self.fixture("bamba-tiny"), self.fixture("differences", "cases", "parts-one.safetensors")
        difference = "difference.schema.json"
        self.json(difference, "hymba-inspect", "diff", tiny, self.path("tiny.hymba"), "--json")
        self.json(difference, "hymba-inspect", "diff", bamba, parts, "--json", code=1)
        self.json(difference, "hymba-inspect", "diff", bamba, self.fixture("mamba2-tiny"), "--json", code=1)
        self.json("parameters.schema.json", "hymba-inspect", "parameters", self.path("kept.hymba"), "--metadata", "--json")
        for name in (*CONTAINERS, "kept", "statistics"):
            self.json("container.schema.json", "hymba-inspect", "container", self.path(f"{name}.hymba"), "--json")

    def verifications(self):
        schema = "verification.schema.json"
        tiny, expected = self.fixture("edifice-hymba-tiny"), self.fixture("edifice-hymba-tiny", "expected.safetensors")

        def forward(*arguments, code=0):
            return self.json(schema, "hymba-verify", "forward", *arguments, "--json", code=code)

        forward(tiny, "--expect", expected)
        forward(self.path("tiny.hymba"))
        forward(self.path("gated.hymba"), "--expect", self.fixture("gated-prepended-tiny", "expected.safetensors"))
        forward(self.path("prepended.hymba"))
        forward(self.path("prepended.hymba"), "--attention", "0,1")
        failing = forward(tiny, "--expect", expected, "--tolerance", "0", code=1)
        self.expect(failing.get("firstDivergence"), "a tolerance of 0 finds a first divergence")
        forward(self.path("per-layer.hymba"), "--expect", expected, "--input", expected, code=1)  # other shapes
        for name in NVIDIA:
            report = forward(self.fixture(name), "--expect", self.fixture(name, "expected.safetensors"))
            logits = next(item for item in report["comparison"] if item["capture"] == "logits")
            self.expect(logits["top1Agreement"] == 1, f"{name} agrees in every highest score", str(logits))
            self.expect(all(layer["fusion"] for layer in report["layers"]), f"{name} has fusion statistics")
            self.expect(forward(self.path(f"{name}.hymba"), "--tokens", "1,5,9")["input"]["shape"] == [1, 3], f"{name} reads ids")
            forward(self.path(f"{name}.hymba"), "--perplexity")
        for name in FAMILY:
            report = forward(self.fixture(name), "--expect", self.fixture(name, "expected.safetensors"))
            recorded = load(self.fixture(name, "statistics.json"))
            self.expect(
                all(abs(got["residual"]["share"] - want["share"]) < 1e-5 for got, want in zip(report["layers"], recorded)),
                f"{name} has the shares of the float64 pass")
            self.expect(
                [bool(layer["router"]) for layer in report["layers"]] == ["load" in layer for layer in recorded],
                f"{name} has statistics of each router")
            self.expect(forward(self.path(f"{name}.hymba"))["passed"], f"{name} passes as a container, on the probe")
        for name in WIDER:
            report = forward(self.path(f"{name}.hymba"))
            self.expect(report["passed"], f"{name} passes with random weights")
            kinds = [key for key in ("branches", "residual", "router", "sharedUse") if any(layer[key] for layer in report["layers"])]
            self.expect(kinds == WIDER_STATISTICS[name], f"{name} has its statistics", str(kinds))
        evaluation = os.path.join(RECALL, "eval.safetensors")
        recalled = forward(RECALL, "--expect", evaluation, "--perplexity")
        self.expect(recalled["tokenScore"] and recalled["tokenScore"]["count"] == 768, "the marked tokens are scored")
        measured = load(os.path.join(RECALL, "metrics.json"))
        self.expect(recalled["tokenScore"]["accuracy"] == measured["accuracy"], "the accuracy of the sample is the recorded one")
        self.expect(
            math.isclose(recalled["tokenScore"]["crossEntropy"], measured["cross_entropy"], rel_tol=1e-4),
            "the cross-entropy of the sample is the recorded one", str(recalled["tokenScore"]))
        self.expect(forward(RECALL, "--input", evaluation)["tokenScore"] is None, "nothing is scored without being asked")
        gesture = os.path.join(ROOT, "samples", "gesture-hymba")
        if os.path.exists(os.path.join(gesture, "expected.safetensors")):
            forward(gesture, "--expect", os.path.join(gesture, "expected.safetensors"))

        tensors, _ = hc.read_safetensors(os.path.join(tiny, "model.safetensors"))
        first = next(name for name in tensors if name.endswith("in_proj.kernel"))
        dtype, shape, data = tensors[first]
        for name, changed in (
            ("missing", {key: value for key, value in tensors.items() if key != first}),
            ("nan", {**tensors, first: (dtype, shape, b"\0\0\xc0\x7f" + data[4:])}),
        ):
            os.mkdir(self.path(name))
            shutil.copy(os.path.join(tiny, "build_opts.json"), self.path(name))
            write_safetensors(self.path(name, "model.safetensors"), changed)
            forward(self.path(name), code=1)

        for name in ("kept", "statistics"):
            report = forward(self.path(f"{name}.hymba"))
            self.expect(report["reference"]["statistics"] == (name == "statistics"), f"{name} is verified by its own reference")
        integrity = "integrity.schema.json"
        self.json(integrity, "hymba-verify", "container", self.path("kept.hymba"), "--json")
        self.json(integrity, "hymba-verify", "container", self.path("tiny.hymba"), "--json")
        container = hc.Container(self.path("tiny.hymba"))
        tensor = container.manifest["tensors"][-1]
        begin = container.header.entries[tensor["entry"]][2]
        flip(self.path("tiny.hymba"), self.path("damaged.hymba"), 8 * (8 + container.header.length + begin + 30))
        report = self.json(integrity, "hymba-verify", "container", self.path("damaged.hymba"), "--json", code=1)
        self.expect(
            [part.get("tensor") for part in report.get("damage", [])] == [tensor["name"]], "the damaged tensor is named")
        with open(self.path("tiny.hymba"), "rb") as file:
            version = file.read().index(b'"hymba.version":"1.0"') + len('"hymba.version":"1.')
        flip(self.path("tiny.hymba"), self.path("header.hymba"), 8 * version)
        report = self.json(integrity, "hymba-verify", "container", self.path("header.hymba"), "--json", code=1)
        self.expect([part.get("part") for part in report.get("damage", [])] == ["header"], "the header is named")
        forward(self.path("header.hymba"), code=1)
        forward(self.path("damaged.hymba"), code=1)

    def documents(self):
        """Manifests, architectures and layouts, good ones and ones with a typo."""
        architectures = []
        for name in CONTAINERS:
            manifest = hc.Container(self.path(f"{name}.hymba")).manifest
            self.valid(manifest, "manifest.schema.json", f"the manifest of {name}.hymba")
            if manifest["architecture"]:
                architectures.append(manifest["architecture"])
        hc.write_container(self.path("own.hymba"), sample_tensors(1 << 12), {"format": "pt"}, [])
        self.valid(hc.Container(self.path("own.hymba")).manifest, "manifest.schema.json", "a manifest of ours")
        architectures.append(load(self.fixture("gated-prepended-tiny", "architecture.json")))
        for architecture in architectures:
            self.valid(architecture, "architecture.schema.json", "an architecture")
            self.refuses_typos(architecture, "architecture.schema.json")
        self.wrong_architectures(hc.Container(self.path("recall.hymba")).manifest["architecture"])
        self.wrong_wider()
        self.wrong_family(*(hc.Container(self.path(f"{name}.hymba")).manifest["architecture"] for name in FAMILY))

        layouts = []
        families = os.path.join(ROOT, "Sources", "HymbaConversion", "Families")
        for name in sorted(glob.glob(os.path.join(families, "*", "*.json"))):
            layouts.append(load(name))
            layouts.append(json.loads(self.tool("hymba-convert", "layouts", layouts[-1]["name"])[1]))
            self.expect(layouts[-1] == layouts[-2], f"{name} is printed as it is")
        with open(self.path("own.json"), "w", encoding="utf-8") as file:
            json.dump(SAMPLE_LAYOUT, file)
        layouts.append(load(self.fixture("user-layout", "plum.json")))
        layouts += [SAMPLE_LAYOUT, json.loads(self.tool("hymba-convert", "layouts", self.path("own.json"))[1])]
        for layout in layouts:
            self.valid(layout, "layout.schema.json", f"the layout {layout['name']}")
            self.refuses_typos(layout, "layout.schema.json")
        for rule in WRONG_RULES:
            wrong = {**SAMPLE_LAYOUT, "rules": [rule]}
            self.expect(not self.validators["layout.schema.json"].is_valid(wrong), f"the rule {rule} is refused")

    def wrong_architectures(self, architecture):
        """Values that no model has."""
        def attention(changed):
            return changed["layers"][1]["mixer"]["parallel"]["attention"]

        changes = {
            "a negative window": lambda changed: attention(changed).update(window=-1),
            "a negative layer": lambda changed: attention(changed).update(keyValueLayer=-1),
            "a rotary base of 0": lambda changed: attention(changed).update(rotary={"base": 0}),
            "another norm": lambda changed: attention(changed).update(queryKeyNorm="none"),
            "logits of vectors": lambda changed: changed.update(input={"features": {"size": 8}}),
            "no innerNorms": lambda changed: changed["layers"][0]["mixer"]["parallel"]["mamba"].pop("innerNorms"),
        }
        for label, change in changes.items():
            changed = copy.deepcopy(architecture)
            change(changed)
            self.expect(not self.validators["architecture.schema.json"].is_valid(changed), f"{label} is refused")

    def wrong_family(self, jamba, zamba):
        """Values that no Jamba or Zamba has."""
        def experts(changed):
            return changed["layers"][1]["feedForward"]["experts"]

        for label, document, change in (
            ("no expert per token", jamba, lambda changed: experts(changed).update(perToken=0)),
            ("too many experts", jamba, lambda changed: experts(changed).update(count=65537)),
            ("two mixers", jamba, lambda changed: changed["layers"][0]["mixer"].update(changed["layers"][2]["mixer"])),
            ("no Mamba head", zamba, lambda changed: changed["layers"][0]["mixer"]["mamba"]["mamba"].update(heads=0)),
            ("a negative scale", zamba, lambda changed: changed["sharedBlock"]["attention"].update(scale=-1)),
            ("a shared block of experts", zamba, lambda changed: changed["sharedBlock"].update(feedForward=jamba["layers"][1]["feedForward"])),
            ("a shared block without feed forward", zamba, lambda changed: changed["sharedBlock"].update(feedForward={"none": {}})),
        ):
            self.expect(self.validators["architecture.schema.json"].is_valid(document), f"without {label} it is accepted")
            changed = copy.deepcopy(document)
            change(changed)
            self.expect(not self.validators["architecture.schema.json"].is_valid(changed), f"{label} is refused")

    def wrong_wider(self):
        """Values that no hybrid with Mamba-2 has: the schema refuses them, and the tools do."""
        validator = self.validators["architecture.schema.json"]
        for number, (name, label, change) in enumerate(WRONG_WIDER):
            document = wider(name)
            self.expect(validator.is_valid(document), f"without {label} it is accepted")
            change(document)
            self.expect(not validator.is_valid(document), f"{label} is refused")
            self.tool("hymba-inspect", "config", self.written(f"wrong-{number}", document), code=65)
        for label, name, change in (
            ("no mixer, said by null", "operations", lambda document: document["layers"][1].update(mixer=None)),
            ("no multipliers, said by null", "operations", lambda document: document.update(multipliers=None)),
            ("multipliers without any", "operations", lambda document: document.update(multipliers={})),
            ("an open upper limit, said by null", "blocks", lambda document: mamba2(document)["timeStepLimits"].update(upper=None)),
            ("experts gated by the function that is meant anyway", "operations", lambda document: document["layers"][3].update(
                feedForward={"experts": {"count": 2, "perToken": 1, "intermediateSize": 4, "activation": "silu"}})),
        ):
            document = wider(name)
            change(document)
            self.valid(document, "architecture.schema.json", label)
            self.tool("hymba-inspect", "config", self.written("right", document))

    def refuses_typos(self, document, schema):
        """A letter more in any key must be refused."""
        accepted = [
            path for path, changed in misspelled(document) if self.validators[schema].is_valid(changed)]
        self.expect(not accepted, f"{schema} refuses misspelled keys", str(accepted[:5]))


def wider(name):
    """A small hybrid with Mamba-2."""
    mamba = {"heads": 4, "headSize": 3, "groups": 2, "stateSize": 5, "convWidth": 3, "biases": ["conv1d"],
             "gatedNorm": {"order": "afterGate", "epsilon": 1e-5}, "timeStepLimits": {"lower": 0.01, "upper": 0.1}}
    attention = {"heads": 4, "keyValueHeads": 2, "keyHeadSize": 6, "valueHeadSize": 6, "biases": []}
    gated = {"intermediateSize": 7, "activation": "silu", "isGated": True, "hasBiases": False}
    squared = {"intermediateSize": 9, "activation": "reluSquared", "isGated": False, "hasBiases": False}
    router = {"scores": "softmax", "normalizes": True, "hasBias": False, "groups": 1, "keptGroups": 1}
    document = {"input": {"tokens": {"vocabularySize": 11}}, "hiddenSize": 8, "norm": {"kind": "rmsNorm", "epsilon": 1e-5},
                "metaTokens": {"none": {}}, "output": "logits"}
    none = {"none": {}}

    def layer(feed_forward, **mixer):
        return {"feedForward": feed_forward, **({"mixer": mixer} if mixer else {})}

    if name == "blocks":
        block = {"attention": {**attention, "keyValueHeads": 4, "keyHeadSize": 4, "valueHeadSize": 4, "rotary": {"base": 1e4}},
                 "feedForward": {"geGLU": {"intermediateSize": 7}}, "count": 2, "adapters": {"rank": 2, "attention": True}}
        uses = [layer(none, sharedThenMamba={"mamba": mamba}) for _ in range(3)]
        document.update(layers=[layer(none, mamba={"mamba": mamba}), *uses], sharedBlock=block, output="tiedLogits")
    elif name == "added":
        factors = {"input": 1.5, "z": 0.5, "x": 2, "B": 0.75, "C": 1.25, "timeStep": 0.9, "output": 0.8}
        both = {"attention": {**attention, "rotary": {"base": 1e6, "size": 4}, "keyMultiplier": 0.5, "inputMultiplier": 2,
                              "outputMultiplier": 0.7},
                "mamba": {**mamba, "gatedNorm": None, "multipliers": factors}, "fusion": "sum"}
        network = {"network": {"network": {**gated, "hasBiases": True, "gateMultiplier": 0.6, "outputMultiplier": 1.1}}}
        document.update(layers=[layer(network, parallel=both)] * 2, multipliers={"embedding": 5, "logits": 0.25})
    elif name == "mixture":
        mixture = {"count": 5, "perToken": 2, "expert": gated, "router": router, "shared": {**gated, "intermediateSize": 9}}
        feed_forward = {"mixture": {"mixture": mixture}}
        document.update(
            layers=[layer(feed_forward, mamba={"mamba": mamba}), layer(feed_forward, attention={"attention": attention})],
            multipliers={"embedding": 12, "residual": 0.22, "logitsDivisor": 8})
    else:
        sigmoid = {"scores": "sigmoid", "normalizes": True, "hasBias": True, "groups": 3, "keptGroups": 2, "scale": 2.5}
        mixture = {"count": 6, "perToken": 2, "expert": squared, "router": sigmoid, "shared": squared, "latentSize": 4}
        document.update(layers=[
            layer(none, mamba={"mamba": mamba}), layer({"reluSquared": {"intermediateSize": 7}}),
            layer(none, attention={"attention": attention}), layer({"mixture": {"mixture": mixture}})])
    return copy.deepcopy(document)


def mamba2(document):
    return document["layers"][0]["mixer"]["mamba"]["mamba"]


def added(document, branch):
    return document["layers"][0]["mixer"]["parallel"][branch]


def mixture(document, layer=-1):
    return document["layers"][layer]["feedForward"]["mixture"]["mixture"]


def network(document):
    return document["layers"][0]["feedForward"]["network"]["network"]


WIDER_STATISTICS = {
    "blocks": ["residual", "sharedUse"], "added": ["branches"], "mixture": ["residual", "router"], "operations": ["residual", "router"]}
WRONG_WIDER = [
    ("blocks", "no block", lambda d: d["sharedBlock"].update(count=0)),
    ("blocks", "adapters of rank 0", lambda d: d["sharedBlock"]["adapters"].update(rank=0)),
    ("blocks", "adapters of a network without a gate", lambda d: d["sharedBlock"].update(feedForward={"gelu": {"intermediateSize": 4}})),
    ("blocks", "adapters of a general network without a gate", lambda d: d["sharedBlock"].update(feedForward={"network": {"network": {
        "intermediateSize": 4, "activation": "relu", "isGated": False, "hasBiases": False}}})),
    ("blocks", "a head of no channel", lambda d: mamba2(d).update(headSize=0)),
    ("blocks", "a rank of Mamba-2", lambda d: mamba2(d).update(rank=2)),
    ("blocks", "a Mamba-2 without its heads' size", lambda d: mamba2(d).pop("headSize")),
    ("blocks", "a Mamba-2 without groups", lambda d: mamba2(d).pop("groups")),
    ("blocks", "a bias of a projection that Mamba-2 has not", lambda d: mamba2(d).update(biases=["x_proj"])),
    ("blocks", "a gated norm elsewhere", lambda d: mamba2(d)["gatedNorm"].update(order="instead")),
    ("blocks", "a negative time step", lambda d: mamba2(d)["timeStepLimits"].update(lower=-1)),
    ("blocks", "a largest time step of 0", lambda d: mamba2(d)["timeStepLimits"].update(lower=0, upper=0)),
    ("added", "factors of Mamba-2 that are all 1", lambda d: added(d, "mamba").update(multipliers={"z": None})),
    ("added", "a factor beyond 32 bits", lambda d: added(d, "mamba")["multipliers"].update(z=1e39)),
    ("added", "a factor of keys that are another layer's", lambda d: d["layers"][1]["mixer"]["parallel"].update(
        attention={**added(d, "attention"), "keyValueLayer": 0})),
    ("added", "an odd number of rotated numbers", lambda d: added(d, "attention")["rotary"].update(size=3)),
    ("added", "another fusion", lambda d: d["layers"][0]["mixer"]["parallel"].update(fusion="added")),
    ("added", "a general network that is a SwiGLU", lambda d: network(d).update(hasBiases=False, gateMultiplier=None, outputMultiplier=None)),
    ("added", "a factor of a gate that is not there", lambda d: network(d).update(isGated=False)),
    ("added", "a factor of the embedding of vectors", lambda d: d.update(input={"features": {"size": 4}}, output="hiddenStates", multipliers={"embedding": 2})),
    ("added", "a factor of logits that are not there", lambda d: d.update(output="hiddenStates")),
    ("mixture", "logits divided by 0", lambda d: d["multipliers"].update(logitsDivisor=0)),
    ("mixture", "a general mixture that is one of experts", lambda d: (mixture(d).pop("shared"), mixture(d)["router"].update(normalizes=False))),
    ("mixture", "no expert chosen", lambda d: mixture(d).update(perToken=0)),
    ("mixture", "other scores", lambda d: mixture(d)["router"].update(scores="tanh")),
    ("operations", "no group of experts", lambda d: mixture(d)["router"].update(groups=0)),
    ("operations", "no group kept", lambda d: mixture(d)["router"].update(keptGroups=0)),
    ("operations", "a latent width of 0", lambda d: mixture(d).update(latentSize=0)),
    ("operations", "a mixture without a router", lambda d: mixture(d).pop("router")),
    ("operations", "a layer of nothing", lambda d: d["layers"][1].update(feedForward={"none": {}})),
]

SAMPLE_LAYOUT = {
    "name": "own", "title": "A layout with every step", "configuration": "architecture", "signature": ["norm.gamma", "a.{layer+1}.q"],
    "optionalPrefix": "model.", "unlike": ["b", ["c", "d.{layer}"]],
    "rules": [
        {"from": ["a.{layer+1}.q", "a.{layer+1}.k"], "to": ["layers.{layer}.attention.qk"],
         "steps": [{"permute": [1, 0]}, {"join": {"axis": 0, "sizes": ["query", "key"]}}]},
        {"from": ["a.{layer}.up"], "to": ["layers.{layer}.ffn.up", "layers.{layer}.ffn.gate"],
         "steps": [{"split": {"axis": 0, "sizes": ["intermediate", "2*intermediate+1"]}}],
         "when": {"has": ["layers.{layer}.ffn.gate"], "lacks": ["layers.{layer}.ffn.router.weight"]}},
        {"from": ["e.{layer}"], "to": ["layers.{layer}.e.{expert}"], "steps": [{"unstack": 4}]},
        {"from": ["c.kernel"], "to": ["c.weight"], "steps": [{"reshape": {"from": [2, 1, "hidden"], "to": [2, "hidden"]}}]},
        {"from": ["t.weight", "head.weight"], "to": ["embed_tokens.weight"], "steps": [{"same": True}], "optional": ["head.weight"]},
        {"from": ["n.{layer}"], "to": ["layers.{layer}.n"], "when": {"sized": ["normed_heads"], "unsized": ["embed"]}},
        {"from": ["x.{layer}.{expert}"], "to": ["layers.{layer}.x.{expert}"]},
        {"from": ["g.{layer}"], "to": ["layers.{layer}.g.{expert}", "layers.{layer}.u.{expert}"], "steps": [{"unstack": "2*experts"}]},
        {"from": ["s.{layer}"], "to": ["shared.s"], "steps": [{"same": True}], "when": {"sized": ["mamba_heads"]}},
        {"from": ["b.{host}.gate_up"], "to": ["shared.{block}.gate", "shared.{block}.up"],
         "steps": [{"same": True}, {"split": {"axis": 0, "sizes": ["block_intermediate", "block_intermediate"]}}]},
        {"from": ["b.{host+1}.adapters.{use}"], "to": ["layers.{layer}.adapter"], "steps": [{"same": True}]},
        {"from": ["inv_freq"], "carry": True},
    ],
}
WRONG_RULES = [
    {"from": ["a"]}, {"from": [], "to": ["b"]}, {"from": ["a", "b"], "to": ["c", "d"]}, {"from": ["{layers}"], "to": ["a"]},
    {"from": ["a"], "to": ["b"], "carry": True}, {"from": ["a"], "to": ["b"], "steps": [{"permute": [0], "same": True}]},
    {"from": ["a"], "to": ["b"], "steps": [{"unstack": "experts-1"}]}, {"from": ["a"], "to": ["b"], "steps": [{"same": False}]},
    {"from": ["a"], "to": ["b"], "steps": [{"unstack": "interm"}]}, {"from": ["a"], "to": ["b"], "when": {"sized": ["width+1"]}},
    {"from": ["{name}.a"], "carry": True}, {"from": [""], "carry": True},
]


def undescribed(schema, path=""):
    """Properties without a description; `if`, `then` and `not` repeat described ones."""
    if isinstance(schema, dict):
        for name, property_schema in (schema.get("properties") or {}).items():
            if "description" not in property_schema:
                yield f"{path}/{name}"
        for key, value in schema.items():
            if key not in ("if", "then", "else", "not", "required") and not (key == "oneOf" and path.endswith("/rule")):
                yield from undescribed(value, f"{path}/{key}")
    elif isinstance(schema, list):
        for value in schema:
            yield from undescribed(value, path)


def misspelled(document, path=()):
    """Copies of a document, each with one key misspelled. Keys that are free text are left alone."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield path + (key,), {(other + "x" if other == key else other): kept for other, kept in document.items()}
            for inner, changed in misspelled(value, path + (key,)):
                yield inner, {**document, key: changed}
    elif isinstance(document, list):
        for index, value in enumerate(document):
            for inner, changed in misspelled(value, path + (index,)):
                yield inner, document[:index] + [changed] + document[index + 1:]


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


# --- tools ---------------------------------------------------------------------------------------------


def sample_tensors(large):
    """Every element type, scalars, tensors without elements, awkward names, identical tensors; `large` elements in
    one tensor of each width."""
    generator = np.random.default_rng(7)
    tensors = {}

    def add(name, dtype, shape, data=None):
        count = int(np.prod(shape)) * hc.BITS[dtype] // 8
        if data is None:
            data = generator.bytes(count)
        tensors[name] = (dtype, list(shape), data)

    for dtype in hc.SIZES:
        add(f"{dtype}.any", dtype, [3, 5, 7])
        add(f"{dtype}.chunks", dtype, [13, 1009])
        add(f"{dtype}.scalar", dtype, [])
        add(f"{dtype}.empty", dtype, [4, 0, 3])
        add(f"{dtype}.one", dtype, [1])
    for dtype in sorted(set(hc.BITS) - set(hc.SIZES)):
        add(f"{dtype}.any", dtype, [3, 8, 7])
        add(f"{dtype}.empty", dtype, [4, 0, 3])
        add(f"{dtype}.chunks", dtype, [4, 1009])
    weights = generator.normal(0, 0.02, large + 17).astype("<f4")
    add("weights.F32", "F32", [large + 17], weights.tobytes())
    add("weights.BF16", "BF16", [large + 17], (weights.view("<u4") >> 16).astype("<u2").tobytes())
    add("weights.F64", "F64", [1, large + 17], weights.astype("<f8").tobytes())
    add("weights.F8_E4M3", "F8_E4M3", [large + 17])
    add("counts.I64", "I64", [2 * large], np.arange(2 * large, dtype="<i8").tobytes())
    add("twin.a", "F32", [large + 17], weights.tobytes())
    add("twin.b", "F32", [large + 17], weights.tobytes())
    add("twin.other_shape", "F32", [1, large + 17], weights.tobytes())
    add("twin.other_type", "I32", [large + 17], weights.tobytes())
    add("zeros", "U8", [large], bytes(large))
    add("ß “quoted\\” \u4e2d\u6587 😀", "F16", [700])
    add('a "b" /c', "F16", [2, 2])
    add("n" * 4091, "F16", [600])
    add("hymba.layers.0.weight", "F32", [600])
    add("U8.chunks@zstd", "U8", [2000])
    add("\u00e9", "F16", [2, 2])
    add("e\u0301", "F16", [2, 2])
    return tensors


def write_safetensors(path, tensors, metadata=None):
    """Sorted by element size and name, as the format's own writer does."""
    header, parts, offset = {}, [], 0
    if metadata:
        header["__metadata__"] = metadata
    for name in sorted(tensors, key=lambda name: (-hc.BITS[tensors[name][0]], name)):
        dtype, shape, data = tensors[name]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [offset, offset + len(data)]}
        parts.append(data)
        offset += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))


def flip(source, target, bit):
    with open(source, "rb") as file:
        data = bytearray(file.read())
    data[bit // 8] ^= 1 << bit % 8
    with open(target, "wb") as file:
        file.write(data)


class Tools(Check):
    def run(self):
        metadata = {"format": "pt", "note": "line\nbreak \"and\" back\\slash \t é"}
        tensors = sample_tensors(1 << 20)
        source = self.path("all.safetensors")
        write_safetensors(source, tensors, metadata)
        files = [{"name": "all.safetensors", "bytes": os.path.getsize(source)}]
        prints = set()

        for name, options in (("zstd", []), ("none", ["--compression", "none"]), ("one", ["--jobs", "1"])):
            path = self.path(f"{name}.hymba")
            self.tool("hymba-convert", source, "--layout", "verbatim", "-o", path, "--quiet", *options)
            self.theirs(path, source)
            prints.add(self.printed(path))
        self.expect(same_bytes(self.path("zstd.hymba"), self.path("one.hymba")), "one thread writes the same bytes as all")

        for name, options in (
            ("chunk-4096", {}), ("chunk-1000", {"chunk": 1000}), ("chunk-2^24", {"chunk": 1 << 24, "level": 19}),
            ("raw", {"raw": True}), ("fast", {"chunk": 1 << 20, "level": -3}),
        ):
            path = self.path(f"{name}.hymba")
            prints.add(hc.write_container(path, tensors, metadata, files, **options))
            self.ours(path, source)
            prints.add(self.printed(path))
        self.expect(len(prints) == 1, "all containers have one fingerprint", str(prints))
        few = {name: tensors[name] for name in ("BF16.chunks", "F32.any", "U8.scalar", "I64.empty")}
        few["BF16.twin"] = few["BF16.chunks"]
        hc.write_container(self.path("newer.hymba"), few, metadata, files, chunk=5000)
        self.versions(self.path("newer.hymba"))
        write_safetensors(self.path("few.safetensors"), few, metadata)
        self.tool("hymba-convert", self.path("few.safetensors"), "--layout", "verbatim", "-o", self.path("few.hymba"))
        self.damage(self.path("few.hymba"))
        self.hostile(self.path("newer.hymba"))
        self.names()
        self.attachments()

    def attachments(self):
        """What is kept beside the tensors, both ways; and what a later version may add."""
        source, nvidia = self.path("few.safetensors"), self.fixture(NVIDIA[0])
        tensors, metadata = hc.read_safetensors(source)
        vocabulary = os.urandom(1000) * 3
        kept = {
            "hymba.files/vocab.json": ("U8", [len(vocabulary)], vocabulary),
            "hymba.probes/input_ids": ("I64", [1, 4], bytes(32)), "hymba.later/x": ("F32", [], bytes(4))}
        path = self.path("kept.hymba")
        hc.write_container(path, tensors, metadata, [], attachments=kept)
        self.ours(path, source)
        again = self.path("again.hymba")
        self.tool("hymba-convert", path, "-o", again, "--quiet")
        container = hc.Container(again)
        self.expect(not container.damage() and container.manifest["formatVersion"] == "1.3", "kept attachments are right")
        self.expect(
            {part["name"]: b"".join(container.stored_pieces(part)) for part in container.attachments}
            == {name: content for name, (_, _, content) in kept.items()}, "a conversion keeps every attachment")

        path = self.path("reference.hymba")
        reference = os.path.join(nvidia, "expected.safetensors")
        self.tool("hymba-convert", nvidia, "-o", path, "--reference", reference, "--quiet")
        container = hc.Container(path)
        self.expect(not container.damage(), "a container with a reference is right", str(container.damage()[:3]))
        with open(os.path.join(nvidia, "generation_config.json"), "rb") as file:
            self.expect(container.file("generation_config.json") == file.read(), "a file inside is the file")
        recorded, _ = hc.read_safetensors(reference)
        probes = {
            part["name"].removeprefix("hymba.probes/"): (part["dtype"], part["shape"], b"".join(container.stored_pieces(part)))
            for part in container.attachments if part["name"].startswith("hymba.probes/")}
        probes.pop("metadata.json")
        self.expect(probes == recorded, "the reference inside is the reference")
        self.damage(path)
        self.statistics(nvidia, recorded)

    def statistics(self, folder, recorded):
        """The kept statistics are those of NumPy in 64 bits."""
        path = self.path("statistics.hymba")
        self.tool("hymba-convert", folder, "-o", path, "--reference-stats", os.path.join(folder, "expected.safetensors"), "--quiet")
        container = hc.Container(path)
        part, = (part for part in container.attachments if part["name"] == "hymba.probes/statistics.json")
        statistics = json.loads(b"".join(container.stored_pieces(part)))
        captures = {name: tensor for name, tensor in recorded.items() if name != "input_ids"}
        self.expect(set(statistics) == set(captures), "every capture has statistics")
        for name, (_, shape, content) in captures.items():
            values = np.frombuffer(content, dtype="<f4").astype(np.float64).reshape(shape)
            expected = {
                "mean": values.mean(), "std": values.std(), "rms": np.sqrt((values ** 2).mean()),
                "min": values.min(), "max": values.max(),
                **{level: np.quantile(values, float(level)) for level in statistics[name]["quantiles"]}}
            found = statistics[name] | statistics[name]["quantiles"]
            self.expect(
                found["shape"] == shape and found["count"] == values.size
                and all(abs(found[key] - value) < 1e-12 * abs(values).max() for key, value in expected.items())
                and np.allclose(found["rmsByPosition"], np.sqrt((values ** 2).mean(axis=(0, 2))), rtol=1e-12, atol=0),
                f"the statistics of {name} are NumPy's")

    def printed(self, path):
        _, output = self.tool("hymba-inspect", "parameters", path, "--json")
        return json.loads(output)["fingerprint"]

    def theirs(self, path, source):
        """A container of the tools through this reader."""
        name = os.path.basename(path)
        container = hc.Container(path)
        damage = container.damage()
        self.expect(not damage, f"{name} of the tools is right", "; ".join(map(str, damage[:3])))
        wrong, _ = hc.compare(source, path)
        self.expect(not wrong, f"{name} of the tools decodes bit for bit", str(wrong))
        self.expect(container.fingerprint() == self.printed(path), f"{name}: same fingerprint")
        copies = 0 if name == "none.hymba" else 2
        self.expect(len(container.manifest["aliases"]) == copies, f"{name}: identical tensors are stored once")
        self.expect(container.manifest["formatVersion"] == hc.file_version(
            {key: (tensor["dtype"],) for key, tensor in container.logical.items()}), f"{name}: version")
        with safetensors.safe_open(path, "np") as file:
            self.expect(set(file.keys()) == set(container.header.entries), f"{name} is a safetensors file")
        for tensor in container.manifest["tensors"]:
            if tensor["encoding"] == "zstd":
                section = container.bytes(*container.header.entries[tensor["entry"]][2:])
                stream = zstandard.ZstdDecompressor().stream_reader(section, read_across_frames=True)
                size = hc.byte_count(tensor["dtype"], tensor["shape"], "")
                self.expect(len(stream.read()) == size, f"{name}: {tensor['name'][:20]} is a Zstandard stream")

    def ours(self, path, source):
        """A container of this writer through the tools, and back as safetensors."""
        name = os.path.basename(path)
        self.expect(not hc.Container(path).damage(), f"{name} of ours is right")
        self.tool("hymba-verify", "container", path, "--quiet")
        back = self.path("back.safetensors")
        self.tool("hymba-convert", "export", path, "-o", back, "--force", "--quiet")
        expected, found = hc.read_safetensors(source), hc.read_safetensors(back)
        self.expect(expected[0] == found[0], f"{name}: the tools decode it bit for bit")
        self.expect(expected[1] == found[1], f"{name}: the tools give its metadata back", str(found[1]))

    def versions(self, path):
        """Later minor versions are read, later major ones refused."""
        for version, code in (("1.7", 0), ("2.0", 65), ("0.9", 65), ("1", 65)):
            changed = self.path(f"version-{version}.hymba")
            rewrite(path, changed, lambda manifest: manifest.update(
                formatVersion=version, later={"key": [1, None]}, probes=[{"of": "a later version"}]))
            self.tool("hymba-verify", "container", changed, code=code)
            self.tool("hymba-inspect", "parameters", changed, code=code)
            self.expect(is_right(changed) == (code == 0), f"this reader and version {version}")

    def damage(self, path):
        """One bit at a time: the tools and this reader both notice, and name the same part."""
        size = os.path.getsize(path)
        random.seed(1)
        bits = random.sample(range(8 * size), 600)
        unnoticed, differing = [], []
        for bit in bits:
            changed = self.path("changed.hymba")
            flip(path, changed, bit)
            mine = damaged_parts(changed)
            result = subprocess.run(
                [os.path.join(self.tools, "hymba-verify"), "container", changed, "--json"], capture_output=True,
                text=True, check=False)
            theirs = set()
            if result.returncode == 1:
                theirs = {
                    f"{part['part']} “{part[part['part']]}”" if part.get(part["part"]) else part["part"]
                    for part in json.loads(result.stdout)["damage"]}
            elif result.returncode == 65:
                theirs = {"manifest"} if "the manifest is damaged" in result.stderr else {"header"}
            if not mine or not theirs:
                unnoticed.append((bit, mine, result.returncode, result.stderr))
            elif mine != theirs:
                differing.append((bit, mine, theirs, result.stderr))
        self.expect(not unnoticed, f"{len(bits)} flipped bits of {8 * size} are noticed", str(unnoticed[:3]))
        self.expect(not differing, "both name the same part", str(differing[:3]))


    def hostile(self, path):
        """Manifests that lie: refused with a sentence, never a crash, never all memory."""
        def section(manifest, number, **changes):
            tensors = [tensor for tensor in manifest["tensors"] if tensor["encoding"] == "zstd"]
            tensors[number].update(dtype="U8", **changes)

        def huge(manifest):
            section(manifest, 0, shape=[(1 << 63) - 1], chunkElements=2)

        def table(manifest):
            section(manifest, 0, shape=[2_000_000_000], chunkElements=1)

        def total(manifest):
            for number in (0, 1):
                section(manifest, number, shape=[1 << 62], chunkElements=1 << 24)

        def alias(name):
            return lambda manifest: manifest["aliases"].append({"name": name, "of": manifest["tensors"][0]["name"]})

        cases = {
            "the largest shape": huge, "a table that cannot be": table, "a total beyond 63 bits": total,
            "a reserved name": alias("hymba.manifest"), "the format's own name": alias("__metadata__"),
            "a name with a tab": alias("a\tU8\t[1]"), "an alias of itself": alias(None)}
        for label, change in cases.items():
            changed = self.path("hostile.hymba")
            rewrite(path, changed, change)
            self.expect(not is_right(changed), f"this reader refuses {label}")
            for tool, *command in (
                ("hymba-verify", "container", changed), ("hymba-inspect", "parameters", changed),
                ("hymba-inspect", "container", changed),
                ("hymba-convert", "export", changed, "-o", self.path("hostile.safetensors"), "--force"),
            ):
                result = subprocess.run(
                    [os.path.join(self.tools, tool), *command], capture_output=True, text=True, check=False,
                    preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30)))
                # A list may still show a shape that no section can hold.
                allowed = (1, 65, 74) if tool != "hymba-inspect" else (0, 1, 65)
                self.expect(
                    result.returncode in allowed, f"{tool} {command[0]} refuses {label}",
                    f"exit code {result.returncode}, {result.stderr.strip()[:100]}")

    def names(self):
        """The longest names, with and without room for the suffix."""
        tensors = {"n" * 4091: ("U8", [2000], bytes(2000)), "m" * 4096: ("U8", [2000], bytes([1]) * 2000)}
        write_safetensors(self.path("names.safetensors"), tensors)
        self.tool("hymba-convert", self.path("names.safetensors"), "--layout", "verbatim", "-o", self.path("names.hymba"))
        if os.path.exists(self.path("names.hymba")):
            self.expect(is_right(self.path("names.hymba")), "names of 4091 and 4096 bytes")


def damaged_parts(path):
    try:
        return {damage.part for damage in hc.Container(path).damage()}
    except hc.Damage as damage:
        return {damage.part}


def is_right(path):
    return not damaged_parts(path)


def same_bytes(a, b):
    with open(a, "rb") as first, open(b, "rb") as second:
        return first.read() == second.read()


def rewrite(source, target, change):
    """A container with another manifest, and the header that belongs to it."""
    container = hc.Container(source)
    manifest = copy.deepcopy(container.manifest)
    change(manifest)
    data = json.dumps(manifest, ensure_ascii=False).encode()
    entries = [
        (name, *entry) for name, entry in container.header.entries.items() if name != hc.MANIFEST]
    begin = container.header.entries[hc.MANIFEST][2]
    entries.append((hc.MANIFEST, "U8", [len(data)], begin, begin + len(data)))
    text = hc.derive_header(
        manifest["formatVersion"], hashlib.sha256(data).hexdigest(), manifest["source"]["metadata"], entries)
    length = container.header.length
    assert len(text) <= length
    with open(target, "wb") as file:
        file.write(struct.pack("<Q", length) + text.ljust(length) + container.bytes(0, begin) + data)
