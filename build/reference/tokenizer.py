"""A CLIP-format byte-pair vocabulary of 256 byte characters, the same ending a word, a few merges and two specials."""
import json
import os
from collections import Counter

TEXT = """a small red fox in the snow . a painting of a house by the sea in the morning light . the old man and a cat
on the mountain with a blue boat . a photo of the forest in autumn rain . a portrait of a woman with flowers"""
MERGES = 64


def byte_characters():
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in printable]
    return [chr(b) for b in printable] + [chr(256 + n) for n in range(len(others))]


def learn_merges(text, count):
    words = Counter(tuple(word[:-1]) + (word[-1] + "</w>",) for word in text.split())
    merges = []
    while len(merges) < count:
        pairs = Counter()
        for word, times in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += times
        best = max(sorted(pairs), key=pairs.get)
        merges.append(best)
        merged = Counter()
        for word, times in words.items():
            out = []
            for symbol in word:
                if out and (out[-1], symbol) == best:
                    out[-1] += symbol
                else:
                    out.append(symbol)
            merged[tuple(out)] += times
        words = merged
    return merges


def build():
    characters = byte_characters()
    merges = learn_merges(TEXT, MERGES)
    tokens = [*characters, *(c + "</w>" for c in characters), *("".join(m) for m in merges), "<|startoftext|>", "<|endoftext|>"]
    return {token: n for n, token in enumerate(tokens)}, merges


def write(directory, positions, pad):
    vocab, merges = build()
    os.makedirs(directory, exist_ok=True)
    specials = {"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>", "pad_token": pad}
    files = {
        "vocab.json": json.dumps(vocab, ensure_ascii=False, separators=(",", ":")),
        "merges.txt": "#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges),
        "special_tokens_map.json": json.dumps(specials, indent=1),
        "tokenizer_config.json": json.dumps({"tokenizer_class": "CLIPTokenizer", "model_max_length": positions, **specials}, indent=1),
    }
    for name, text in files.items():
        with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
            file.write(text)
