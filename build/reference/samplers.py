"""Records the end of runs of k-diffusion's samplers, and of diffusers' where k-diffusion has none, for engine/samplers/reference.test.ts.

The network is a formula of the input that the wrapper scaled and of the timestep; the noise of each draw one of its number. Both are written down in the
test too, and all is computed in float64, so that the recording is the formula's own.
Run: python build/reference/samplers.py (needs k-diffusion 0.1.1, diffusers 0.42); it writes engine/samplers/fixtures/reference.json
"""

import json
import sys
import types
from pathlib import Path

import numpy as np
import torch

# Needed by its evaluation of models only, and not installable everywhere.
sys.modules.setdefault("clip", types.ModuleType("clip"))
import diffusers as D
import k_diffusion as K
from diffusers.schedulers import scheduling_lcm, scheduling_tcd

torch.set_default_dtype(torch.float64)
SIZE = 6
STEPS = (5, 10, 20, 50)
INDEX = torch.arange(1, SIZE + 1)


def spread(number: int) -> torch.Tensor:
    """Anything but smooth in its number, within ±1.7."""
    return ((torch.sin(INDEX + SIZE * number) * 9973) % 1 - 0.5) * 3.4


START = spread(1000)


def network(x, t):
    return torch.tanh(0.8 * x + torch.sin(t / 90 + INDEX))


def alphas(zero_terminal: bool) -> torch.Tensor:
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2
    products = torch.cumprod(1 - betas, 0)
    if zero_terminal:
        # Lin et al. 2023, algorithm 1; the last is the smallest number of fp16, as in diffusers.
        roots = products.sqrt()
        first, last = roots[0].clone(), roots[-1].clone()
        products = ((roots - last) * (first / (first - last))) ** 2
        products[-1] = 2**-24
    return products


MODELS = {"epsilon": ("epsilon", False), "v": ("v_prediction", False), "v-zero-snr": ("v_prediction", True)}


def wrapped(model: str):
    prediction, zero_terminal = MODELS[model]
    table = alphas(zero_terminal)
    kind = K.external.CompVisDenoiser if prediction == "epsilon" else K.external.CompVisVDenoiser
    one = kind.__new__(kind)
    torch.nn.Module.__init__(one)
    K.external.DiscreteSchedule.__init__(one, ((1 - table) / table) ** 0.5, False)
    one.sigma_data = 1.0
    object.__setattr__(one, "inner_model", types.SimpleNamespace(apply_model=lambda x, t, cond=None: network(x, t)))
    return one


def by_k_diffusion(solver, schedule="uniform", discard=False, **options):
    def run(model: str, steps: int):
        denoise = wrapped(model)
        n = steps + 1 if discard else steps
        low, high = denoise.sigma_min, denoise.sigma_max
        sigmas = {
            "uniform": lambda: denoise.get_sigmas(n),
            "karras": lambda: K.sampling.get_sigmas_karras(n, low, high),
            "exponential": lambda: K.sampling.get_sigmas_exponential(n, low, high),
        }[schedule]()
        if discard:
            sigmas = torch.cat([sigmas[:-2], sigmas[-1:]])
        drawn = iter(range(10000))
        K.sampling.torch.randn_like = lambda x: spread(next(drawn)).reshape(x.shape)
        K.sampling.BrownianTreeNoiseSampler = lambda x, low, high: lambda a, b: spread(next(drawn)).reshape(x.shape)
        K.sampling.default_noise_sampler = lambda x: lambda a, b: spread(next(drawn)).reshape(x.shape)
        call = lambda x, sigma: denoise(x, sigma, cond=None)
        given = {**options, **({"s_tmax": options.get("s_tmax") or float("inf")} if "s_churn" in options else {})}
        return solver(call, (START * sigmas[0])[None], sigmas, disable=True, **given)[0]

    return run


def by_diffusers(kind, call={}, **config):
    """A scheduler whose own tables are made anew in float64."""

    def run(model: str, steps: int):
        prediction, zero_terminal = MODELS[model]
        scheduler = kind(
            num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", prediction_type=prediction,
            timestep_spacing="trailing" if zero_terminal else "leading", steps_offset=1, **config,
        )
        table = alphas(zero_terminal)
        if kind in (D.LCMScheduler, D.TCDScheduler) and zero_terminal:
            table[-1] = 0
        scheduler.alphas_cumprod = table
        if kind is D.PNDMScheduler:
            scheduler.final_alpha_cumprod = table[0]
        drawn = iter(range(10000))
        draw = lambda shape, **_: spread(next(drawn)).reshape(shape)
        scheduling_lcm.randn_tensor = scheduling_tcd.randn_tensor = draw
        scheduler.set_timesteps(steps)
        if hasattr(scheduler, "sigmas"):
            whole = np.array(((1 - table) / table) ** 0.5)
            last = scheduler.sigmas[-1] if float(scheduler.sigmas[-1]) == 0 else torch.tensor(whole[0])
            scheduler.sigmas = torch.cat([torch.tensor(np.interp(scheduler.timesteps.numpy(), np.arange(1000), whole)), last.double()[None]])
        x = START[None]
        for t in scheduler.timesteps:
            x = scheduler.step(network(x, t), t, x, **call).prev_sample
        return x[0]

    return run


