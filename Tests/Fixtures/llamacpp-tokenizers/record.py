"""Records what llama.cpp makes of many texts, for every kind of tokenizer inside a GGUF file that is read.

    python record.py FOLDER [--texts 120] [--seed 1] [--tokenizers ../tokenizers]

Writes a GGUF file without tensors for each of two vocabularies, and one file of cases for each kind. The vocabularies are
those of the recorded tokenizers of Hugging Face's package. llama.cpp is the one within the package xllamacpp: its server
takes a text and gives the ids, with the special tokens around it and in it.
"""
import argparse
import json
import pathlib
import random
import tempfile
import urllib.request

import gguf
import numpy as np
import xllamacpp

# The name that is written for each way to divide a text.
WAYS = ["gpt-2", "starcoder", "falcon", "llama-bpe", "dbrx", "qwen2", "tekken"]

PIECES = [
    "It's", "they're", "WE'LL", "I'D", "'ſ", "don't", "HELLO", "Hello", "camelCase", "snake_case", "iPhone", "McDonald", "ÉCOLE",
    "Größe", "naïve", "ÀÉÎ", "İstanbul", "ǅ", "ﬁne", "Ⅷ", "½", "²", "١٢٣", "१२३", "1234567", "3.14159", "2026-11-28", "007", "1", "12",
    "Привет", "МИР", "Γειά", "ΟΔΟΣ", "你好", "世界。", "こんにちは", "ﾊﾝｶｸ", "안녕하세요", "مرحبا", "שלום", "नमस्ते", "สวัสดี",
    "👩‍👩‍👧", "👍🏽", "🇩🇪", "❤️", "e\u0301", "n\u0303o\u0308", "A\u030a", "\u0301", "\u200b", "\u200d", "\ufeff", "\u00ad",
    " ", "  ", "   ", " " * 9, " " * 40, "\t", "\n", "\n\n", "\r\n", "\r", "\n \n", " \n", "\n  x", "\u00a0", "\u3000", "\u2028", "\u0085",
    "\x0b", "\x1c", "\x7f", ".", "...", "!?", "--", "$5", "€7", "100%", "+=<>", "^~|`", "a+b=c", "\"q\"", "(x)", "[1]", "{}", "/usr/lib",
    "C:\\Win", "https://example.org/?q=1#t", "<|begin|>", "<|end|>", "<|call|>", "<s>", "</s>", "<unk>", "<|beg", "in|>", "<0x0A>", "▁", "▁▁",
    "Ġ", "Ċ", "ab", "abc", "abcabc", "xx", "the", "The", " the", " quick", "fox", "jumps", "def f(x):\n\treturn x", "<tool>", "<tool>s",
]


