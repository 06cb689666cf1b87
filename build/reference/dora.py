"""Records DoRA as peft and LyCORIS have it, on tiny layers: engine/adapters/variants/fixtures/dora.json.

Run: python build/reference/dora.py, then prettier on what it writes.

Merged weights of a linear layer, a 3x3 and a 1x1 convolution by both programs, LyCORIS' by both axes; and a course of training by peft, with AdamW.
"""
import base64
import json
import pathlib

import torch
from lycoris.modules.locon import LoConModule
from peft import LoraConfig, inject_adapter_in_model
from torch import nn

RANK, ALPHA, STEPS, RATE = 2, 3.0, 30, 1e-2
torch.manual_seed(0)


def flat(tensor):
    packed = base64.b64encode(tensor.detach().contiguous().numpy().astype("<f4").tobytes()).decode()
    return {"shape": list(tensor.shape), "data": packed}


def layers():
    return {"linear": nn.Linear(6, 5), "conv": nn.Conv2d(3, 4, 3, padding=1), "point": nn.Conv2d(3, 4, 1)}


class Net(nn.Module):
    def __init__(self, parts):
        super().__init__()
        for name, layer in parts.items():
            setattr(self, name, layer)


def with_peft(parts):
    net = Net(parts)
    config = LoraConfig(r=RANK, lora_alpha=ALPHA, use_dora=True, target_modules=list(parts))
    inject_adapter_in_model(config, net)
    for name in parts:
        layer = getattr(net, name)
        nn.init.normal_(layer.lora_B["default"].weight, std=0.3)
    return net


def peft_parts(layer):
    return {
        "down": flat(layer.lora_A["default"].weight),
        "up": flat(layer.lora_B["default"].weight),
        "magnitude": flat(layer.lora_magnitude_vector["default"].weight),
    }


def merged():
    net = with_peft(layers())
    out = []
    for name in layers():
        layer = getattr(net, name)
        nn.init.uniform_(layer.lora_magnitude_vector["default"].weight, 0.5, 2)
        base = layer.get_base_layer().weight.detach().clone()
        parts = peft_parts(layer)
        layer.merge()
        out.append({"program": "peft", "layer": name, "alpha": ALPHA, "base": flat(base), **parts, "merged": flat(layer.get_base_layer().weight)})
    for by_output in (True, False):
        for name, layer in layers().items():
            module = LoConModule(
                "x", layer, 1.0, lora_dim=RANK, alpha=ALPHA, weight_decompose=True, wd_on_out=by_output, use_tucker=False
            )
            nn.init.normal_(module.lora_up.weight, std=0.3)
            nn.init.uniform_(module.dora_scale, 0.5, 2)
            base = layer.weight.detach().clone()
            weight, _ = module.get_merged_weight(1.0, base.shape)
            state = module.custom_state_dict()
            out.append(
                {
                    "program": "lycoris" if by_output else "lycoris, by input",
                    "layer": name,
                    "alpha": ALPHA,
                    "base": flat(base),
                    "down": flat(state["lora_down.weight"]),
                    "up": flat(state["lora_up.weight"]),
                    "magnitude": flat(state["dora_scale"]),
                    "merged": flat(weight),
                }
            )
    return out


def training():
    net = with_peft(layers())
    inputs = {"linear": torch.randn(3, 4, 6), "conv": torch.randn(2, 3, 5, 5), "point": torch.randn(2, 3, 5, 5)}
    targets = {name: torch.randn_like(getattr(net, name)(x)) for name, x in inputs.items()}
    recorded = {
        "alpha": ALPHA,
        "rate": RATE,
        "steps": STEPS,
        "inputs": {name: flat(x) for name, x in inputs.items()},
        "targets": {name: flat(x) for name, x in targets.items()},
        "base": {
            name: {"weight": flat(getattr(net, name).get_base_layer().weight), "bias": flat(getattr(net, name).get_base_layer().bias)}
            for name in inputs
        },
        "start": {name: peft_parts(getattr(net, name)) for name in inputs},
    }
    trained = [p for p in net.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=RATE, weight_decay=0.01)
    losses = []
    for step in range(STEPS):
        loss = sum(((getattr(net, name)(x) - targets[name]) ** 2).mean() for name, x in inputs.items())
        optimizer.zero_grad()
        loss.backward()
        if step == 0:
            recorded["gradients"] = {
                name: {
                    "down": flat(getattr(net, name).lora_A["default"].weight.grad),
                    "up": flat(getattr(net, name).lora_B["default"].weight.grad),
                    "magnitude": flat(getattr(net, name).lora_magnitude_vector["default"].weight.grad),
                }
                for name in inputs
            }
        optimizer.step()
        losses.append(loss.item())
    recorded["losses"] = losses
    recorded["end"] = {name: peft_parts(getattr(net, name)) for name in inputs}
    return recorded


if __name__ == "__main__":
    folder = pathlib.Path(__file__).parents[2] / "engine/adapters/variants/fixtures"
    folder.mkdir(exist_ok=True)
    (folder / "dora.json").write_text(json.dumps({"merged": merged(), "training": training()}) + "\n")
