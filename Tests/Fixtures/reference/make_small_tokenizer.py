"""Makes a tokenizer of 64 tokens, which fits the small recorded models, and records what it makes of a text.

    python make_small_tokenizer.py ../greedy        (tokenizers)
"""

import json
import pathlib
import sys

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

TEXT = "the cat sat on the mat and the rat sat on the hat"
folder = pathlib.Path(sys.argv[1])
tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
# Bytes of "é" are tokens too, so that a character of two tokens can come.
letters = [c for c in "abcdefghijklmnopqrstuvwxyz"] + ["Ġ", "Ċ", "Ã", "©"]
tokenizer.train_from_iterator(
    [TEXT, "here there then that this thin than them an ant and at ate eat"],
    trainers.BpeTrainer(vocab_size=64, special_tokens=["<end>"], initial_alphabet=letters, show_progress=False))
assert tokenizer.get_vocab_size() == 64, tokenizer.get_vocab_size()
tokenizer.save(str(folder / "tokenizer.json"))
jamba = json.load(open(folder / "tokens.json"))["jamba-tiny"]
with open(folder / "texts.json", "w") as file:
    json.dump({"text": TEXT, "ids": tokenizer.encode(TEXT).ids,
               "jamba_text": tokenizer.decode(jamba["tokens"]), "jamba_prompt": tokenizer.decode(jamba["prompt"])}, file, indent=1)
    file.write("\n")