S = K.sampling
CHURN = {"s_churn": 20.0, "s_noise": 1.1, "s_tmin": 0.5, "s_tmax": 8.0}
# Its bh1 makes no number of a step to no noise.
BH1 = {"solver_type": "bh1", "solver_order": 3, "final_sigmas_type": "sigma_min"}
# name, options, schedule in place of the sampler's own, how it is recorded
RUNS = [
    ("lms", {}, None, by_k_diffusion(S.sample_lms)),
    ("lms", {"solverOrder": 3}, "karras", by_k_diffusion(S.sample_lms, "karras", order=3)),
    ("euler", CHURN, "uniform", by_k_diffusion(S.sample_euler, **CHURN)),
    ("dpm2", {}, None, by_k_diffusion(S.sample_dpm_2, "karras", discard=True)),
    ("dpm2", {**CHURN, "discard": False}, "uniform", by_k_diffusion(S.sample_dpm_2, **CHURN)),
    ("dpm2-ancestral", {}, None, by_k_diffusion(S.sample_dpm_2_ancestral, "karras", discard=True)),
    ("dpm2-ancestral", {"eta": 0.4, "s_noise": 1.05, "discard": False}, "uniform", by_k_diffusion(S.sample_dpm_2_ancestral, eta=0.4, s_noise=1.05)),
    ("dpmpp-2s-ancestral", {}, None, by_k_diffusion(S.sample_dpmpp_2s_ancestral, "karras")),
    ("dpmpp-2s-ancestral", {"eta": 0.4, "s_noise": 0.95}, "uniform", by_k_diffusion(S.sample_dpmpp_2s_ancestral, eta=0.4, s_noise=0.95)),
    ("dpmpp-sde", {}, None, by_k_diffusion(S.sample_dpmpp_sde, "karras")),
    ("dpmpp-sde", {"eta": 0.6, "sdeR": 0.35, "s_noise": 1.02}, "uniform", by_k_diffusion(S.sample_dpmpp_sde, eta=0.6, r=0.35, s_noise=1.02)),
    ("dpmpp-2m-sde", {}, None, by_k_diffusion(S.sample_dpmpp_2m_sde, "exponential")),
    ("dpmpp-2m-sde", {"eta": 0}, "karras", by_k_diffusion(S.sample_dpmpp_2m_sde, "karras", eta=0.0)),
    ("dpmpp-2m-sde-heun", {}, None, by_k_diffusion(S.sample_dpmpp_2m_sde, "exponential", solver_type="heun")),
    ("dpmpp-3m-sde", {}, None, by_k_diffusion(S.sample_dpmpp_3m_sde, "exponential", discard=True)),
    ("dpmpp-3m-sde", {"eta": 0.5, "discard": False, "s_noise": 1.03}, "uniform", by_k_diffusion(S.sample_dpmpp_3m_sde, eta=0.5, s_noise=1.03)),
    ("unipc", {}, None, by_diffusers(D.UniPCMultistepScheduler)),
    ("unipc", {"solverType": "bh1", "solverOrder": 3}, "multistep-lowest", by_diffusers(D.UniPCMultistepScheduler, **BH1)),
    ("unipc-bh1", {}, "multistep-lowest", by_diffusers(D.UniPCMultistepScheduler, **BH1)),
    ("deis", {}, None, by_diffusers(D.DEISMultistepScheduler)),
    ("deis", {"solverOrder": 3}, None, by_diffusers(D.DEISMultistepScheduler, solver_order=3)),
    ("unipc", {"solverOrder": 3}, None, by_diffusers(D.UniPCMultistepScheduler, solver_order=3)),
    ("deis", {"solverOrder": 1}, None, by_diffusers(D.DEISMultistepScheduler, solver_order=1)),
    ("pndm", {}, None, by_diffusers(D.PNDMScheduler, skip_prk_steps=True)),
    ("lcm", {}, None, by_diffusers(D.LCMScheduler)),
    ("tcd", {}, None, by_diffusers(D.TCDScheduler, call={"eta": 0.3})),
    ("tcd", {"eta": 0}, None, by_diffusers(D.TCDScheduler, call={"eta": 0.0})),
]

# PNDM divides by the signal: diffusers has it not without signal at the end.
runs = [
    {"sampler": name, "options": options, **({"schedule": schedule} if schedule else {}), "model": model, "ends": {
        str(steps): [float(f"{value:.8g}") for value in run(model, steps)] for steps in (STEPS if not options or name == "unipc" else STEPS[:2])
    }}
    for name, options, schedule, run in RUNS
    for model in MODELS
    if not (name == "pndm" and model == "v-zero-snr")
]
out = Path(__file__).parents[2] / "engine/samplers/fixtures/reference.json"
out.write_text("[\n" + ",\n".join(json.dumps(run, separators=(",", ":")) for run in runs) + "\n]\n")
print(len(runs), out.stat().st_size)
