"""Records how LoRA begins and what it leaves out of a step: engine/training/fixtures/lora-options.json.

Run: python build/reference/lora_options.py, then prettier on what it writes.

Starts are peft's (init_lora_weights): thirty steps of AdamW on fixed data, and what the layers do in the end without and with their pairs. Dropouts are
those of sd-scripts' networks/lora.py written out with given masks: outputs and gradients of a linear layer and a 3x3 convolution.
"""
import base64
import json
import pathlib

import torch
from peft import LoraConfig, get_peft_model
from torch import nn

RANK, ALPHA, STEPS, RATE = 4, 6.0, 30, 5e-3
NAMES = ["wide", "tall"]


def flat(tensor):
    packed = base64.b64encode(tensor.detach().contiguous().numpy().astype("<f4").tobytes()).decode()
    return {"shape": list(tensor.shape), "data": packed}


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.wide = nn.Linear(14, 9)
        self.tall = nn.Linear(7, 12)

    def forward(self, inputs):
        return {name: getattr(self, name)(x) for name, x in inputs.items()}


def start(word, use_rslora=False):
    torch.manual_seed(5)
    net = Net()
    base = {name: {"weight": flat(getattr(net, name).weight), "bias": flat(getattr(net, name).bias)} for name in NAMES}
    whole = {name: getattr(net, name).weight.detach().clone() for name in NAMES}
    inputs = {"wide": torch.randn(3, 2, 14), "tall": torch.randn(3, 2, 7)}
    targets = {name: torch.randn(3, 2, getattr(net, name).out_features) for name in NAMES}
    config = LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=NAMES, init_lora_weights=word, use_rslora=use_rslora)
    model = get_peft_model(net, config)
    layers = {name: getattr(net, name) for name in NAMES}
    pairs = {
        name: {"down": flat(layer.lora_A["default"].weight), "up": flat(layer.lora_B["default"].weight)} for name, layer in layers.items()
    }
    product = {name: flat(layer.get_delta_weight("default")) for name, layer in layers.items()}
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=RATE, weight_decay=0.01)
    losses = []
    for _ in range(STEPS):
        answers = model(inputs)
        loss = sum(((answers[name] - targets[name]) ** 2).mean() for name in NAMES)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    change = {
        name: flat(layer.get_base_layer().weight + layer.get_delta_weight("default") - whole[name]) for name, layer in layers.items()
    }
    return {
        "start": word,
        "rsLora": use_rslora,
        "base": base,
        "inputs": {name: flat(x) for name, x in inputs.items()},
        "targets": {name: flat(x) for name, x in targets.items()},
        "pairs": pairs,
        "product": product,
        "losses": losses,
        "change": change,
    }


def dropout(layer, x, element, rank, module):
    """LoRAModule.forward of sd-scripts, with its masks given: of kept elements, of kept ranks by sample, of the whole module."""
    torch.manual_seed(6)
    weight = layer.weight
    down = torch.randn(RANK, *weight.shape[1:], requires_grad=True)
    up = torch.randn(weight.shape[0], RANK, *[1 for _ in weight.shape[2:]], requires_grad=True)
    target = torch.randn_like(layer(x))
    scale = ALPHA / RANK
    conv = weight.dim() == 4
    inside = nn.functional.conv2d(x, down, padding=layer.padding) if conv else nn.functional.linear(x, down)
    drop = 0.25
    kept = (torch.rand(inside.shape) > drop).float() if element else torch.ones_like(inside)
    ranks = (torch.rand(inside.shape[0], RANK) > 0.5).float() if rank else torch.ones(inside.shape[0], RANK)
    mask = ranks[:, :, None, None] if conv else ranks[:, None, :]
    lx = inside * kept / (1 - drop if element else 1) * mask
    lx = nn.functional.conv2d(lx, up) if conv else nn.functional.linear(lx, up)
    answer = layer(x) + (0 if module else 1) * lx * scale / (0.5 if rank else 1)
    loss = ((answer - target) ** 2).mean()
    gradients = torch.autograd.grad(loss, [down, up], allow_unused=False) if not module else [torch.zeros_like(down), torch.zeros_like(up)]
    return {
        "shares": {"dropout": drop if element else 0, "rankDropout": 0.5 if rank else 0, "moduleDropout": 0.5 if module else 0},
        "weight": flat(weight),
        "bias": flat(layer.bias),
        "x": flat(x),
        "target": flat(target),
        "down": flat(down),
        "up": flat(up),
        "kept": flat(kept),
        "ranks": flat(ranks),
        "answer": flat(answer),
        "loss": loss.item(),
        "gradients": {"down": flat(gradients[0]), "up": flat(gradients[1])},
    }


torch.manual_seed(4)
linear, conv = nn.Linear(6, 5), nn.Conv2d(3, 4, 3, padding=1)
x, image = torch.randn(2, 3, 6), torch.randn(2, 3, 4, 5)
CASES = [(True, False, False), (False, True, False), (True, True, False), (False, True, True)]
out = {
    "rank": RANK,
    "alpha": ALPHA,
    "rate": RATE,
    "starts": [start("pissa"), start("olora"), start("orthogonal"), start("gaussian"), start("gaussian", True)],
    "dropouts": [dropout(layer, given, *case) for case in CASES for layer, given in [(linear, x), (conv, image)]],
}
path = pathlib.Path(__file__).parents[2] / "engine/training/fixtures/lora-options.json"
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text(json.dumps(out))
print(path.stat().st_size)
