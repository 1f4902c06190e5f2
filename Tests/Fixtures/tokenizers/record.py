"""Records what Hugging Face's tokenizers make of many texts, for every kind of tokenizer that is read.

    python record.py FOLDER [--texts 60] [--seed 1] [--models FOLDER]

Writes the two models of byte pairs, `bytes.json` and `characters.json`, which are trained here, and one file of cases for
each kind. With --models, models that are there are taken instead of training them again.
"""
import argparse
import json
import os
import random
import unicodedata

os.environ["RUST_BACKTRACE"] = "0"

import tokenizers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

CORPUS = """
It's a hybrid of attention and a state space: "they're" fast, we'd say, and I'll show you what I've seen.
The quick brown fox jumps over the lazy dog; THE QUICK BROWN FOX, The Lazy Dog. Numbers: 1 12 123 1234 12345 3.14159 2026-11-28.
def forward(self, x):\n    for i in range(10):\n\tif x[i] != 0x1F: return {"a": [1, 2], 'b': None}\n\n
Größe, naïve café, Ærøskøbing, coöperate, São Paulo, İstanbul, ﬁne ﬀ Ⅷ ½ ²
Привет, мир! Быстрая коричневая лиса. Γειά σου Κόσμε, ΟΔΟΣ οδός
你好，世界。今天天气很好。 こんにちは世界。カタカナ ﾊﾝｶｸ 안녕하세요 세계
مرحبا بالعالم שלום עולם नमस्ते दुनिया สวัสดีชาวโลก
👩‍👩‍👧‍👦 👍🏽 🇩🇪 ❤️ 🙂 e\u0301 n\u0303 o\u0308
https://example.org/path?query=value&x=1#top user@example.org C:\\Windows\\System32 /usr/lib 100% $5 €7 a_b snake_case camelCase
    four spaces\r\n\r\nand lines\n\n\nand\ttabs   .
""".strip("\n").split("\n") * 3

LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
          r"|\s*[\r\n]+|\s+(?!\S)|\s+")
QWEN2 = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")
TEKKEN = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
          r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
          r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
POSSESSIVE = r"\p{N}{1,2}+|\s++(?=\S)|(?:[a-z]+?)(?<=[aeiou])|[^\s]{1,3}|\s"


def train(pre_tokenizer, alphabet, size):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizer
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    return json.loads(tokenizer.to_str())["model"]


def trained_models():
    # Letters that stand for bytes.
    bytes_model = train(pre_tokenizers.ByteLevel(add_prefix_space=False), pre_tokenizers.ByteLevel.alphabet(), 700)
    # Characters, with tokens for single bytes as in models that came from SentencePiece.
    trained = train(pre_tokenizers.Metaspace(), [], 600)
    vocab = {"<unk>": 0, "<s>": 1, "</s>": 2}
    for byte in range(256):
        vocab[f"<0x{byte:02X}>"] = len(vocab)
    left_out = set("好الжΓ👍ﬁ")  # characters that must become bytes, or unknown
    for token in sorted(trained["vocab"], key=trained["vocab"].get):
        if not left_out & set(token):
            vocab[token] = len(vocab)
    merges = [m for m in trained["merges"] if not left_out & set("".join(m))]
    characters = {"type": "BPE", "vocab": vocab, "merges": merges}
    return {"bytes": {"type": "BPE", "vocab": bytes_model["vocab"], "merges": bytes_model["merges"]},
            "characters": characters}


def sequence(kind, parts):
    return {"type": "Sequence", kind: parts}


def byte_level(prefix=False, regex=True):
    return {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": True, "use_regex": regex}


def metaspace(scheme, split=True):
    return {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": split}


def split(pattern, behavior="Isolated", invert=False, kind="Regex"):
    return {"type": "Split", "pattern": {kind: pattern}, "behavior": behavior, "invert": invert}


def template(before, after=()):
    special = {name: {"id": name, "ids": [i], "tokens": [name]} for name, i in [*before, *after]}
    return {"type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": n, "type_id": 0}} for n, _ in before]
            + [{"Sequence": {"id": "A", "type_id": 0}}]
            + [{"SpecialToken": {"id": n, "type_id": 0}} for n, _ in after],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": special}


