"""Records a cross-attention layer whose adapters act in regions, for engine/sessions/open-regions.test.ts.

Each cell of a picture is computed by itself, with the weights that the adapters make which act there: W + sum of mask * (alpha / R) * B * A, in
queries, keys, values and the output. No two cells share anything, so that nothing of the engine's grouping is in it.
Run: python build/reference/regions.py (needs torch); it writes engine/sessions/fixtures/regions.json
"""

import json
from pathlib import Path

import torch

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)
H, W, C, T, D, HEADS = 3, 4, 8, 5, 6, 2
LAYERS = {"to_q": (C, C), "to_k": (C, D), "to_v": (C, D), "to_out.0": (C, C)}
RANKS = (2, 3, 1)  # one that acts everywhere, two in regions of their own


def rounded(shape, scale=1.0):
    return (torch.randn(shape) * scale).float().double()


weights = {name: rounded(shape, 0.5) for name, shape in LAYERS.items()}
adapters = [{name: (rounded((r, shape[1]), 0.6), rounded((shape[0], r), 0.6)) for name, shape in LAYERS.items()} for r in RANKS]
x, context = rounded((2, H * W, C)), rounded((2, T, D))
# Bytes, as a mask has them; the two overlap.
masks = torch.stack([torch.full((H * W,), 255), *(torch.randint(0, 2, (2, H * W)) * torch.randint(100, 256, (2, H * W)))]).double()


def at(name, cell):
    return weights[name] + sum(masks[a, cell] / 255 * (up @ down) for a, (down, up) in enumerate(one[name] for one in adapters))


out = torch.zeros(2, H * W, C)
for n in range(2):
    for cell in range(H * W):
        q, k, v = at("to_q", cell) @ x[n, cell], context[n] @ at("to_k", cell).T, context[n] @ at("to_v", cell).T
        heads = [
            torch.nn.functional.scaled_dot_product_attention(a[None], b, c)
            for a, b, c in ((q[h : h + C // HEADS], k[:, h : h + C // HEADS], v[:, h : h + C // HEADS]) for h in range(0, C, C // HEADS))
        ]
        out[n, cell] = at("to_out.0", cell) @ torch.cat(heads, -1)[0]


def told(tensor):
    return {"shape": list(tensor.shape), "data": [float(f"{value:.9g}") for value in tensor.flatten().tolist()]}


case = {
    "heads": HEADS,
    "height": H,
    "width": W,
    "x": told(x),
    "context": told(context),
    "masks": [[int(value) for value in mask.tolist()] for mask in masks[1:]],
    "weights": {name: told(value) for name, value in weights.items()},
    "adapters": [{name: {"down": told(down), "up": told(up)} for name, (down, up) in one.items()} for one in adapters],
    "out": told(out),
}
path = Path(__file__).parents[2] / "engine/sessions/fixtures/regions.json"
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps(case) + "\n")
