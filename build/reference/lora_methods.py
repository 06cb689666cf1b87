"""Records training methods on a tiny net: engine/training/methods/fixtures/{lora-fa,dylora,t-lora,full}.json.

Run: python build/reference/lora_methods.py, then prettier on what it writes.

Thirty steps each on fixed data. LoRA-FA by peft's optimizer for linear layers, and by its formula in torch where convolutions are among them, which peft's
cannot take; DyLoRA as its paper writes the forward pass, for ranks that were drawn here; T-LoRA with the mask of lycoris compute_timestep_mask; full
fine-tuning as torch trains it, norms among the layers.
"""

import base64
import json
import math
import pathlib

import torch
from lycoris.modules.tlora import compute_timestep_mask
from peft import LoraConfig, get_peft_model
from peft.optimizers import create_lorafa_optimizer
from torch import nn
from torch.nn import functional as F

FOLDER = pathlib.Path(__file__).parents[2] / "engine/training/methods/fixtures"
RANK, ALPHA, STEPS = 4, 3.0, 30


def flat(tensor):
    packed = base64.b64encode(tensor.detach().contiguous().numpy().astype("<f4").tobytes()).decode()
    return {"shape": list(tensor.shape), "data": packed}


def flats(named):
    return {name: flat(x) for name, x in named.items()}


class Net(nn.Module):
    def __init__(self, convolutions):
        super().__init__()
        self.first = nn.Linear(6, 5)
        self.second = nn.Linear(7, 6)
        if convolutions:
            self.conv = nn.Conv2d(3, 4, 3, padding=1)
            self.point = nn.Conv2d(3, 4, 1)


def data(net):
    shapes = {"first": (3, 4, 6), "second": (3, 7), "conv": (3, 3, 5, 5), "point": (3, 3, 5, 5)}
    inputs = {name: torch.randn(shapes[name]) for name, _ in net.named_children()}
    targets = {}
    for name, layer in net.named_children():
        y = layer(inputs[name]).detach()
        targets[name] = y + 0.5 * torch.randn_like(y)
    return inputs, targets


def described(net, inputs, targets):
    return {
        "rank": RANK,
        "alpha": ALPHA,
        "steps": STEPS,
        "inputs": flats(inputs),
        "targets": flats(targets),
        "base": {name: {"weight": flat(layer.weight), "bias": flat(layer.bias)} for name, layer in net.named_children()},
    }


def start(net, zero_b=True):
    """A and B of each layer, A flat over its window."""
    parts = {}
    for name, layer in net.named_children():
        outputs, *window = layer.weight.shape
        a = torch.randn(RANK, *window) * 0.3
        b = torch.zeros(outputs, RANK) if zero_b else torch.randn(outputs, RANK) * 0.2
        parts[name] = {"A": a, "B": b.reshape(outputs, RANK, *[1 for _ in window[1:]])}
    return parts


def through(layer, x, a):
    if a.dim() == 2:
        return x @ a.T
    return F.conv2d(x, a, padding=layer.padding)


def mixed(h, b):
    return h @ b.T if b.dim() == 2 else F.conv2d(h, b)


def started(parts):
    return {name: flats(of) for name, of in parts.items()}


def loss_of(outputs, targets):
    return sum(((y - targets[name]) ** 2).mean() for name, y in outputs.items())