def token(i, content, special=False, normalized=False, single_word=False, lstrip=False, rstrip=False):
    return {"id": i, "content": content, "single_word": single_word, "lstrip": lstrip, "rstrip": rstrip,
            "normalized": normalized, "special": special}


def kinds(loaded):
    """Each kind: its model, the options of the model, and the other members of the file."""
    size = {name: len(model["vocab"]) for name, model in loaded.items()}
    marks = [token(0, "<unk>", special=True), token(1, "<s>", special=True), token(2, "</s>", special=True)]
    sentence = template([("<s>", 1)])
    fallback = {"unk_token": "<unk>", "fuse_unk": True, "byte_fallback": True}
    n = size["bytes"]
    ends = [token(n, "<|begin|>", special=True), token(n + 1, "<|end|>", special=True), token(n + 2, "<|call|>")]
    begin = template([("<|begin|>", n)])
    llama_decoder = sequence("decoders", [
        {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
        {"type": "Strip", "content": " ", "start": 1, "stop": 0}])
    levels = {"decoder": byte_level(), "post_processor": byte_level()}

    yield "llama-legacy", "characters", fallback, {
        "added_tokens": marks, "post_processor": sentence, "decoder": llama_decoder,
        "normalizer": sequence("normalizers", [
            {"type": "Prepend", "prepend": "▁"},
            {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}])}
    for scheme in ["always", "first", "never"]:
        yield f"metaspace-{scheme}", "characters", {"unk_token": "<unk>", "fuse_unk": scheme == "first"}, {
            "added_tokens": marks, "post_processor": template([("<s>", 1)], [("</s>", 2)]),
            "pre_tokenizer": metaspace(scheme), "decoder": metaspace(scheme)}
        yield f"metaspace-{scheme}-whole", "characters", fallback, {
            "added_tokens": marks, "post_processor": sentence, "pre_tokenizer": metaspace(scheme, False),
            "decoder": llama_decoder if scheme == "first" else sequence("decoders", [
                {"type": "ByteFallback"}, metaspace(scheme)])}
    yield "unknown-left-out", "characters", {}, {"pre_tokenizer": {"type": "WhitespaceSplit"}}
    yield "gpt2", "bytes", {}, {"added_tokens": ends, "pre_tokenizer": byte_level(), **levels}
    yield "gpt2-prefix", "bytes", {}, {"added_tokens": ends, "pre_tokenizer": byte_level(True), **levels}
    yield "llama3", "bytes", {"ignore_merges": True}, {
        "added_tokens": ends, "decoder": byte_level(),
        "pre_tokenizer": sequence("pretokenizers", [split(LLAMA3), byte_level(regex=False)]),
        "post_processor": sequence("processors", [byte_level(), begin])}
    yield "cl100k", "bytes", {}, {
        "added_tokens": ends, **levels,
        "pre_tokenizer": sequence("pretokenizers", [split(LLAMA3, "Removed", True), byte_level(regex=False)])}
    yield "qwen2", "bytes", {}, {
        "added_tokens": ends, "normalizer": {"type": "NFC"}, **levels,
        "pre_tokenizer": sequence("pretokenizers", [split(QWEN2), byte_level(regex=False)])}
    yield "tekken", "bytes", {"ignore_merges": True}, {
        "added_tokens": ends, **levels,
        "pre_tokenizer": sequence("pretokenizers", [split(TEKKEN), byte_level(regex=False)])}
    yield "falcon", "bytes", {}, {
        "added_tokens": ends, **levels,
        "pre_tokenizer": sequence("pretokenizers", [
            {"type": "Punctuation", "behavior": "Contiguous"}, byte_level(),
            {"type": "Digits", "individual_digits": False}, split("[0-9][0-9][0-9]")])}
    yield "digits", "bytes", {}, {
        "added_tokens": ends, **levels, "normalizer": {"type": "NFKC"},
        "pre_tokenizer": sequence("pretokenizers", [
            {"type": "Digits", "individual_digits": True}, {"type": "Punctuation", "behavior": "MergedWithPrevious"},
            split(POSSESSIVE), byte_level(regex=False)])}
    yield "normalized", "characters", fallback, {
        "added_tokens": marks + [token(size["characters"], "CAFÉ", normalized=True),
                                 token(size["characters"] + 1, "Straße", normalized=True, single_word=True)],
        "normalizer": sequence("normalizers", [
            {"type": "NFKD"}, {"type": "StripAccents"}, {"type": "Lowercase"},
            {"type": "Strip", "strip_left": True, "strip_right": True},
            {"type": "Replace", "pattern": {"Regex": r"\s{2,}|ab?"}, "content": "«»"}]),
        "pre_tokenizer": {"type": "Whitespace"}, "decoder": {"type": "Fuse"}}
    yield "decomposed", "characters", {"unk_token": "<unk>"}, {
        "added_tokens": marks, "normalizer": {"type": "NFD"},
        "pre_tokenizer": sequence("pretokenizers", [{"type": "WhitespaceSplit"}, {"type": "Punctuation"}]),
        "decoder": sequence("decoders", [
            {"type": "Strip", "content": "e", "start": 2, "stop": 1}, {"type": "Fuse"},
            {"type": "Strip", "content": "t", "start": 1, "stop": 2}])}
    m = size["bytes"]
    flags = [token(m, "<|sp|>", special=True), token(m + 1, "<|l|>", lstrip=True), token(m + 2, "<|r|>", rstrip=True),
             token(m + 3, "<|both|>", lstrip=True, rstrip=True, special=True),
             token(m + 4, "word", single_word=True), token(m + 5, "  "), token(m + 6, "<|sp|><|sp|>"),
             token(m + 7, "Up", normalized=True), token(m + 8, "Éó", normalized=True, single_word=True),
             token(loaded["bytes"]["vocab"]["the"], "the", single_word=True),
             token(m + 9, "<|nl|>", lstrip=True, rstrip=True, normalized=True, special=True)]
    yield "added-flags", "bytes", {}, {
        "added_tokens": flags, "normalizer": {"type": "Lowercase"}, "pre_tokenizer": byte_level(), **levels}
    for behavior in ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]:
        for invert in [False, True]:
            yield f"split-{behavior}-{'inverted' if invert else 'plain'}", "characters", fallback, {
                "added_tokens": marks, "decoder": llama_decoder,
                "pre_tokenizer": sequence("pretokenizers", [
                    split(r"[aeiou ]|\d\d|(?=x)", behavior, invert), split("th", behavior, invert, "String")])}


