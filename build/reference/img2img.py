"""Image to image as diffusers does it, on the tiny model of a recorded case: adds checks of the kind `img2img` to it.

    python build/reference/img2img.py engine/fixtures/reference/sd1-eps …

The latent of the picture is the mean of the autoencoder's answer, and the noise is recorded: what remains is which steps are taken and from where.
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
    StableDiffusionImg2ImgPipeline,
    StableDiffusionXLImg2ImgPipeline,
)
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from safetensors.torch import load_file

import goldens
import models
import weights

RUNS = [(DDIMScheduler, "ddim", 0.6), (EulerDiscreteScheduler, "euler", 0.5), (DPMSolverMultistepScheduler, "dpmpp-2m", 0.8)]


def img2img(recorder, pipe):
    config = recorder.config
    factor = 2 ** (len(config["vae"]["channels"]) - 1)
    height, width = config["size"]
    # Smooth, and whole 8-bit values, as a file has them.
    small = torch.rand((1, 3, 4, 4), generator=recorder.random)
    picture = (torch.nn.functional.interpolate(small, (height, width), mode="bicubic").clamp(0, 1) * 255).round() / 255
    noise = recorder.randn(1, 4, height // factor, width // factor)
    kind = StableDiffusionXLImg2ImgPipeline if config["family"] == "sdxl" else StableDiffusionImg2ImgPipeline
    DiagonalGaussianDistribution.sample = lambda self, generator=None: self.mean
    module = sys.modules[kind.__module__]
    module.randn_tensor = lambda shape, **_: noise.reshape(shape)
    given = {"picture": picture, "noise": noise}
    asked = pipe.scheduler.config
    for scheduler, sampler, strength in RUNS:
        parts = {**pipe.components, "scheduler": scheduler.from_config(asked)}
        turned = kind(**parts)
        turned.set_progress_bar_config(disable=True)
        with torch.no_grad():
            final = turned(
                prompt=goldens.PROMPTS[0], negative_prompt=goldens.NEGATIVE, image=picture, strength=strength,
                num_inference_steps=goldens.STEPS, guidance_scale=goldens.GUIDANCE, output_type="latent",
            ).images
            image = (pipe.vae.decode(final / pipe.vae.config.scaling_factor).sample / 2 + 0.5).clamp(0, 1)
        recorder.check(
            "img2img", f"img2img.{sampler}", goldens.TOLERANCE["pipeline"], given, {"final": final, "image": image},
            sampler=sampler, strength=strength, steps=goldens.STEPS, guidance=goldens.GUIDANCE, height=height, width=width,
            prompt=goldens.PROMPTS[0], negative=goldens.NEGATIVE,
        )
        given = {role: f"img2img.{RUNS[0][1]}/{role}" for role in given}


def add(directory):
    case, pipe = models.recorded(directory)
    recorder = goldens.Recorder(case["config"], case["seed"] + 1000)
    img2img(recorder, pipe)
    kept = [check for check in case["checks"] if check["kind"] != "img2img"]
    golden = os.path.join(directory, "golden.safetensors")
    with open(golden, "rb") as file:
        order = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    # Copies: what is loaded lies in the file that is about to be written. In the order in which it lies there.
    loaded = {name: tensor.clone() for name, tensor in load_file(golden).items()}
    tensors = {name: loaded[name] for name in order if name in loaded and not name.startswith("img2img.")}
    weights.save(golden, {**tensors, **recorder.tensors})
    with open(os.path.join(directory, "case.json"), "w") as file:
        file.write(json.dumps({**case, "checks": kept + recorder.checks}, indent=1) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    for directory in sys.argv[1:]:
        add(directory)
