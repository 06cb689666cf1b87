"""Records VeRA, FourierFT, LoRA with biases and OLoRA as peft saves and merges them, on tiny layers:
engine/adapters/variants/fixtures/{vera,fourierft,lora-bias,olora}.json.

Run: python build/reference/peft_variants.py, then prettier on what it writes.
"""
import base64
import json
import pathlib

import torch
from peft import FourierFTConfig, LoraConfig, VeraConfig, get_peft_model, get_peft_model_state_dict
from torch import nn

torch.manual_seed(0)
PREFIX = "base_model.model.x"


def flat(tensor):
    packed = base64.b64encode(tensor.detach().float().contiguous().numpy().astype("<f4").tobytes()).decode()
    return {"shape": list(tensor.shape), "data": packed}


class Net(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.x = layer


def record(says, layer, config, fields, name="linear"):
    before = layer.weight.detach().clone()
    bias = layer.bias.detach().clone()
    model = get_peft_model(Net(layer), config)
    for key, parameter in model.named_parameters():
        if parameter.requires_grad:
            nn.init.normal_(parameter, std=0.4)
    state = get_peft_model_state_dict(model)
    tensors = {key[len(PREFIX) :]: flat(value) for key, value in state.items() if key.startswith(PREFIX + ".")}
    shared = {key: flat(value) for key, value in state.items() if not key.startswith(PREFIX + ".")}
    model.base_model.model.x.merge()
    merged = model.base_model.model.x.get_base_layer()
    found = {
        "program": f"peft {says}",
        "layer": name,
        "config": {"peft_type": config.peft_type.value, **fields},
        "base": flat(before),
        "bias": flat(bias),
        "tensors": tensors,
        **({"shared": shared} if shared else {}),
        "merged": flat(merged.weight),
        "mergedBias": flat(merged.bias),
    }
    return found


def write(name, cases):
    path = pathlib.Path(__file__).parents[2] / f"engine/adapters/variants/fixtures/{name}.json"
    path.write_text(json.dumps({"merged": cases}) + "\n")


def vera(says, r, **more):
    return record(says, nn.Linear(12, 18), VeraConfig(r=r, target_modules=["x"], **more), {"r": r, "projection_prng_key": 0, **more})


def fourier(says, layer, n, **more):
    return record(says, layer, FourierFTConfig(n_frequency=n, target_modules=["x"], **more), {"random_loc_seed": 777, "scaling": 150.0, **more})


def lora(says, layer, name="linear", **more):
    fields = {"r": 2, "lora_alpha": 3, **more}
    return record(says, layer, LoraConfig(target_modules=["x"], **fields), fields, name)


if __name__ == "__main__":
    write("vera", [vera("saved", 3), vera("drawn again", 3, save_projection=False, projection_prng_key=12345678901)])
    write(
        "fourierft",
        [
            fourier("few", nn.Linear(12, 18), 5),
            fourier("many", nn.Linear(12, 18), 60, random_loc_seed=3, scaling=7.5),
            fourier("of primes", nn.Linear(7, 11), 9),
        ],
    )
    write(
        "lora-bias",
        [
            lora("lora_bias", nn.Linear(12, 18), lora_bias=True),
            lora("lora_bias", nn.Conv2d(4, 6, 3), "conv", lora_bias=True),
            lora("lora_bias rslora", nn.Linear(12, 18), lora_bias=True, use_rslora=True),
        ],
    )
    write("olora", [lora("olora", nn.Linear(12, 18), init_lora_weights="olora"), lora("olora wide", nn.Linear(18, 12), init_lora_weights="olora")])