FRAGMENTS = [
    "", " ", "  ", "   ", "\t", "\n", "\r\n", "\n\n", "\u00a0", "\u2028", "\u200b", "\u3000", "▁", "▁▁", "\ufffd", "\x00", "\x7f",
    "a", "the", "The", "THE", "it's", "we'LL", "I'd", "'", "''", "word", "words", "password", "éó", "éóé", "é", "e\u0301", "É", "ñ",
    "Straße", "STRASSE", "café", "CAFÉ", "İ", "ﬁ", "Ⅷ", "½", "²", "Å", "\u212b", "ǆ", "한국", "\u1112\u1161\u11ab", "好",
    "你好，世界", "カタカナ", "ﾊﾞ", "مرحبا", "שלום", "नमस्ते", "สวัสดี", "Привет", "ΟΔΟΣ", "👩‍👩‍👧‍👦", "👍🏽", "🇩🇪", "❤️", "\u0301", "\u0300\u0316",
    "0", "7", "42", "123", "1234", "1234567", "3.14", "٣٤", "१२", "x", "xx", "abab", "th", "ththth", "ee", "tt", "aeiou",
    "def f(x):\n    return x", "if (a != b) { c[0] += 1; }", "https://x.org/?a=1&b=2", "a_b", "--", "...", "?!", "€", "$", "+", "<", ">",
    "<s>", "</s>", "<unk>", "<0x41>", "<0xZZ>", "<|begin|>", "<|end|>", "<|call|>", "<|sp|>", "<|sp|><|sp|>", "<|l|>", "<|r|>",
    "<|both|>", "<|NL|>", "<|nl|>", "Up", "up", "<|", "|>",
]


