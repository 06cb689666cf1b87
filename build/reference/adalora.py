"""Records AdaLoRA as peft trains it, on a tiny net: engine/training/methods/fixtures/adalora.json.

Run: python build/reference/adalora.py, then prettier on what it writes.

Linear layers, a 3x3 and a 1x1 convolution, thirty steps of AdamW on fixed data; the orthogonal term is recorded by itself, since peft adds it only to
models that return their loss.
"""
import base64
import json
import pathlib

import torch
from peft import AdaLoraConfig, get_peft_model
from torch import nn

RANK, TARGET, ALPHA, STEPS, RATE = 4, 2, 3.0, 30, 2e-2
torch.manual_seed(3)


def flat(tensor):
    packed = base64.b64encode(tensor.detach().contiguous().numpy().astype("<f4").tobytes()).decode()
    return {"shape": list(tensor.shape), "data": packed}


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(6, 5)
        self.second = nn.Linear(7, 6)
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.point = nn.Conv2d(3, 4, 1)

    def forward(self, inputs):
        return {name: getattr(self, name)(x) for name, x in inputs.items()}


NAMES = ["first", "second", "conv", "point"]
# What each layer is to learn: an update of this rank, so large.
AIMS = [(1, 0.6), (3, 0.5), (2, 0.3), (2, 0.6)]


def aim(layer, x, rank):
    """x through a random update of the weight, of a given rank."""
    outputs, *window = layer.weight.shape
    delta = (torch.randn(outputs, rank) @ torch.randn(rank, layer.weight[0].numel())).reshape(layer.weight.shape)
    if len(window) == 1:
        return x @ delta.T
    return nn.functional.conv2d(x, delta, padding=layer.padding)


def recorded(options, weight):
    net = Net()
    config = AdaLoraConfig(
        init_r=RANK, target_r=TARGET, lora_alpha=ALPHA, total_step=STEPS, target_modules=NAMES, orth_reg_weight=0.5, **options
    )
    model = get_peft_model(net, config)
    layers = {name: getattr(net, name) for name in NAMES}

    def parts():
        return {name: {role: flat(getattr(layer, f"lora_{role}")["default"]) for role in "AEB"} for name, layer in layers.items()}

    inputs = {
        "first": torch.randn(3, 4, 6),
        "second": torch.randn(3, 2, 7),
        "conv": torch.randn(2, 3, 5, 5),
        "point": torch.randn(2, 3, 5, 5),
    }
    targets = {
        name: layer(inputs[name]).detach() + size * aim(layer.get_base_layer(), inputs[name], rank)
        for (name, layer), (rank, size) in zip(layers.items(), AIMS)
    }
    run = {
        "rank": RANK,
        "alpha": ALPHA,
        "rate": RATE,
        "steps": STEPS,
        "options": {"targetRank": TARGET, **options},
        "weightDecay": weight,
        "inputs": {name: flat(x) for name, x in inputs.items()},
        "targets": {name: flat(x) for name, x in targets.items()},
        "base": {name: {"weight": flat(layer.get_base_layer().weight), "bias": flat(layer.get_base_layer().bias)} for name, layer in layers.items()},
        "start": parts(),
    }
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=RATE, weight_decay=weight)
    losses, ranks = [], []
    for step in range(1, STEPS + 1):
        loss = sum(((y - targets[name]) ** 2).mean() for name, y in net(inputs).items())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        model.base_model.update_and_allocate(step)
        losses.append(loss.item())
        ranks.append([int((layer.lora_E["default"] != 0).sum()) for layer in layers.values()])
    run["losses"] = losses
    run["ranks"] = ranks
    run["delta"] = {name: flat(layer.get_delta_weight("default").reshape(layer.get_base_layer().weight.shape)) for name, layer in layers.items()}
    return run


def orthogonal():
    """The term of AdaLoraModel.forward and its gradient, in its own words."""
    matrices = {"A": torch.randn(RANK, 6), "B": torch.randn(5, RANK)}
    for matrix in matrices.values():
        matrix.requires_grad = True
    regu_loss, num_param = 0, 0
    for n, p in matrices.items():
        para_cov = p @ p.T if n == "A" else p.T @ p
        I = torch.eye(*para_cov.size())  # noqa: E741
        num_param += 1
        regu_loss += torch.norm(para_cov - I, p="fro")
    loss = 0.5 * regu_loss / num_param
    loss.backward()
    return {
        "weight": 0.5,
        "loss": loss.item(),
        "matrices": {n: flat(p) for n, p in matrices.items()},
        "gradients": {n: flat(p.grad) for n, p in matrices.items()},
    }


if __name__ == "__main__":
    folder = pathlib.Path(__file__).parents[2] / "engine/training/methods/fixtures"
    folder.mkdir(exist_ok=True)
    runs = [
        recorded({"tinit": 0, "tfinal": 0, "deltaT": 1, "beta1": 0.85, "beta2": 0.85}, 0.0),
        recorded({"tinit": 4, "tfinal": 8, "deltaT": 3, "beta1": 0.7, "beta2": 0.9}, 0.01),
    ]
    (folder / "adalora.json").write_text(json.dumps({"runs": runs, "orthogonal": orthogonal()}) + "\n")
    for run in runs:
        print(run["losses"][0], run["losses"][-1], run["ranks"][::5], run["ranks"][-1])
