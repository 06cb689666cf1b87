"""Checks a fresh recording against itself: read everything back from the files and compare."""
import os

import torch
from diffusers.loaders import single_file_utils as convert
from safetensors.torch import load_file

import goldens
import models


def verify(config, directory, recipes, images):
    case = lambda name: os.path.join(directory, name)
    golden = load_file(case("golden.safetensors"))
    pipe = models.load(config, directory)
    stored_values(config, directory, pipe)
    for name in ("unet.9x7", "unet.8x12"):
        given = lambda role: golden.get(f"{name}/{role}")
        added = {"pooled": given("pooled"), "timeIds": given("timeIds")} if config["family"] == "sdxl" else {}
        with torch.no_grad():
            output = pipe.unet(given("sample"), given("timestep"), given("context"), **goldens.conditions(added)).sample
        same(f"{name} again", output, given("output"))
    latents = golden["pipeline/latents"]
    for source in config["adapter"]["files"][1:]:
        folder, name = (directory, source) if source.endswith(".safetensors") else (case(source), "pytorch_lora_weights.safetensors")
        pipe.load_lora_weights(folder, weight_name=name)
        _, image = goldens.run_pipeline(pipe, config, latents)
        same(f"image with {source}", image, images["pipeline.lora"], 1e-5)
        pipe.unload_lora_weights()
    difference = relative(images["pipeline"], images["pipeline.lora"])
    clipped = ((images["pipeline"] == 0) | (images["pipeline"] == 1)).float().mean()
    print(f"  the adapter changes the image by {difference:.3f}; {clipped:.1%} of the image is clipped")
    assert difference > 0.02, "the adapter hardly changes the image"
    for name, tensor in golden.items():
        assert tensor.dtype == torch.int32 or torch.isfinite(tensor).all(), name
    if config["singleFile"]:
        single_file(config, directory)


def calm(config, seed, directory, recorded):
    """Once more in fp64: where fp32 alone moves a result by half a bar, the case cannot tell a mistake from rounding."""
    pipe = models.load(config, directory)
    for name in models.components_of(config):
        getattr(pipe, name).double()
    exact = goldens.Recorder(config, seed, torch.float64)
    goldens.everything(exact, pipe, seed)
    for check in recorded.checks:
        moved = {role: relative(recorded.tensors[name].double(), exact.tensors[name].double()) for role, name in check["outputs"].items()}
        role = max(moved, key=moved.get)
        # The norm before clipping has ten times the bar in the comparison.
        worst = max(value / 10 if name == "gradientNorms" else value for name, value in moved.items())
        print(f"  rounding of {check['name']}: {moved[role]:.1e} in {role}")
        assert worst < check["tolerance"] / 2, (
            f"{check['name']}: fp32 alone moves {role} by {moved[role]:.1e}, and the bar is {check['tolerance']}. "
            "This model is chaotic: take another seed, a smaller alpha, or fewer levels."
        )


def stored_values(config, directory, pipe):
    """Every stored weight arrived in the module that computed the golden."""
    for name in models.components_of(config):
        stored = load_file(os.path.join(directory, "model", name, f"{models.FILE[name]}.safetensors"))
        rename = models.published_key if name.startswith("text") else str
        loaded = {rename(key): tensor for key, tensor in getattr(pipe, name).state_dict().items() if not key.endswith("position_ids")}
        assert set(stored) == set(loaded), (name, set(stored) ^ set(loaded))
        for key, tensor in loaded.items():
            assert tensor.dtype == torch.float32 and torch.equal(tensor, stored[key].float()), (name, key)


def single_file(config, directory):
    """diffusers' own conversion of the single file gives the folder's weights back."""
    one = load_file(os.path.join(directory, "model.safetensors"))
    folder = lambda name: load_file(os.path.join(directory, "model", name, f"{models.FILE[name]}.safetensors"))
    unet, vae = models.unet(config), models.vae(config)
    equal("unet", convert.convert_ldm_unet_checkpoint(dict(one), unet.config), folder("unet"))
    converted = convert.convert_ldm_vae_checkpoint(dict(one), vae.config)
    equal("vae", {k: v.reshape(folder("vae")[k].shape) for k, v in converted.items()}, folder("vae"))
    prefix = {"sd1": "cond_stage_model.transformer.", "sd2": "cond_stage_model.model.", "sdxl": "conditioner.embedders.0.transformer."}[config["family"]]
    if config["family"] == "sd2":
        layers = config["text"][0]["layers"]
        found = convert.convert_open_clip_checkpoint(models.text(config, 0), dict(one), prefix)
        found = {k: v for k, v in found.items() if f".layers.{layers}." not in k and k != "text_projection.weight"}
    else:
        found = convert.convert_ldm_clip_checkpoint(dict(one), prefix)
    equal("text_encoder", found, folder("text_encoder"))
    if config["family"] == "sdxl":
        found = convert.convert_open_clip_checkpoint(models.text(config, 1), dict(one), "conditioner.embedders.1.model.")
        equal("text_encoder_2", found, folder("text_encoder_2"))


def equal(name, found, expected):
    assert set(found) == set(expected), (name, sorted(set(found) ^ set(expected))[:6])
    for key, tensor in expected.items():
        assert torch.equal(found[key], tensor), (name, key)


def relative(a, b):
    return float((a - b).detach().norm() / b.detach().norm())


def same(name, a, b, tolerance=0.0):
    assert relative(a, b) <= tolerance, f"{name}: {relative(a, b)}"