def random_character(rng):
    while True:
        c = chr(rng.choice([rng.randrange(0x80), rng.randrange(0x800), rng.randrange(0x10000), rng.randrange(0x110000)]))
        # Unassigned code points differ between versions of Unicode. Python's is 14 or later.
        if unicodedata.category(c) not in ("Cn", "Cs"):
            return c


def random_text(rng):
    parts = []
    for _ in range(rng.randrange(1, 14)):
        choice = rng.random()
        if choice < 0.55:
            parts.append(rng.choice(FRAGMENTS))
        elif choice < 0.8:
            parts.append(rng.choice(rng.choice(CORPUS).split(" ") or [""]))
        else:
            parts.append(random_character(rng) * rng.choice([1, 1, 1, 2, 5]))
        if rng.random() < 0.4:
            parts.append(" ")
    return "".join(parts)


def cases(tokenizer, rng, count, fragments):
    texts = (FRAGMENTS if fragments else []) + [random_text(rng) for _ in range(count)]
    size = tokenizer.get_vocab_size()
    rows = []
    for text in texts:
        ids = tokenizer.encode(text).ids
        bare = tokenizer.encode(text, add_special_tokens=False).ids
        # Ids that no text has, and the text's own ids with some in between.
        if rng.random() < 0.5:
            other = [rng.randrange(size + 3) for _ in range(rng.randrange(12))]
        else:
            other = [i if rng.random() < 0.8 else rng.randrange(size) for i in ids]
        try:
            rows.append([text, ids, bare, tokenizer.decode(ids), other, tokenizer.decode(other),
                         tokenizer.decode(other, skip_special_tokens=False)])
        except BaseException as error:
            # Strip panics on a text that is shorter than what it takes from the end.
            if type(error).__name__ != "PanicException":
                raise
    return rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--texts", type=int, default=25)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--models")
    arguments = parser.parse_args()
    os.makedirs(arguments.folder, exist_ok=True)
    if arguments.models:
        loaded = {name: json.load(open(os.path.join(arguments.models, name + ".json"))) for name in ("bytes", "characters")}
    else:
        loaded = trained_models()
    for name, model in loaded.items():
        with open(os.path.join(arguments.folder, name + ".json"), "w") as file:
            json.dump(model, file, ensure_ascii=False, separators=(",", ":"))
    for name, model, options, members in kinds(loaded):
        rest = {"added_tokens": [], "normalizer": None, "pre_tokenizer": None, "post_processor": None, "decoder": None,
                "truncation": None, "padding": None, **members}
        document = {"version": "1.0", "model": {**loaded[model], **options}, **rest}
        tokenizer = Tokenizer.from_str(json.dumps(document))
        rng = random.Random(f"{name} {arguments.seed}")
        rows = cases(tokenizer, rng, arguments.texts, arguments.texts < 1000 and not name.startswith("split"))
        with open(os.path.join(arguments.folder, name + ".cases.json"), "w") as file:
            # One line for each text, so that a difference can be read.
            file.write('{"tokenizers":%s,"model":%s,"options":%s,"members":%s,"cases":[\n' % tuple(
                json.dumps(x, ensure_ascii=False) for x in (tokenizers.__version__, model, options, rest)))
            file.write(",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows))
            file.write("\n]}\n")


if __name__ == "__main__":
    main()
