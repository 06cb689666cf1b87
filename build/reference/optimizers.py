"""Records AdamW, gradient clipping, EMA decay and learning-rate factors of torch and diffusers, for engine/training/optimizers/*.test.ts.

Run: python build/reference/optimizers.py, then prettier on what it writes: engine/training/optimizers/fixtures/optimizers.json
"""

import base64
import json
from pathlib import Path

import diffusers
import numpy as np
import torch
from diffusers.optimization import get_scheduler
from diffusers.training_utils import EMAModel

SIZE, STEPS = 32, 30
FIXTURE = Path(__file__).parents[2] / "engine/training/optimizers/fixtures/optimizers.json"
random = torch.Generator().manual_seed(30)


def packed(array) -> str:
    return base64.b64encode(np.ascontiguousarray(array, dtype="<f4").tobytes()).decode()


def adamw(**options) -> dict:
    start = torch.randn(SIZE, generator=random)
    grads = torch.randn((STEPS, SIZE), generator=random) * torch.logspace(-6, 1, SIZE)
    parameter = torch.nn.Parameter(start.clone())
    optimizer = torch.optim.AdamW([parameter], foreach=False, **options)
    after = []
    for step in range(STEPS):
        parameter.grad = grads[step].clone()
        optimizer.step()
        after.append(parameter.detach().clone())
    return {"options": options, "start": packed(start), "grads": packed(grads), "params": packed(torch.stack(after))}


def clipped(max_norm: float) -> dict:
    grads = [torch.randn(n, generator=random) for n in (7, 12)]
    parameters = [torch.nn.Parameter(torch.zeros_like(g)) for g in grads]
    for parameter, grad in zip(parameters, grads):
        parameter.grad = grad.clone()
    norm = torch.nn.utils.clip_grad_norm_(parameters, max_norm)
    after = torch.cat([parameter.grad for parameter in parameters])
    return {"maxNorm": max_norm, "grads": packed(torch.cat(grads)), "norm": norm.item(), "clipped": packed(after)}


def factors(name: str, warmup: int, total: int) -> dict:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = get_scheduler(
        "constant_with_warmup" if name == "constant" else name, optimizer, num_warmup_steps=warmup, num_training_steps=total
    )
    values = []
    for _ in range(total + 3):
        values.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    return {"name": name, "warmupSteps": warmup, "totalSteps": total, "factors": values}


def decays(**options) -> dict:
    ema = EMAModel([torch.nn.Parameter(torch.zeros(1))], **options)
    return {
        "decay": options.get("decay", 0.9999),
        "warmup": bool(options.get("use_ema_warmup")),
        "decays": [ema.get_decay(step) for step in range(1, 12)] + [ema.get_decay(100000)],
    }


def main() -> None:
    record = {
        "programs": {"torch": torch.__version__, "diffusers": diffusers.__version__},
        "adamw": [
            adamw(lr=1e-2, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2),
            adamw(lr=1e-3, betas=(0.95, 0.99), eps=1e-6, weight_decay=0.0),
        ],
        "clip": [clipped(1.0), clipped(100.0)],
        "rates": [factors(name, warmup, total) for name in ("constant", "linear", "cosine") for warmup, total in ((0, 10), (4, 13))],
        "ema": [decays(), decays(decay=0.995, use_ema_warmup=True, power=2 / 3)],
    }
    FIXTURE.parent.mkdir(parents=True, exist_ok=True)
    FIXTURE.write_text(json.dumps(record, indent=1) + "\n")


main()