def lora_fa_peft():
    torch.manual_seed(5)
    net = Net(False)
    names = ["first", "second"]
    inputs, targets = data(net)
    run = described(net, inputs, targets)
    model = get_peft_model(net, LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=names))
    layers = {name: getattr(net, name) for name in names}
    run["start"] = {
        name: {"A": flat(layer.lora_A["default"].weight), "B": flat(layer.lora_B["default"].weight)} for name, layer in layers.items()
    }
    # Its product is taken in half precision where the machine has that: not for a recording.
    import peft.optimizers.lorafa as lorafa

    lorafa.is_bf16_available = lambda: False
    run.update(rate=1e-2, eps=1e-6, weightDecay=0.0, projected=True)
    optimizer = create_lorafa_optimizer(model, r=RANK, lora_alpha=ALPHA, lr=1e-2, weight_decay=0.0)
    losses = []
    for _ in range(STEPS):
        loss = loss_of({name: layer(inputs[name]) for name, layer in layers.items()}, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    run["losses"] = losses
    run["delta"] = {name: flat(layer.get_delta_weight("default")) for name, layer in layers.items()}
    return run


def delta(parts, scale=ALPHA / RANK):
    out = {}
    for name, of in parts.items():
        a, b = of["A"].detach(), of["B"].detach()
        out[name] = flat(scale * (b.flatten(1) @ a.flatten(1)).reshape(b.shape[0], *a.shape[1:]))
    return out


def by_hand(net, inputs, targets, run, parts, rate, weight_decay, step_of, eps=1e-8):
    """Thirty steps of AdamW on what needs a gradient; step_of(step) gives the outputs, and may change gradients afterwards."""
    trained = [p for of in parts.values() for p in of.values() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=rate, weight_decay=weight_decay, eps=eps)
    losses = []
    for step in range(STEPS):
        outputs, after = step_of(step)
        loss = loss_of(outputs, targets)
        optimizer.zero_grad()
        loss.backward()
        after()
        optimizer.step()
        losses.append(loss.item())
    run.update(rate=rate, eps=eps, weightDecay=weight_decay, losses=losses)
    return run


def lora_fa_torch():
    torch.manual_seed(6)
    net = Net(True)
    inputs, targets = data(net)
    run = described(net, inputs, targets)
    parts = start(net)
    run["start"] = started(parts)
    for of in parts.values():
        of["B"].requires_grad = True

    def step_of(_):
        outputs = {}
        for name, layer in net.named_children():
            h = through(layer, inputs[name], parts[name]["A"])
            outputs[name] = layer(inputs[name]).detach() + (ALPHA / RANK) * mixed(h, parts[name]["B"])

        def project():
            for of in parts.values():
                a = of["A"].flatten(1)
                inverse = torch.linalg.pinv(a @ a.T + 1e-8 * torch.eye(RANK)) / (ALPHA / RANK) ** 2
                of["B"].grad = (of["B"].grad.flatten(1) @ inverse).reshape(of["B"].shape)

        return outputs, project

    by_hand(net, inputs, targets, run, parts, 1e-2, 0.01, step_of)
    run.update(projected=True, delta=delta(parts))
    return run


def dylora(scale, unit, last_only):
    torch.manual_seed(7)
    net = Net(True)
    inputs, targets = data(net)
    run = described(net, inputs, targets)
    parts = start(net)
    run["start"] = started(parts)
    for of in parts.values():
        for p in of.values():
            p.requires_grad = True
    ranks = (torch.randint(1, RANK // unit + 1, (STEPS,)) * unit).tolist()

    def step_of(step):
        n = ranks[step]
        factor = {"constant": 1.0, "root": math.sqrt(RANK / n), "rank": RANK / n}[scale]
        outputs = {}
        for name, layer in net.named_children():
            a, b = parts[name]["A"][:n], parts[name]["B"][:, :n]
            if last_only:
                a = torch.cat([a[: n - unit].detach(), a[n - unit :]])
                b = torch.cat([b[:, : n - unit].detach(), b[:, n - unit :]], 1)
            outputs[name] = layer(inputs[name]).detach() + (ALPHA / RANK) * factor * mixed(through(layer, inputs[name], a), b)
        return outputs, lambda: None

    by_hand(net, inputs, targets, run, parts, 2e-2, 0.01, step_of)
    run.update(ranks=ranks, options={"scale": scale, "unit": unit, "lastOnly": last_only}, delta=delta(parts))
    return run


def t_lora(minimum, power):
    torch.manual_seed(8)
    net = Net(True)
    inputs, targets = data(net)
    run = described(net, inputs, targets)
    parts = start(net)
    run["start"] = started(parts)
    for of in parts.values():
        for p in of.values():
            p.requires_grad = True
    timesteps = torch.randint(0, 1000, (STEPS, 3)).tolist()

    def step_of(step):
        mask = torch.cat([compute_timestep_mask(t, 1000, RANK, minimum, power) for t in timesteps[step]])
        outputs = {}
        for name, layer in net.named_children():
            h = through(layer, inputs[name], parts[name]["A"])
            m = {2: mask, 3: mask[:, None], 4: mask[:, :, None, None]}[h.dim()]
            outputs[name] = layer(inputs[name]).detach() + (ALPHA / RANK) * mixed(h * m, parts[name]["B"])
        return outputs, lambda: None

    by_hand(net, inputs, targets, run, parts, 2e-2, 0.01, step_of)
    run.update(timesteps=timesteps, options={"minRank": minimum, "power": power}, delta=delta(parts))
    return run


class Block(nn.Module):
    """Layers and norms one behind the other, as in a UNet."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1)
        self.group = nn.GroupNorm(2, 4)
        self.norm = nn.LayerNorm(4)
        self.linear = nn.Linear(4, 5)

    def forward(self, x):
        y = F.silu(self.group(self.conv(x)))
        tokens = y.permute(0, 2, 3, 1).flatten(1, 2)
        return self.linear(self.norm(tokens))


def full(what):
    torch.manual_seed(9)
    net = Block()
    for norm in (net.group, net.norm):
        nn.init.normal_(norm.weight, 1, 0.1)
        nn.init.normal_(norm.bias, 0, 0.1)
    x = torch.randn(2, 4, 4, 4)
    target = net(x).detach() + 0.5 * torch.randn(2, 16, 5)
    base = {name: p.clone() for name, p in net.named_parameters()}
    chosen = {
        "layers": lambda name: name.startswith(("conv", "linear")),
        "everything": lambda _: True,
        "norms-biases": lambda name: net.get_parameter(name).dim() == 1,
    }[what]
    trained = [name for name in base if chosen(name)]
    optimizer = torch.optim.AdamW([net.get_parameter(name) for name in trained], lr=5e-3, weight_decay=0.01)
    losses = []
    for _ in range(STEPS):
        loss = ((net(x) - target) ** 2).mean()
        net.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return {
        "what": what,
        "steps": STEPS,
        "rate": 5e-3,
        "weightDecay": 0.01,
        "x": flat(x),
        "target": flat(target),
        "base": flats(base),
        "losses": losses,
        "changes": {name: flat(net.get_parameter(name).detach() - base[name].detach()) for name in trained},
    }


def written(name, value):
    (FOLDER / f"{name}.json").write_text(json.dumps(value) + "\n")
    for run in value:
        print(name, run["losses"][0], run["losses"][-1])


if __name__ == "__main__":
    written("lora-fa", [lora_fa_peft(), lora_fa_torch()])
    written("dylora", [dylora("constant", 1, False), dylora("root", 2, False), dylora("rank", 1, True)])
    written("t-lora", [t_lora(1, 1.0), t_lora(2, 2.0)])
    written("full", [full("layers"), full("everything"), full("norms-biases")])
