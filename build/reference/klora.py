"""K-LoRA's choice by layer and step: `python build/reference/klora.py > engine/adapters/compositions/fixtures/klora.json`.

The arithmetic of the paper's own code (HVision-NKU/K-LoRA: klora.py, utils.py) over layers of several shapes, ranks and scales: gamma is the mean over
layers of the ratio of all absolute values, S the sum of the r1 * r2 largest, and the subject's matrix is taken where S1 / gamma > S2 * scale.
"""
import json

import torch

torch.manual_seed(5)
# Outputs, inputs, ranks, and how strong the subject's is beside the style's.
LAYERS = [(6, 4, 2, 1, 1.0), (4, 8, 2, 2, 0.6), (5, 5, 1, 3, 1.9), (8, 3, 2, 2, 1.3), (4, 4, 1, 1, 0.8), (3, 9, 2, 1, 2.5), (7, 2, 1, 1, 1.1)]
STEPS = 10


def pair(outputs, inputs, rank, scale=1.0):
    # A heavy tail, so that the largest values are not merely the mean.
    up = torch.randn(outputs, rank) ** 3 * scale
    return up, torch.randn(rank, inputs)


def numbers(tensor):
    return [round(value, 6) for value in tensor.flatten().tolist()]


layers = []
for outputs, inputs, r1, r2, scale in LAYERS:
    made = []
    for rank, by in ((r1, scale), (r2, 1.0)):
        up, down = pair(outputs, inputs, rank, by)
        up, down = (torch.tensor(numbers(part), dtype=torch.float32).reshape(part.shape) for part in (up, down))
        made.append((up, down))
    layers.append(made)

products = [[torch.abs(up @ down) for up, down in made] for made in layers]
ratios = [(one.sum() / two.sum()).item() for one, two in products]
gamma = sum(ratios) / len(ratios)


def chosen(alpha, beta, wraps):
    table = []
    for step in range(STEPS):
        scale = alpha * step / STEPS + beta
        if wraps:
            scale = scale % alpha
        row = []
        for (one, two), ((up1, _), (up2, _)) in zip(products, layers):
            k = up1.shape[1] * up2.shape[1]
            s1, s2 = (torch.topk(matrix.flatten(), min(k, matrix.numel())).values.sum() for matrix in (one, two))
            row.append(0 if (s1 / gamma) / (s2 * scale) > 1 else 1)
        table.append(row)
    return table


print(
    json.dumps(
        {
            "gamma": gamma,
            "layers": [
                [{"up": numbers(up), "down": numbers(down), "outputs": up.shape[0], "rank": up.shape[1]} for up, down in made]
                for made in layers
            ],
            "cases": [
                {"alpha": alpha, "beta": beta, "wraps": wraps, "chosen": chosen(alpha, beta, wraps)}
                for alpha, beta, wraps in ((1.5, 0.5, False), (1.5, 1.275, True), (1.5, 0.1, False))
            ],
        }
    )
)
