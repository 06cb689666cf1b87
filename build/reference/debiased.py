"""Records the weights of sd-scripts' debiased estimation (library/custom_train_functions.py apply_debiased_estimation) in torch, for
engine/training/loss-weights/debiased.test.ts.

Run: python build/reference/debiased.py, then prettier on what it writes: engine/training/loss-weights/fixtures/debiased.json
"""

import json
from pathlib import Path

import torch

FIXTURE = Path(__file__).parents[2] / "engine/training/loss-weights/fixtures/debiased.json"
TIMESTEPS = [0, 1, 3, 10, 100, 500, 900, 999]

# Stable Diffusion's schedule.
alphas_cumprod = torch.cumprod(1 - torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2, 0)
all_snr = (alphas_cumprod.sqrt() / (1 - alphas_cumprod).sqrt()) ** 2


def weights(v_prediction: bool) -> list[float]:
    snr = torch.stack([all_snr[t] for t in TIMESTEPS])
    snr = torch.minimum(snr, torch.ones_like(snr) * 1000)
    return (1 / (snr + 1) if v_prediction else 1 / torch.sqrt(snr)).tolist()


FIXTURE.parent.mkdir(exist_ok=True)
FIXTURE.write_text(json.dumps({"timesteps": TIMESTEPS, "epsilon": weights(False), "v_prediction": weights(True)}))