def texts(count, seed):
    """Texts made of pieces, of which many are what tokenizers divide differently."""
    rng = random.Random(seed)
    found = [""] + PIECES
    for _ in range(count):
        joined = rng.choice(["", "", " "])
        found.append(joined.join(rng.choice(PIECES) for _ in range(rng.randint(2, 14))))
    for _ in range(count // 4):
        ranges = [(0x20, 0x7F), (0xA0, 0x250), (0x370, 0x5FF), (0x900, 0x97F), (0x2000, 0x2BFF), (0x4E00, 0x4FFF), (0x1F300, 0x1F64F)]
        found.append("".join(chr(rng.randint(*rng.choice(ranges))) for _ in range(rng.randint(1, 30))))
    return found


def vocabularies(folder):
    """The keys of each vocabulary, by the name of its file."""
    loaded = {name: json.loads((folder / f"{name}.json").read_text()) for name in ["bytes", "characters"]}
    order = sorted(loaded["bytes"]["vocab"], key=loaded["bytes"]["vocab"].get)
    special = [("<|begin|>", 3), ("<|end|>", 3), ("<|call|>", 3), ("<tool>", 4), ("<tool>s", 4), ("s<|", 4), ("[PAD]", 5)]
    merges = [m if isinstance(m, str) else " ".join(m) for m in loaded["bytes"]["merges"]]
    yield "bytes", {
        "model": "gpt2", "tokens": order + [text for text, _ in special], "merges": merges,
        "token_type": [1] * len(order) + [kind for _, kind in special],
        "bos_token_id": len(order), "eos_token_id": len(order) + 1}
    order = sorted(loaded["characters"]["vocab"], key=loaded["characters"]["vocab"].get)
    ranks = {"".join(m.split(" ") if isinstance(m, str) else m): -float(rank)
             for rank, m in enumerate(loaded["characters"]["merges"])}
    kinds = [2, 3, 3] + [6] * 256 + [1] * (len(order) - 259)
    more = [("<tool>", 4), ("<tool>s", 4), ("s<t", 4), ("▁▁", 4), ("▁▁▁", 1), ("[PAD]", 5)]
    scores = [ranks.get(text, -1e6) for text in order]
    yield "characters", {
        "model": "llama", "pre": "default", "tokens": order + [text for text, _ in more], "token_type": kinds + [kind for _, kind in more],
        "scores": scores + [-1e6] * len(more), "bos_token_id": 1, "eos_token_id": 2, "unknown_token_id": 0,
        "add_space_prefix": True}
    # Scores of which many are equal, as of two tokens that were added with none.
    yield "equal-scores", {
        "model": "llama", "tokens": order, "token_type": kinds, "scores": [-float(id % 5) for id in range(len(order))],
        "bos_token_id": 1, "eos_token_id": 2, "add_space_prefix": False, "add_bos_token": False, "add_eos_token": True}


def write(path, keys, changes, with_model):
    """Writes a GGUF file with the keys of a tokenizer, and with a model of zeros for llama.cpp to load."""
    writer = gguf.GGUFWriter(path, "llama")
    for name, value in {**keys, **changes}.items():
        key = f"tokenizer.ggml.{name}"
        if isinstance(value, bool):
            writer.add_bool(key, value)
        elif isinstance(value, int):
            writer.add_uint32(key, value)
        elif isinstance(value, str):
            writer.add_string(key, value)
        else:
            writer.add_array(key, value)
    if with_model:
        size, rows = 32, len(keys["tokens"])
        for name, value in [("context_length", 4096), ("embedding_length", size), ("block_count", 1), ("feed_forward_length", size),
                            ("attention.head_count", 1), ("rope.dimension_count", size)]:
            writer.add_uint32(f"llama.{name}", value)
        writer.add_float32("llama.attention.layer_norm_rms_epsilon", 1e-5)
        shapes = {"token_embd": (rows, size), "output_norm": (size,), "output": (rows, size), "blk.0.attn_norm": (size,),
                  "blk.0.ffn_norm": (size,), **{f"blk.0.{name}": (size, size) for name in [
                      "attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"]}}
        for name, shape in shapes.items():
            writer.add_tensor(f"{name}.weight", np.zeros(shape, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    if with_model:
        writer.write_tensors_to_file()
    writer.close()


def recorded(path, asked):
    """The ids of each text, with the special tokens around it and without."""
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_ctx, params.n_parallel, params.warmup = 128, 1, False
    server = xllamacpp.Server(params)

    def ids(text, around):
        body = json.dumps({"content": text, "add_special": around, "parse_special": True}).encode()
        message = urllib.request.Request(
            f"{server.listening_address}/tokenize", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(message) as answer:
            return json.load(answer)["tokens"]

    return [[text, ids(text, True), ids(text, False)] for text in asked]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--texts", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tokenizers", type=pathlib.Path, default=pathlib.Path(__file__).parent.parent / "tokenizers")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        for name, keys in vocabularies(options.tokenizers):
            write(options.folder / f"{name}.gguf", keys, {}, with_model=False)
            for pre in WAYS if name == "bytes" else [None]:
                model = pathlib.Path(scratch) / f"{name}-{pre}.gguf"
                write(model, keys, {"pre": pre} if pre else {}, with_model=True)
                cases = recorded(model, texts(options.texts, f"{options.seed}{name}{pre}"))
                kind = {"vocabulary": name, "pre": pre, "cases": cases}
                lines = json.dumps(kind, ensure_ascii=True).replace("[[\"", "[\n[\"").replace("], [\"", "],\n[\"")
                (options.folder / f"{name if pre is None else pre}.cases.json").write_text(lines + "\n")
                print(pre or name, len(cases))


if __name__ == "__main__":
    main()
