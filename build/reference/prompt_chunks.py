"""Records how A1111 and ComfyUI cut long prompts into chunks: their own functions, taken out of their sources and run on transformers' tokenizer.

    python build/reference/prompt_chunks.py assets/tokenizer/clip/merges.txt.gz FORGE COMFYUI engine/text/fixtures/prompt-chunks.json

FORGE and COMFYUI are checkouts of lllyasviel/stable-diffusion-webui-forge (its copy of A1111's text processing) and comfyanonymous/ComfyUI.
The fixture is {"cases": [{"prompt": ..., "a1111": [75, 12], "comfyui": ...}]}: how many tokens of the prompt, in their order, each chunk holds.
"""
import ast
import gzip
import json
import pathlib
import random
import re
import sys
import types

import transformers

merges_path, forge, comfyui, out_path = sys.argv[1:]
lines = gzip.open(merges_path, "rt", encoding="utf-8").read().split("\n")
merges = [tuple(line.split()) for line in lines[1:] if line]
printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
characters = [chr(b) for b in printable] + [chr(256 + n) for n in range(256 - len(printable))]
tokens = characters + [c + "</w>" for c in characters] + ["".join(m) for m in merges] + ["<|startoftext|>", "<|endoftext|>"]
tokenizer = transformers.CLIPTokenizer(vocab={t: i for i, t in enumerate(tokens)}, merges=merges)
START, END = 49406, 49407


def taken(path, names, scope):
    """Defines the named functions, methods too, of a source file in `scope`, and nothing else of it."""
    tree = ast.parse(pathlib.Path(path).read_text())
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name in names:
            found.setdefault(node.name, node)
    exec(compile(ast.Module(list(found.values()), []), path, "exec"), scope)
    return scope


parsing = {}
exec(pathlib.Path(forge, "backend/text_processing/parsing.py").read_text(), parsing)
classic = taken(f"{forge}/backend/text_processing/classic_engine.py", {"PromptChunk", "tokenize_line", "tokenize"}, {"parsing": types.SimpleNamespace(**parsing)})
ids = lambda text: tokenizer(text, add_special_tokens=False)["input_ids"]
engine = types.SimpleNamespace(
    emphasis=types.SimpleNamespace(name="Original"), chunk_length=75, comma_token=tokenizer.get_vocab()[",</w>"], id_start=START, id_end=END,
    tokenize=lambda texts: [ids(text) for text in texts], embeddings=types.SimpleNamespace(find_embedding_at_position=lambda *_: (None, None)),
)
comfy = taken(f"{comfyui}/comfy/sd1_clip.py", {"parse_parentheses", "token_weights", "escape_important", "unescape_important", "tokenize_with_weights", "pad_tokens"}, {"re": re})
words = types.SimpleNamespace(
    embedding_key="clip_l", min_length=None, min_padding=None, disable_weights=False, embedding_identifier="embedding:", embedding_directory=None,
    tokenizer=lambda text: {"input_ids": [START, *ids(text), END]}, tokens_start=1, tokenizer_adds_end_token=True, start_token=START, end_token=END,
    pad_token=END, pad_left=False, max_length=77, pad_to_max_length=True, max_word_length=8,
)
words.pad_tokens = lambda batch, amount: comfy["pad_tokens"](words, batch, amount)


def count(ids):
    """Tokens of a chunk without begin, end and padding."""
    assert len(ids) == 77 and ids[0] == START
    inside = [id for id in ids[1:] if id != END]
    assert all(id == END for id in ids[1 + len(inside):])
    return len(inside)


random.seed(3)
long_words = ["antidisestablishmentarianism", "pneumonoultramicroscopic", "cat", "red", "lighthouse", "1girl", "xkqzv", "o'clock", "birch", "watercolour"]
prompts = ["", "a", "BREAK", "a BREAK", "BREAK a", "a BREAK b BREAK", ", " * 80, "cat " * 74 + "antidisestablishmentarianism", "cat " * 75, "cat " * 76]
prompts += ["cat " * 60 + "red, " + "dog " * n + "antidisestablishmentarianism, end" for n in (8, 11, 12, 13, 14, 15)]
prompts += ["cat " * (74 - n) + "," + " dog" * (n + 3) for n in (0, 1, 19, 20, 21)]
prompts += ["cat " * 72 + "(xkqzv birch lighthouse:1.2) dog", "cat " * 72 + "(xkqzv birch lighthouse watercolour antidisestablishmentarianism:0.8) dog"]
while len(prompts) < 40:
    parts = [" ".join(random.choices(long_words, k=random.randint(1, 6))) for _ in range(random.randint(10, 24))]
    prompts.append(", ".join(f"({part}:{random.choice(['1.1', '1.2', '0.9'])})" if random.random() < 0.3 else part for part in parts))
cases = []
for prompt in prompts:
    chunks, _ = classic["tokenize_line"](engine, prompt)
    cases.append({
        "prompt": prompt,
        "a1111": [count(chunk.tokens) for chunk in chunks],
        "comfyui": [count([id for id, _ in chunk]) for chunk in comfy["tokenize_with_weights"](words, prompt)],
    })
with open(out_path, "w", encoding="utf-8") as out:
    out.write(json.dumps({"cases": cases}, separators=(",", ":")) + "\n")
