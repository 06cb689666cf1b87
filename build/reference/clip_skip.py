"""What condition a UNet with CLIP skip, by transformers: hidden states of the text encoders of recorded cases.

    python build/reference/clip_skip.py engine/models/fixtures/clip-skip.json engine/fixtures/reference/sd1-eps …

The number counts as in A1111 and in sd-scripts: 1 is the last layer of the published encoder. Stable Diffusion 2's files have lost that layer, and SDXL
takes the states of the one before it without the last norm (diffusers, `clip_skip` of the pipelines, which counts from 0).
"""
import json
import os
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch

import models

PROMPT = "an old man, 7 cats"


def states(encoder, ids, family, skip):
    out = encoder(ids, output_hidden_states=True)
    # hidden_states[-1] of Stable Diffusion 2's is the last but one of the published encoder.
    hidden = out.hidden_states[-(skip if family != "sd2" else max(1, skip - 1))]
    if family == "sdxl":
        hidden = out.hidden_states[-max(2, skip)]
        return hidden
    return encoder.final_layer_norm(hidden) if hasattr(encoder, "final_layer_norm") else encoder.text_model.final_layer_norm(hidden)


cases = []
for folder in sys.argv[2:]:
    case, pipe = models.recorded(folder)
    family = case["config"]["family"]
    parts = [("tokenizer", "text_encoder")] + ([("tokenizer_2", "text_encoder_2")] if family == "sdxl" else [])
    layers = pipe.text_encoder.config.num_hidden_layers
    for skip in range(1, 4):
        rows = []
        for words, encoder in parts:
            tokenizer, module = getattr(pipe, words), getattr(pipe, encoder)
            positions = module.config.max_position_embeddings
            ids = tokenizer(PROMPT, add_special_tokens=False).input_ids[: positions - 2]
            row = [tokenizer.bos_token_id, *ids, tokenizer.eos_token_id]
            row += [tokenizer.pad_token_id] * (positions - len(row))
            if skip - (1 if family != "sd1" else 0) > module.config.num_hidden_layers:
                break
            rows.append(states(module, torch.tensor([row]), family, skip))
        if len(rows) == len(parts):
            joined = torch.cat(rows, -1)
            # Every seventh number is enough to tell layers apart.
            cases.append({"case": os.path.basename(folder), "clipSkip": skip, "layers": layers, "states": [round(v, 8) for v in joined.flatten()[::7].tolist()]})
with open(sys.argv[1], "w") as file:
    json.dump({"prompt": PROMPT, "every": 7, "cases": cases}, file)
