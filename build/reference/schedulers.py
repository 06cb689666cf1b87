"""Records what diffusers' schedulers do, for engine/samplers/sampler.test.ts.

The network is a tape: its output at step i is tape[i] + 0.5 * (the input the scheduler scaled), so a wrong scale shows.
Run: python build/reference/schedulers.py, then prettier on what it writes: engine/samplers/fixtures/schedulers.json
"""

import base64
import hashlib
import json
from pathlib import Path

import diffusers
import numpy as np
import torch
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler, EulerAncestralDiscreteScheduler, EulerDiscreteScheduler
from diffusers.schedulers import scheduling_euler_ancestral_discrete as ancestral

STEPS = 20
SHAPE = (1, 4, 8, 8)
FIXTURE = Path(__file__).parents[2] / "engine/samplers/fixtures/schedulers.json"

random = torch.Generator().manual_seed(20)
START = torch.randn(SHAPE, generator=random)
TAPE = torch.randn((STEPS, *SHAPE), generator=random)
NOISE = torch.randn((STEPS, *SHAPE), generator=random)

COMMON = dict(num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1)
MODELS = {
    "epsilon": dict(prediction_type="epsilon", timestep_spacing="leading"),
    "v": dict(prediction_type="v_prediction", timestep_spacing="leading"),
    "v-zero-snr": dict(prediction_type="v_prediction", timestep_spacing="trailing", rescale_betas_zero_snr=True),
    "clipped": dict(prediction_type="epsilon", timestep_spacing="leading", clip_sample=True, clip_sample_range=1.5),
}
SAMPLERS = {
    "ddim": (DDIMScheduler, dict(clip_sample=False, set_alpha_to_one=False)),
    "euler": (EulerDiscreteScheduler, {}),
    "euler-ancestral": (EulerAncestralDiscreteScheduler, {}),
    "euler-karras": (EulerDiscreteScheduler, dict(use_karras_sigmas=True)),
    "dpmpp-2m": (DPMSolverMultistepScheduler, {}),
    "dpmpp-2m-karras": (DPMSolverMultistepScheduler, dict(use_karras_sigmas=True)),
}


def packed(array) -> str:
    return base64.b64encode(np.ascontiguousarray(array, dtype="<f4").tobytes()).decode()


def record(sampler: str, model: str, eta: float = 0.0) -> dict:
    kind, options = SAMPLERS[sampler]
    scheduler = kind(**{**COMMON, **options, **MODELS[model]})
    scheduler.set_timesteps(STEPS)
    if hasattr(scheduler, "set_begin_index"):
        # With many Karras steps the first two sigmas can round to one timestep, and the scheduler would skip the first of them.
        scheduler.set_begin_index(0)
    x = START * scheduler.init_noise_sigma
    after = []
    for step, timestep in enumerate(scheduler.timesteps):
        output = TAPE[step] + 0.5 * scheduler.scale_model_input(x, timestep)
        ancestral.randn_tensor = lambda *_, **__: NOISE[step]
        extra = dict(eta=eta, variance_noise=NOISE[step] if eta else None) if sampler == "ddim" else {}
        x = scheduler.step(output, timestep, x, **extra).prev_sample
        after.append(x)
    return {
        "sampler": sampler,
        "model": model,
        "eta": eta,
        "timesteps": scheduler.timesteps.tolist(),
        "latents": packed(torch.stack(after)),
    }


def grid(sampler: str, spacing: str, steps: int) -> dict:
    kind, _ = SAMPLERS[sampler]
    scheduler = kind(**COMMON, timestep_spacing=spacing)
    scheduler.set_timesteps(steps)
    return {"sampler": sampler, "spacing": spacing, "steps": steps, "timesteps": scheduler.timesteps.tolist()}


def every_grid(sampler: str, spacing: str) -> dict:
    """The timesteps of all step counts as one hash, and the counts for which diffusers leaves the training range or gives another number of steps."""
    hashed, left_out = hashlib.sha256(), []
    scheduler = SAMPLERS[sampler][0](**COMMON, timestep_spacing=spacing)
    for steps in range(1, 1001):
        scheduler.set_timesteps(steps)
        timesteps = scheduler.timesteps.numpy().astype("<f4")
        # With as many steps as timesteps, DPM++ repeats itself and then divides by zero.
        sound = len(timesteps) == steps and timesteps.min() >= 0 and timesteps.max() < 1000 and (sampler, spacing, steps) != ("dpmpp-2m", "leading", 1000)
        if sound:
            hashed.update(timesteps.tobytes())
        else:
            left_out.append(steps)
    return {"sampler": sampler, "spacing": spacing, "leftOut": left_out, "sha256": hashed.hexdigest()}


def main() -> None:
    runs = [record(sampler, model) for model in MODELS for sampler in SAMPLERS if model != "clipped" and (sampler != "euler-karras" or model == "epsilon")]
    runs.append(record("ddim", "epsilon", eta=1.0))
    runs.append(record("ddim", "clipped"))
    grids = [
        grid(sampler, spacing, steps)
        for sampler in ("ddim", "euler", "dpmpp-2m")
        for spacing in ("leading", "trailing", "linspace")
        for steps in (1, 4, 16, 30)
    ]
    every = [every_grid(sampler, spacing) for sampler in ("ddim", "euler", "dpmpp-2m") for spacing in ("leading", "trailing", "linspace")]
    FIXTURE.parent.mkdir(parents=True, exist_ok=True)
    FIXTURE.write_text(
        json.dumps(
            {
                "written by": f"diffusers {diffusers.__version__}, torch {torch.__version__}",
                "steps": STEPS,
                "shape": SHAPE,
                "start": packed(START),
                "tape": packed(TAPE),
                "noise": packed(NOISE),
                "runs": runs,
                "grids": grids,
                "every": every,
            },
            indent=1,
        )
        + "\n"
    )


main()
