"""Inpainting as diffusers does it, on the tiny model of a recorded case: with it as it is, or with a first convolution of 9 channels, as models for
inpainting have.

    python build/reference/inpainting.py engine/fixtures/reference/sd1-eps > engine/fixtures/inpainting/sd1-eps.json
    python build/reference/inpainting.py engine/fixtures/reference/sd1-eps 9 > engine/fixtures/inpainting/sd1-eps-9.json

The latent of the picture is the mean of the autoencoder's answer. The mask is white where it is drawn, with borders between cells of the latent, so that
every rule of scaling it down says the same.
"""
import json
import os
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerDiscreteScheduler,
    StableDiffusionInpaintPipeline,
    StableDiffusionXLInpaintPipeline,
)
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution

import goldens
import models
import weights

RUNS = [(DDIMScheduler, "ddim", 0.6), (EulerDiscreteScheduler, "euler", 0.5), (DPMSolverMultistepScheduler, "dpmpp-2m", 0.8)]


def rounded(tensor):
    return [float(f"{value:.7g}") for value in tensor.flatten().tolist()]


def widened(pipe, case, channels):
    """Its first convolution with more channels; what it is made of."""
    old = pipe.unet.conv_in
    recipe = weights.formula(case["seed"], "unet", f"conv_in.{channels}", [old.out_channels, channels, 3, 3], case["config"]["storage"]["unet"])
    new = torch.nn.Conv2d(channels, old.out_channels, 3, padding=1)
    with torch.no_grad():
        new.weight.copy_(weights.compute(recipe).float())
        new.bias.copy_(old.bias)
    pipe.unet.conv_in = new.requires_grad_(False)
    pipe.unet.register_to_config(in_channels=channels)
    return recipe


def main(directory, channels=None):
    case, pipe = models.recorded(directory)
    first = widened(pipe, case, int(channels)) if channels else None
    kind = StableDiffusionXLInpaintPipeline if case["config"]["family"] == "sdxl" else StableDiffusionInpaintPipeline
    recorder = goldens.Recorder(case["config"], case["seed"] + 2000)
    factor = 2 ** (len(case["config"]["vae"]["channels"]) - 1)
    height, width = case["config"]["size"]
    small = torch.rand((1, 3, 4, 4), generator=recorder.random)
    picture = (torch.nn.functional.interpolate(small, (height, width), mode="bicubic").clamp(0, 1) * 255).round() / 255
    noise = recorder.randn(1, 4, height // factor, width // factor)
    mask = torch.zeros(1, 1, height, width)
    left, top = width // 2 // factor * factor, height // 4 // factor * factor
    mask[:, :, top:, left:] = 1
    DiagonalGaussianDistribution.sample = lambda self, generator=None: self.mean
    sys.modules[kind.__module__].randn_tensor = lambda shape, **_: noise.reshape(shape)
    runs = []
    for scheduler, sampler, strength in RUNS:
        parts = {**pipe.components, "scheduler": scheduler.from_config(pipe.scheduler.config)}
        turned = kind(**parts)
        turned.set_progress_bar_config(disable=True)
        with torch.no_grad():
            final = turned(
                prompt=goldens.PROMPTS[0], negative_prompt=goldens.NEGATIVE, image=picture, mask_image=mask, strength=strength,
                height=height, width=width, num_inference_steps=goldens.STEPS, guidance_scale=goldens.GUIDANCE, output_type="latent",
            ).images
            image = (pipe.vae.decode(final / pipe.vae.config.scaling_factor).sample / 2 + 0.5).clamp(0, 1)
        run = {"sampler": sampler, "strength": strength, "final": rounded(final)}
        runs.append({**run, "image": rounded(image)} if not runs else run)
    print(json.dumps({
        **({"convIn": first} if first else {}),
        "steps": goldens.STEPS, "guidance": goldens.GUIDANCE, "height": height, "width": width, "left": left, "top": top,
        "prompt": goldens.PROMPTS[0], "negative": goldens.NEGATIVE,
        "picture": (picture[0].permute(1, 2, 0) * 255).round().int().flatten().tolist(), "noise": rounded(noise), "runs": runs,
    }))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(*sys.argv[1:])
