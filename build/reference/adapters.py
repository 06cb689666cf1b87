"""A LoRA on the attention projections, or on all that kohya adapts with conv_dim: its numbers, peft around the UNet, and the files other programs write."""
import json
import os
import zlib

import torch
from peft import LoraConfig, get_peft_model

import single_file
import weights

ATTENTION = ["to_q", "to_k", "to_v", "to_out.0"]
TRANSFORMER = ATTENTION + ["proj_in", "proj_out", "ff.net.0.proj", "ff.net.2"]
CONVOLUTIONS = ["conv1", "conv2", "conv_shortcut", "time_emb_proj", "downsamplers.0.conv", "upsamplers.0.conv"]
TARGETS = {"attention": ATTENTION, "transformer": TRANSFORMER, "all": TRANSFORMER + CONVOLUTIONS}


def targets(settings):
    return TARGETS[settings.get("layers", "attention")]


def wrap(unet, settings, seed):
    """peft's model around the UNet, A and B both non-zero; values are exact in fp16."""
    config = LoraConfig(r=settings["rank"], lora_alpha=settings["alpha"], target_modules=targets(settings), lora_dropout=0.0, bias="none")
    model = get_peft_model(unet, config)
    for path, (a, b) in pairs(model).items():
        for letter, p, gain in (("A", a, 1.0), ("B", b, 2.0)):
            scale = weights.power_of_two(gain / p[0].numel() ** 0.5)
            noise = weights.noise(zlib.crc32(f"{seed}/lora/{path}.{letter}".encode()), p.numel())
            p.data = torch.from_numpy(scale * noise).to(torch.float32).reshape(p.shape)
    return model


def pairs(model):
    """Module path -> (A, B), in the order of the network."""
    found = {}
    for name, p in model.named_parameters():
        for letter in ("A", "B"):
            if f".lora_{letter}." in name:
                path = name.split("base_model.model.", 1)[1].split(f".lora_{letter}.")[0]
                found.setdefault(path, {})[letter] = p
    return {path: (p["A"], p["B"]) for path, p in found.items()}


def kohya_name(path, family, attention_in_up):
    if family == "sdxl":
        path = single_file.unet_module(path, attention_in_up)
    return "lora_unet_" + path.replace(".", "_")


def write(model, settings, family, attention_in_up, directory):
    """lora/ as peft saves it, lora.diffusers/ with diffusers' prefix, lora.kohya.safetensors, as far as the configuration asks for them; all fp16."""
    rank, alpha = settings["rank"], settings["alpha"]
    found = pairs(model)
    half = lambda p: p.detach().to(torch.float16)
    peft = {}
    kohya = {}
    for path, (a, b) in found.items():
        peft[f"{path}.lora_A.weight"] = half(a)
        peft[f"{path}.lora_B.weight"] = half(b)
        name = kohya_name(path, family, attention_in_up)
        kohya[f"{name}.alpha"] = torch.tensor(float(alpha), dtype=torch.float16)
        kohya[f"{name}.lora_down.weight"] = half(a)
        kohya[f"{name}.lora_up.weight"] = half(b)
    model.save_pretrained(os.path.join(directory, "lora"))
    os.remove(os.path.join(directory, "lora", "README.md"))
    os.remove(os.path.join(directory, "lora", "adapter_model.safetensors"))
    config_path = os.path.join(directory, "lora", "adapter_config.json")
    with open(config_path) as file:
        config = json.load(file)
    config |= {"base_model_name_or_path": None, "auto_mapping": None, "target_modules": sorted(config["target_modules"])}
    with open(config_path, "w") as file:
        file.write(json.dumps(config, indent=1) + "\n")
    weights.save(os.path.join(directory, "lora", "adapter_model.safetensors"), {f"base_model.model.{k}": v for k, v in peft.items()}, {"format": "pt"})
    if "lora.diffusers" in settings["files"]:
        metadata = {"unet.r": rank, "unet.lora_alpha": alpha, "unet.target_modules": targets(settings)}
        weights.save(
            os.path.join(directory, "lora.diffusers", "pytorch_lora_weights.safetensors"),
            {f"unet.{k}": v for k, v in peft.items()},
            {"format": "pt", "lora_adapter_metadata": json.dumps(metadata, sort_keys=True)},
        )
    if "lora.kohya.safetensors" in settings["files"]:
        weights.save(
            os.path.join(directory, "lora.kohya.safetensors"),
            kohya,
            {"ss_network_module": "networks.lora", "ss_network_dim": str(rank), "ss_network_alpha": str(float(alpha)), "ss_v2": str(family == "sd2")},
        )
