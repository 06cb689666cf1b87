"""Records thirty updates of SGD and Muon (torch), Adafactor (transformers), Prodigy (prodigyopt) and Schedule-Free AdamW (schedulefree) on a matrix, a
kernel and a vector, for engine/training/optimizers/runs.test.ts.

Run: python build/reference/optimizer_runs.py: it writes engine/training/optimizers/fixtures/runs.json
Used: torch 2.15.0, transformers 5.23.0, prodigyopt 1.1.2, schedulefree 1.4.1.
"""

import base64
import json
from pathlib import Path

import numpy as np
import torch
from prodigyopt import Prodigy
from schedulefree import AdamWScheduleFree
from torch.optim import _muon
from transformers.optimization import Adafactor

SHAPES, STEPS = ((4, 6), (2, 3, 3, 3), (5,)), 30
SIZES = [int(np.prod(shape)) for shape in SHAPES]
SHOWN = [0, 1, 2, 9, 19, 29]
FIXTURE = Path(__file__).parents[2] / "engine/training/optimizers/fixtures/runs.json"
random = torch.Generator().manual_seed(32)

START = torch.randn(sum(SIZES), generator=random)
START[SIZES[0] : SIZES[0] + SIZES[1]] = 0  # as the second matrix of a LoRA begins
# Most steps agree about the way: an estimate such as Prodigy's has something to find.
WAY = torch.randn(sum(SIZES), generator=random)
GRADS = (WAY + torch.randn((STEPS, sum(SIZES)), generator=random)) * torch.logspace(-4, 0, sum(SIZES))
GRADS[0, 2] = 0
FLAT = [0.05] * STEPS
COURSE = [0.05 * min(1, step / 4) * (1 - step / 40) for step in range(STEPS)]


def packed(array) -> str:
    return base64.b64encode(np.ascontiguousarray(array, dtype="<f4").tobytes()).decode()


def parts(flat: torch.Tensor) -> list[torch.Tensor]:
    return [part.reshape(shape) for part, shape in zip(flat.split(SIZES), SHAPES)]


def run(name: str, options: dict, rates: list[float] | None, create, result=None, told=None) -> dict:
    """`options` as Pigment calls them; `create(parameters)` gives one or more optimizers of the reference."""
    parameters = [torch.nn.Parameter(part.clone()) for part in parts(START)]
    optimizers = create(parameters)
    after, results, numbers = [], [], []
    for step in range(STEPS):
        for parameter, grad in zip(parameters, parts(GRADS[step])):
            parameter.grad = grad.clone()
        for optimizer in optimizers:
            if rates:
                for group in optimizer.param_groups:
                    group["lr"] = rates[step]
            optimizer.step()
        if step in SHOWN:
            after.append(torch.cat([parameter.detach().flatten() for parameter in parameters]))
            if result:
                results.append(torch.cat([result(optimizers[0], parameter).flatten() for parameter in parameters]))
        if told:
            numbers.append(told(optimizers[0]))
    record = {"optimizer": name, "options": options, "rates": rates or FLAT, "params": packed(torch.stack(after))}
    if results:
        record["results"] = packed(torch.stack(results))
    if numbers:
        record["told"] = numbers
    return record


def sgd(momentum: float, dampening: float, nesterov: bool, decay: float, rates=FLAT) -> dict:
    options = {"momentum": momentum, "dampening": dampening, "nesterov": nesterov, "weightDecay": decay}
    own = dict(momentum=momentum, dampening=dampening, nesterov=nesterov, weight_decay=decay, foreach=False)
    return run("sgd", options, rates, lambda of: [torch.optim.SGD(of, lr=1, **own)])


def adafactor(options: dict, own: dict, rates=FLAT) -> dict:
    relative = own.get("relative_step", False)
    usual = dict(lr=None if relative else 1.0, scale_parameter=False, relative_step=False)
    return run("adafactor", options, None if relative else rates, lambda of: [Adafactor(of, **{**usual, **own})])


def prodigy(options: dict, own: dict, scale=20.0, rates=FLAT) -> dict:
    rates = [rate * scale for rate in rates]
    return run("prodigy", options, rates, lambda of: [Prodigy(of, **own)], told=lambda one: one.param_groups[0]["d"])


def schedule_free(options: dict, own: dict, rates=FLAT) -> dict:
    def looked_at(optimizer, y):  # what eval() puts in place of y, without the rounding of going there and back
        beta1, _ = optimizer.param_groups[0]["betas"]
        return y.detach().lerp(optimizer.state[y]["z"], 1 - 1 / beta1)

    def create(of):
        optimizer = AdamWScheduleFree(of, foreach=False, **own)
        optimizer.train()
        return [optimizer]

    return run("schedule-free", options, rates, create, result=looked_at)


