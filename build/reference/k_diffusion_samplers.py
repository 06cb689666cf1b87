"""Records what k-diffusion's samplers do as A1111 drives them, for engine/samplers/a1111.test.ts and heun.test.ts: its own noise levels, timesteps not rounded.

The network is a tape: its output at call i is tape[i] + 0.5 * (the input that the wrapper scaled), so a wrong scale shows.
Run: python build/reference/k_diffusion_samplers.py (needs k-diffusion 0.1.1); it writes k-diffusion.json and k-diffusion-heun.json in engine/samplers/fixtures
"""

import base64
import json
import sys
import types
from pathlib import Path

import numpy as np
import torch

# Needed by its evaluation of models only, and not installable everywhere.
sys.modules.setdefault("clip", types.ModuleType("clip"))
import k_diffusion as K

STEPS, SHAPE = 12, (1, 4, 4, 4)
random = torch.Generator().manual_seed(21)
START, TAPE = torch.randn(SHAPE, generator=random), torch.randn((STEPS, *SHAPE), generator=random)
betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
ALPHAS = torch.cumprod(1 - betas, 0).float()


def packed(array) -> str:
    return base64.b64encode(np.ascontiguousarray(array, dtype="<f4").tobytes()).decode()


def model(prediction: str, tape: torch.Tensor):
    """A wrapped network, and the timesteps that it has seen."""
    seen = []

    def network(x, t, cond):
        seen.append(float(t))
        return tape[len(seen) - 1] + 0.5 * x

    kind = K.external.CompVisDenoiser if prediction == "epsilon" else K.external.CompVisVDenoiser
    inner = types.SimpleNamespace(alphas_cumprod=ALPHAS, apply_model=lambda x, t, cond=None: network(x, t, cond))
    # quantize: A1111's option "enable_quantization", off unless chosen.
    wrapped = kind.__new__(kind)
    torch.nn.Module.__init__(wrapped)
    K.external.DiscreteSchedule.__init__(wrapped, ((1 - ALPHAS) / ALPHAS) ** 0.5, False)
    wrapped.sigma_data = 1.0
    object.__setattr__(wrapped, "inner_model", inner)
    return wrapped, seen


def record(prediction: str, spacing: str, steps: int) -> dict:
    wrapped, seen = model(prediction, TAPE)
    sigmas = wrapped.get_sigmas(steps) if spacing == "uniform" else K.sampling.get_sigmas_karras(steps, wrapped.sigma_min, wrapped.sigma_max)
    after = []
    call = lambda x, sigma, **extra: (after.append(x.clone()), wrapped(x, sigma, cond=None, **extra))[1]
    last = K.sampling.sample_dpmpp_2m(call, START * sigmas[0], sigmas, disable=True)
    return {
        "prediction": prediction,
        "spacing": spacing,
        "steps": steps,
        "timesteps": seen,
        "sigmas": sigmas.tolist(),
        # States before each step, with noise added to a clean latent (x0 + sigma eps), and the result.
        "latents": packed(torch.stack([*after, last])),
    }


HEUN_STEPS = 6
HEUN_TAPE, HEUN_NOISE = (torch.randn((n, *SHAPE), generator=random) for n in (2 * HEUN_STEPS, HEUN_STEPS))


def record_heun(prediction: str, steps: int, options: dict) -> dict:
    wrapped, seen = model(prediction, HEUN_TAPE)
    sigmas = wrapped.get_sigmas(steps)
    noise = iter(HEUN_NOISE)
    K.sampling.torch.randn_like = lambda x: next(noise)
    # A1111: 0 is no end. Without churn the solver draws its noise all the same and adds none.
    given = {**options, "s_tmax": options.get("s_tmax") or float("inf")}
    states = []
    # A state behind a step is what the next begins with before its churn: runs of the first steps alone end there.
    for end in range(1, steps + 1):
        del seen[:]
        noise = iter(HEUN_NOISE)
        cut = sigmas[: end + 1]
        # Churn is shared out over all steps of the grid.
        share = {**given, "s_churn": given.get("s_churn", 0.0) * end / steps}
        states.append(K.sampling.sample_heun(lambda x, sigma: wrapped(x, sigma, cond=None), START * sigmas[0], cut, disable=True, **share))
    return {"prediction": prediction, "steps": steps, "options": options, "timesteps": seen, "latents": packed(torch.stack(states))}


runs = [record(prediction, spacing, STEPS) for prediction in ("epsilon", "v_prediction") for spacing in ("uniform", "karras")]
runs += [record("epsilon", spacing, 1) for spacing in ("uniform", "karras")]
fixture = {"start": packed(START), "tape": packed(TAPE), "runs": runs}
out = Path(__file__).parents[2] / "engine/samplers/fixtures"
(out / "k-diffusion.json").write_text(json.dumps(fixture, indent=1) + "\n")

churns = [{}, {"s_churn": 1.5}, {"s_churn": 20, "s_noise": 1.1, "s_tmin": 0.5, "s_tmax": 8}]
heun = [record_heun(prediction, HEUN_STEPS, options) for prediction in ("epsilon", "v_prediction") for options in churns]
heun += [record_heun("epsilon", 1, {"s_churn": 0.2})]
fixture = {"start": packed(START), "tape": packed(HEUN_TAPE), "noise": packed(HEUN_NOISE), "runs": heun}
(out / "k-diffusion-heun.json").write_text(json.dumps(fixture, indent=1) + "\n")
