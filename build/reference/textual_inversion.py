"""What diffusers' pipelines encode with textual inversions loaded, on the tiny models of recorded cases.

    python build/reference/textual_inversion.py engine/fixtures/textual-inversion engine/fixtures/reference/sd1-eps …

Per case: a one-vector embedding as diffusers saves it, one of three vectors as A1111 and OneTrainer do, and for each prompt what
`encode_prompt` gives. `prompts.json` has the prompts; tensors are called `<index>/<context | negative | pooled>`.
"""
import json
import os
import shutil
import sys
import tempfile

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from safetensors.torch import save_file

import models
import tokenizer
import weights

TOKEN, NAME = "<cat-toy>", "ink"
PROMPTS = [
    ["a <cat-toy> in the sea", ""],
    ["a house in ink by <Cat-Toy>", "ink rain"],
    ["ink, ink and ink", "the <cat-toy>"],
]


def encoders(pipe):
    pairs = [(pipe.text_encoder, pipe.tokenizer)]
    return pairs + ([(pipe.text_encoder_2, pipe.tokenizer_2)] if hasattr(pipe, "text_encoder_2") else [])


def encode(pipe, prompt, negative):
    with torch.no_grad():
        out = pipe.encode_prompt(prompt=prompt, negative_prompt=negative, device="cpu", num_images_per_prompt=1, do_classifier_free_guidance=True)
    return dict(zip(("context", "negative", "pooled"), out))


def record(target, case_folder):
    name = os.path.basename(case_folder.rstrip("/"))
    out = os.path.join(target, name)
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    with open(os.path.join(case_folder, "case.json")) as file:
        case = json.load(file)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(case_folder, folder, dirs_exist_ok=True)
        with open(os.path.join(folder, "weights.json")) as file:
            weights.expand(json.load(file), folder)
        pipe = models.load(case["config"], folder)
    random = torch.Generator().manual_seed(case["seed"] + 2000)
    vocab, _ = tokenizer.build()
    ones, threes = {}, {}
    for (encoder, words), key in zip(encoders(pipe), ("clip_l", "clip_g")):
        # Added tokens have larger ids than the end mark: with the old ids of published folders, transformers would pool at them.
        for module in encoder.modules():
            if hasattr(module, "eos_token_id"):
                module.eos_token_id = vocab["<|endoftext|>"]
        encoder.config.eos_token_id = vocab["<|endoftext|>"]
        table = encoder.get_input_embeddings().weight
        draw = lambda n: torch.randn((n, table.shape[1]), generator=random) * table.std()
        ones[key], threes[key] = draw(1)[0], draw(3)
        pipe.load_textual_inversion(ones[key], token=TOKEN, text_encoder=encoder, tokenizer=words)
        pipe.load_textual_inversion(threes[key], token=NAME, text_encoder=encoder, tokenizer=words)
    two = len(ones) > 1
    save_file(ones if two else {TOKEN: ones["clip_l"]}, os.path.join(out, "cat-toy.safetensors"))
    save_file(threes if two else {"emb_params": threes["clip_l"]}, os.path.join(out, "ink.safetensors"))
    encoded = {}
    for n, (prompt, negative) in enumerate(PROMPTS):
        for role, tensor in encode(pipe, prompt, negative).items():
            encoded[f"{n}/{role}"] = tensor[0].clone().contiguous()
    save_file(encoded, os.path.join(out, "encoded.safetensors"))
    print(name, {key: tuple(tensor.shape) for key, tensor in encoded.items()})


if __name__ == "__main__":
    torch.set_num_threads(1)
    for folder in sys.argv[2:]:
        record(sys.argv[1], folder)
    with open(os.path.join(sys.argv[1], "prompts.json"), "w") as file:
        file.write(json.dumps(PROMPTS, indent=1) + "\n")
