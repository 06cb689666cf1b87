"""Records thirty updates of Lion as its paper writes them, in torch, for engine/training/optimizers/lion.test.ts.

Run: python build/reference/lion.py, then prettier on what it writes: engine/training/optimizers/fixtures/lion.json
"""

import base64
import json
from pathlib import Path

import numpy as np
import torch

SIZE, STEPS = 32, 30
FIXTURE = Path(__file__).parents[2] / "engine/training/optimizers/fixtures/lion.json"
random = torch.Generator().manual_seed(31)


def packed(array) -> str:
    return base64.b64encode(np.ascontiguousarray(array, dtype="<f4").tobytes()).decode()


def lion(lr: float, betas: tuple[float, float], weight_decay: float) -> dict:
    beta1, beta2 = betas
    start = torch.randn(SIZE, generator=random)
    # Also gradients of exactly zero: their sign is zero.
    grads = torch.randn((STEPS, SIZE), generator=random) * torch.logspace(-6, 1, SIZE)
    grads[:, 0] = 0
    theta, momentum, after, moments = start.clone(), torch.zeros(SIZE), [], []
    for g in grads:
        c = beta1 * momentum + (1 - beta1) * g
        theta = theta - lr * (torch.sign(c) + weight_decay * theta)
        momentum = beta2 * momentum + (1 - beta2) * g
        after.append(theta.clone())
        moments.append(momentum.clone())
    return {
        "options": {"lr": lr, "beta1": beta1, "beta2": beta2, "weightDecay": weight_decay},
        "start": packed(start),
        "grads": packed(grads),
        "params": packed(torch.stack(after)),
        "m": packed(torch.stack(moments)),
    }


runs = [lion(1e-3, (0.9, 0.99), 0.01), lion(0.02, (0.95, 0.98), 1.0), lion(0.1, (0.0, 0.5), 0.0)]
FIXTURE.write_text(json.dumps(runs))
