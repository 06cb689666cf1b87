"""Pictures without a seam as A1111 draws them: every convolution of UNet and autoencoder pads with what lies at the other end (torch's `circular`).

    python build/reference/tiling.py engine/fixtures/reference/sd1-eps > engine/fixtures/tiling/sd1-eps.json

One convolution by axis, and diffusers' pipeline on the tiny model of a recorded case. By one axis: as A1111's extension for asymmetric tiling.
"""
import json
import os
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from torch.nn.functional import conv2d, pad

import goldens
import models

MODES = {"both": ("circular", "circular"), "x": ("circular", "constant"), "y": ("constant", "circular")}


def rounded(tensor):
    return [float(f"{value:.8g}") for value in tensor.flatten().tolist()]


def around(x, by, tiling):
    across, down = MODES[tiling]
    return pad(pad(x, (by[1], by[1], 0, 0), mode=across), (0, 0, by[0], by[0]), mode=down)


def wrapped(layer, tiling):
    by = layer.padding
    layer._conv_forward = lambda x, weight, bias: conv2d(around(x, by, tiling) if max(by) else x, weight, bias, layer.stride)


def main(directory):
    case, pipe = models.recorded(directory)
    recorder = goldens.Recorder(case["config"], case["seed"] + 3000)
    x, weight, bias = recorder.randn(1, 2, 5, 6), recorder.randn(3, 2, 3, 3), recorder.randn(3)
    convolutions = [
        {"tiling": tiling, "stride": stride, "y": rounded(conv2d(around(x, (1, 1), tiling), weight, bias, stride))}
        for tiling in MODES
        for stride in (1, 2)
    ]
    factor = 2 ** (len(case["config"]["vae"]["channels"]) - 1)
    height, width = case["config"]["size"]
    noise = recorder.randn(1, 4, height // factor, width // factor)
    own = {layer: layer._conv_forward for part in (pipe.unet, pipe.vae) for layer in part.modules() if isinstance(layer, torch.nn.Conv2d)}
    runs = []
    for tiling in MODES:
        for layer in own:
            wrapped(layer, tiling)
        with torch.no_grad():
            final = pipe(
                prompt=goldens.PROMPTS[0], negative_prompt=goldens.NEGATIVE, latents=noise.clone(), height=height, width=width,
                num_inference_steps=goldens.STEPS, guidance_scale=goldens.GUIDANCE, output_type="latent",
            ).images
            image = (pipe.vae.decode(final / pipe.vae.config.scaling_factor).sample / 2 + 0.5).clamp(0, 1)
        run = {"tiling": tiling, "final": rounded(final)}
        runs.append({**run, "image": [float(f"{value:.5f}") for value in image.flatten().tolist()]} if not runs else run)
    print(json.dumps({
        "x": rounded(x), "weight": rounded(weight), "bias": rounded(bias), "convolutions": convolutions,
        "steps": goldens.STEPS, "guidance": goldens.GUIDANCE, "height": height, "width": width,
        "prompt": goldens.PROMPTS[0], "negative": goldens.NEGATIVE, "noise": rounded(noise), "runs": runs,
    }))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(sys.argv[1])
