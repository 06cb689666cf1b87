"""Records the noise levels of schedules, for engine/schedules/schedules.test.ts: from k-diffusion where it has them, else by the formulae of A1111
(modules/sd_schedulers.py) and ComfyUI (comfy/samplers.py), which are no packages: written down here as they stand there.

Run: python build/reference/schedules.py (needs k-diffusion 0.1.1, scipy); it writes engine/schedules/fixtures/schedules.json
"""

import json
import math
import sys
import types
from pathlib import Path

import numpy as np
import torch
from scipy import stats

# Needed by its evaluation of models only, and not installable everywhere.
sys.modules.setdefault("clip", types.ModuleType("clip"))
import k_diffusion as K

STEPS = (1, 2, 5, 10, 20, 50)
torch.set_default_dtype(torch.float64)


def table(zero_terminal: bool) -> torch.Tensor:
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2
    alphas = torch.cumprod(1 - betas, 0)
    if zero_terminal:
        # Lin et al. 2023, algorithm 1; the last is the smallest number of fp16, as in diffusers.
        roots = alphas.sqrt()
        first, last = roots[0].clone(), roots[-1].clone()
        roots = (roots - last) * (first / (first - last))
        alphas = roots**2
        alphas[-1] = 2**-24
    return ((1 - alphas) / alphas) ** 0.5


class Model:
    """A model's noise levels as k-diffusion, and as ComfyUI, asks for them."""

    def __init__(self, sigmas):
        self.sigmas = sigmas
        self.sigma_min, self.sigma_max = float(sigmas[0]), float(sigmas[-1])
        self.wrapped = K.external.DiscreteSchedule.__new__(K.external.DiscreteSchedule)
        torch.nn.Module.__init__(self.wrapped)
        K.external.DiscreteSchedule.__init__(self.wrapped, sigmas, False)
        self.last = len(sigmas) - 1

    def sigma(self, t) -> float:
        return float(self.wrapped.t_to_sigma(torch.tensor(float(t))))

    def timestep(self, sigma) -> int:
        return int((math.log(sigma) - self.sigmas.log()).abs().argmin())


def normal(m, n, sgm=False):
    ts = torch.linspace(m.last, 0, n + 1)[:-1] if sgm else torch.linspace(m.last, 0, n)
    return [m.sigma(t) for t in ts] + [0.0]


def simple(m, n):
    ss = len(m.sigmas) / n
    return [float(m.sigmas[-(1 + int(x * ss))]) for x in range(n)] + [0.0]


def ddim(m, n):
    found, x = [], 1
    ss = max(len(m.sigmas) // n, 1)
    while x < len(m.sigmas):
        found += [float(m.sigmas[x])]
        x += ss
    return found[::-1] + [0.0]


def beta_a1111(m, n, alpha=0.6, beta=0.6):
    quantiles = [stats.beta.ppf(x, alpha, beta) for x in 1 - np.linspace(0, 1, n)]
    return [m.sigma_min + x * (m.sigma_max - m.sigma_min) for x in quantiles] + [0.0]


def beta_comfyui(m, n, alpha=0.6, beta=0.6):
    ts = np.rint(stats.beta.ppf(1 - np.linspace(0, 1, n, endpoint=False), alpha, beta) * m.last)
    found, last = [], -1
    for t in ts:
        if t != last:
            found += [float(m.sigmas[int(t)])]
        last = t
    return found + [0.0]


def kl_a1111(m, n):
    low, high = math.atan(m.sigma_min), math.atan(m.sigma_max)
    return [math.tan(i / n * low + (1 - i / n) * high) for i in range(n + 1)]


def kl_comfyui(m, n):
    # Of one step it is 0/0 there: ours begins at the highest level.
    low, high = math.atan(m.sigma_min), math.atan(m.sigma_max)
    return [math.tan(i / max(n - 1, 1) * low + (1 - i / max(n - 1, 1)) * high) for i in range(n)] + [0.0]


AYS = {
    "sd1": [14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029],
    "sdxl": [14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.380, 0.234, 0.113, 0.029],
    "comfyui": [14.6146412293, 6.3184485287, 3.7681790315, 2.1811480769, 1.3405244945, 0.8620721141, 0.5550693289, 0.3798540708, 0.2332364134, 0.1114188177, 0.0291671582],
}


def ays(table, comfyui=False):
    def between(n):
        levels = AYS[table]
        if n == len(levels):
            return list(levels)
        # Of one it is the lowest there: ours begins at the highest level.
        if n == 1:
            return [levels[0]]
        return np.exp(np.interp(np.linspace(0, 1, n), np.linspace(0, 1, len(levels)), np.log(levels[::-1])))[::-1].tolist()

    return lambda m, n: [*between(n + 1)[:-1], 0.0] if comfyui else [*between(n), 0.0]


def k(name, **options):
    def levels(m, n):
        return getattr(K.sampling, "get_sigmas_" + name)(n, m.sigma_min, m.sigma_max, **options).tolist()

    return levels


both = ("a1111", "comfyui")
CASES = [
    ("uniform", {}, (None,), lambda m, n: m.wrapped.get_sigmas(n).tolist()),
    ("karras", {}, both, k("karras")),
    ("karras", {"rho": 3}, both[:1], k("karras", rho=3)),
    ("exponential", {}, both, k("exponential")),
    ("polyexponential", {}, both[:1], k("polyexponential")),
    ("polyexponential", {"rho": 1.7}, both[:1], k("polyexponential", rho=1.7)),
    ("normal", {}, both, normal),
    ("sgm-uniform", {}, both, lambda m, n: normal(m, n, True)),
    ("simple", {}, both, simple),
    ("ddim-uniform", {}, both, ddim),
    ("beta", {}, both[:1], beta_a1111),
    ("beta", {}, both[1:], beta_comfyui),
    ("beta", {"betaAlpha": 0.35, "betaBeta": 1.9}, both[:1], lambda m, n: beta_a1111(m, n, 0.35, 1.9)),
    ("beta", {"betaAlpha": 2.5, "betaBeta": 0.8}, both[1:], lambda m, n: beta_comfyui(m, n, 2.5, 0.8)),
    ("kl-optimal", {}, both[:1], kl_a1111),
    ("kl-optimal", {}, both[1:], kl_comfyui),
    ("align-your-steps", {}, both[:1], ays("sd1")),
    ("align-your-steps", {"alignedFor": "stable-diffusion-xl"}, both[:1], ays("sdxl")),
    ("align-your-steps", {"alignedFor": "stable-diffusion-xl"}, both[1:], ays("comfyui", True)),
]


def record(model, dialect, levels, n):
    sigmas = levels(model, n)
    if dialect == "comfyui":
        timesteps = [model.timestep(s) for s in sigmas[:-1]]
        # `max_denoise`: noise alone, whatever the first level.
        pure = math.isclose(model.sigma_max, sigmas[0], rel_tol=1e-5) or sigmas[0] > model.sigma_max
        return {"steps": n, "sigmas": [float("%.9g" % s) for s in sigmas], "timesteps": timesteps, "pure": pure}
    return {"steps": n, "sigmas": [float("%.9g" % s) for s in sigmas]}


runs = [
    {"schedule": name, "options": {**options, **({"dialect": d} if d else {})}, "zeroTerminal": zero, "grids": [record(m, d, levels, n) for n in STEPS]}
    for zero in (False, True)
    for m in [Model(table(zero))]
    for name, options, dialects, levels in CASES
    for d in dialects
]
out = Path(__file__).parents[2] / "engine/schedules/fixtures"
out.mkdir(exist_ok=True)
(out / "schedules.json").write_text(json.dumps(runs) + "\n")
