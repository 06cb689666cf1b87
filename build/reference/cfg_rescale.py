"""Guidance that is rescaled, by diffusers and by ComfyUI: `python build/reference/cfg_rescale.py > engine/guidance/guides/fixtures/rescale.json`.

ComfyUI's is its own function (comfy_extras/nodes_model_advanced.py, RescaleCFG) in its own terms: `cond` and `uncond` are what the state has beyond the
clean latent, and the state is that of k-diffusion, x0 + sigma * noise.
"""
import json

import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import rescale_noise_cfg

torch.manual_seed(11)
SHAPE = (2, 4, 3, 5)


def comfyui(x_orig, cond, uncond, sigma, cond_scale, multiplier):
    x = x_orig / (sigma * sigma + 1.0)
    cond = ((x - (x_orig - cond)) * (sigma**2 + 1.0) ** 0.5) / sigma
    uncond = ((x - (x_orig - uncond)) * (sigma**2 + 1.0) ** 0.5) / sigma
    x_cfg = uncond + cond_scale * (cond - uncond)
    ro_pos = torch.std(cond, dim=(1, 2, 3), keepdim=True)
    ro_cfg = torch.std(x_cfg, dim=(1, 2, 3), keepdim=True)
    x_rescaled = x_cfg * (ro_pos / ro_cfg)
    x_final = multiplier * x_rescaled + (1.0 - multiplier) * x_cfg
    return x_orig - (x - x_final * sigma / (sigma * sigma + 1.0) ** 0.5)


def numbers(tensor):
    return [round(value, 7) for value in tensor.flatten().tolist()]


# Stable Diffusion's schedule, and what it makes of a timestep.
betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
alphas = torch.cumprod(1 - betas, 0)
cfg = 7.5
cases = []
for timestep in (999, 500, 20):
    sigma = ((1 - alphas[timestep]) / alphas[timestep]).sqrt()
    x, prompt, negative = (torch.randn(SHAPE, dtype=torch.float64) for _ in range(3))
    for phi in (0.7, 1.0):
        guided = negative + cfg * (prompt - negative)
        out = rescale_noise_cfg(guided, prompt, phi)
        # The network's state is that of k-diffusion over sqrt(sigma² + 1); epsilon stands for what is beyond the clean latent, over sigma.
        of_comfyui = comfyui(x * (sigma**2 + 1).sqrt(), sigma * prompt, sigma * negative, sigma, cfg, phi) / sigma
        cases.append({"timestep": timestep, "phi": phi, "diffusers": numbers(out), "comfyui": numbers(of_comfyui)})
    cases[-2] |= {"x": numbers(x), "prompt": numbers(prompt), "negative": numbers(negative)}
    cases[-1] |= {"x": numbers(x), "prompt": numbers(prompt), "negative": numbers(negative)}
print(json.dumps({"pictures": SHAPE[0], "cfg": cfg, "cases": cases}))