POLYNOMIALS = ((7.711, -22.1138, 16.2487), (3.2153, -2.4112, 0.5013), (2.2183, -1.594, 0.4107))


def polar_express(x: torch.Tensor, *_) -> torch.Tensor:
    """In place of torch's, which takes another polynomial, in bf16: Amsel et al. 2025 as Pigment has it, in fp64."""
    y = x.double() / x.double().norm()
    y = y / (y @ y.T if y.shape[0] <= y.shape[1] else y.T @ y).norm().sqrt()
    for a, b, c in POLYNOMIALS:
        gram = y @ y.T
        y = a * y + (b * gram + c * gram @ gram) @ y
    return y.float()


class Matrices(torch.optim.Optimizer):
    """torch's Muon takes two axes alone: a kernel is seen as the matrix of its first axis."""

    def __init__(self, of, **own):
        self.seen = [parameter.data.view(parameter.shape[0], -1) for parameter in of]
        self.of = of
        for matrix in self.seen:
            matrix.requires_grad_(True)
        self.inner = torch.optim.Muon(self.seen, adjust_lr_fn="match_rms_adamw", nesterov=True, **own)
        super().__init__(of, {})

    def step(self):
        for group in self.inner.param_groups:
            group["lr"] = self.param_groups[0]["lr"]
        for matrix, parameter in zip(self.seen, self.of):
            matrix.grad = parameter.grad.view(matrix.shape)
        self.inner.step()


def muon(momentum: float, decay: float, rates=FLAT) -> dict:
    _muon._zeropower_via_newtonschulz = polar_express
    options = {"momentum": momentum, "weightDecay": decay}
    return run(
        "muon",
        options,
        rates,
        lambda of: [
            Matrices(of[:2], lr=1e-3, momentum=momentum, weight_decay=decay),
            torch.optim.AdamW(of[2:], lr=1, weight_decay=decay, foreach=False),
        ],
    )


RUNS = [
    sgd(0, 0, False, 0.1),
    sgd(0.9, 0, False, 0),
    sgd(0.9, 0.3, False, 0.1, COURSE),
    sgd(0.8, 0, True, 0.01),
    adafactor({"weightDecay": 0}, {}),
    adafactor({"weightDecay": 0.2, "beta1": 0.9}, dict(weight_decay=0.2, beta1=0.9), COURSE),
    adafactor({"weightDecay": 0, "scaleParameter": True, "clipThreshold": 0.5}, dict(scale_parameter=True, clip_threshold=0.5)),
    adafactor(
        {"weightDecay": 0.1, "scaleParameter": True, "relativeStep": True},
        dict(weight_decay=0.1, scale_parameter=True, relative_step=True),
    ),
    adafactor(
        {"weightDecay": 0, "relativeStep": True, "warmupInit": True, "decayRate": -0.5},
        dict(relative_step=True, warmup_init=True, decay_rate=-0.5),
    ),
    prodigy({"weightDecay": 0}, {}),
    prodigy({"weightDecay": 0.1, "useBiasCorrection": True}, dict(weight_decay=0.1, use_bias_correction=True)),
    prodigy(
        {"weightDecay": 0.1, "decouple": False, "beta1": 0, "growthRate": 1.5, "dCoef": 2},
        dict(weight_decay=0.1, decouple=False, betas=(0, 0.999), growth_rate=1.5, d_coef=2),
    ),
    prodigy(
        {"weightDecay": 0, "safeguardWarmup": True, "d0": 1e-4, "beta3": 0.9, "beta2": 0.99},
        dict(safeguard_warmup=True, d0=1e-4, beta3=0.9, betas=(0.9, 0.99)),
        rates=COURSE,
    ),
    schedule_free({"weightDecay": 0}, {}),
    schedule_free({"weightDecay": 0.1, "beta1": 0.95, "beta2": 0.99}, dict(weight_decay=0.1, betas=(0.95, 0.99)), COURSE[:15] + FLAT[15:]),
    schedule_free({"weightDecay": 0.02, "r": 1, "weightLrPower": 1}, dict(weight_decay=0.02, r=1, weight_lr_power=1)),
    muon(0.95, 0),
    muon(0.9, 0.1, COURSE),
]
FIXTURE.write_text(json.dumps({"shapes": SHAPES, "shown": SHOWN, "start": packed(START), "grads": packed(GRADS), "runs": RUNS}) + "\n")
