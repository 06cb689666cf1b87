"""Records LoHa, LoKr, LoCon with a middle tensor, GLoRA and AdaLoRA as LyCORIS and peft have them, on tiny layers, and how (IA)3 trains:
engine/adapters/variants/fixtures/{loha,lokr,tucker,glora,adalora,ia3-trained}.json.

Run: python build/reference/lycoris_variants.py, then prettier on what it writes.

`merged`: what a program adds to a weight, by the very tensors and settings that it saves. LyCORIS' get_diff_weight counts the scale twice for LoHa
and LoKr, its forward pass counts it once (get_weight): the latter is recorded. `training`: gradients and a course of AdamW by LyCORIS' forward pass.
"""
import base64
import json
import pathlib

import torch
from lycoris.modules.glora import GLoRAModule
from lycoris.modules.ia3 import IA3Module
from lycoris.modules.locon import LoConModule
from lycoris.modules.loha import LohaModule
from lycoris.modules.lokr import LokrModule
from peft import AdaLoraConfig, LoHaConfig, LoKrConfig, get_peft_model, get_peft_model_state_dict
from torch import nn

STEPS, RATE = 30, 1e-2
torch.manual_seed(0)


def flat(tensor):
    packed = base64.b64encode(tensor.detach().float().contiguous().numpy().astype("<f4").tobytes()).decode()
    return {"shape": list(tensor.shape), "data": packed}


def layers():
    return {"linear": nn.Linear(12, 18), "conv": nn.Conv2d(8, 12, 3, padding=1), "point": nn.Conv2d(8, 12, 1)}


def fill(module):
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.4)


def lycoris(kind, says, rank, alpha, only=None, **options):
    found = []
    for name, layer in layers().items():
        if only and name not in only:
            continue
        module = kind("x", layer, 1.0, lora_dim=rank, alpha=alpha, **options)
        for key, parameter in module.named_parameters():
            if not key.startswith("org_module") and parameter is not layer.weight and parameter is not layer.bias:
                nn.init.uniform_(parameter, 0.5, 2) if key == "dora_scale" else nn.init.normal_(parameter, std=0.4)
        base = layer.weight.detach().clone()
        if kind is GLoRAModule:
            merged = base + module.make_weight()
        elif kind is LoConModule:
            merged = module.get_merged_weight(1.0, base.shape)[0]
        else:
            merged = base + module.get_weight(base.shape)
            if options.get("weight_decompose"):
                merged = module.apply_weight_decompose(merged)
        state = module.custom_state_dict()
        found.append(
            {
                "program": f"lycoris {says}".strip(),
                "layer": name,
                "base": flat(base),
                "tensors": {f".{key}": flat(value) for key, value in state.items()},
                "merged": flat(merged),
            }
        )
    return found


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        for name, layer in layers().items():
            setattr(self, name, layer)


def with_peft(says, config, fields, masks=None):
    model = get_peft_model(Net(), config)
    for key, parameter in model.named_parameters():
        if parameter.requires_grad and "ranknum" not in key:
            nn.init.normal_(parameter, std=0.4)
    if masks:
        model.peft_config["default"].rank_pattern = {f"{name}.lora_E": mask for name, mask in masks.items()}
        for name, mask in masks.items():
            layer = getattr(model.base_model.model, name)
            layer.lora_E["default"].data[~torch.tensor(mask)] = 0
    state = get_peft_model_state_dict(model, save_embedding_layers=False)
    found = []
    for name in layers():
        layer = getattr(model.base_model.model, name)
        if not hasattr(layer, "base_layer"):
            continue
        base = layer.base_layer.weight.detach().clone()
        prefix = f"base_model.model.{name}"
        found.append(
            {
                "program": f"peft {says}".strip(),
                "layer": name,
                "config": {"peft_type": config.peft_type.value, **fields},
                "base": flat(base),
                "tensors": {key[len(prefix) :]: flat(value) for key, value in state.items() if key.startswith(prefix + ".")},
                "merged": flat(base + layer.get_delta_weight("default")),
            }
        )
    return found


def training(kind, rank, alpha, nets=None, **options):
    nets = nets or {"linear": nn.Linear(6, 5), "conv": nn.Conv2d(4, 4, 3, padding=1), "point": nn.Conv2d(4, 6, 1)}
    modules = {name: kind("x", layer, 1.0, lora_dim=rank, alpha=alpha, **options) for name, layer in nets.items()}
    for layer in nets.values():
        layer.requires_grad_(False)
    trained = {name: {k: p for k, p in module.named_parameters() if p.requires_grad} for name, module in modules.items()}
    for those in trained.values():
        for p in those.values():
            nn.init.normal_(p, std=0.4)
    state = lambda: {name: {f".{key}": flat(value) for key, value in those.items()} for name, those in trained.items()}
    inputs = {"linear": torch.randn(3, 4, 6), "conv": torch.randn(2, 4, 5, 5), "point": torch.randn(2, 4, 5, 5)}
    targets = {name: torch.randn_like(nets[name](x)) for name, x in inputs.items()}
    recorded = {
        "rank": rank,
        "alpha": alpha,
        "rate": RATE,
        "steps": STEPS,
        "inputs": {name: flat(x) for name, x in inputs.items()},
        "targets": {name: flat(x) for name, x in targets.items()},
        "base": {name: {"weight": flat(layer.weight), "bias": flat(layer.bias)} for name, layer in nets.items()},
        "start": state(),
    }
    optimizer = torch.optim.AdamW([p for those in trained.values() for p in those.values()], lr=RATE, weight_decay=0.01)
    losses = []
    for step in range(STEPS):
        loss = sum(((modules[name](x) - targets[name]) ** 2).mean() for name, x in inputs.items())
        optimizer.zero_grad()
        loss.backward()
        if step == 0:
            recorded["gradients"] = {
                name: {f".{key}": flat(p.grad) for key, p in those.items()} for name, those in trained.items()
            }
        optimizer.step()
        losses.append(loss.item())
    return {**recorded, "losses": losses, "end": state()}


def loha():
    fields = {"r": 2, "alpha": 3}
    return {
        "merged": [
            *lycoris(LohaModule, "", 2, 3.0),
            *lycoris(LohaModule, "rank 5", 5, 1.0, only=["linear", "conv"]),
            *lycoris(LohaModule, "rs_lora", 4, 2.0, only=["linear"], rs_lora=True),
            *lycoris(LohaModule, "tucker", 3, 2.0, only=["conv"], use_tucker=True),
            *lycoris(LohaModule, "dora", 2, 3.0, weight_decompose=True),
            *lycoris(LohaModule, "dora by input", 5, 3.0, only=["conv"], weight_decompose=True, wd_on_out=False),
            *with_peft("", LoHaConfig(**fields, target_modules=["linear", "conv", "point"]), fields),
            *with_peft("effective", LoHaConfig(**fields, target_modules=["conv", "point"], use_effective_conv2d=True), fields),
        ],
        "training": training(LohaModule, 2, 3.0),
    }


def lokr():
    fields = {"r": 2, "alpha": 3}
    full = {"r": 16, "alpha": 3}
    every = ["linear", "conv", "point"]
    return {
        "merged": [
            *lycoris(LokrModule, "", 1, 3.0),
            *lycoris(LokrModule, "factor 2", 2, 3.0, factor=2),
            *lycoris(LokrModule, "rs_lora", 2, 3.0, only=["linear"], factor=2, rs_lora=True),
            *lycoris(LokrModule, "tucker", 2, 3.0, only=["conv"], factor=2, use_tucker=True),
            *lycoris(LokrModule, "both", 1, 3.0, decompose_both=True),
            *lycoris(LokrModule, "unbalanced", 1, 3.0, unbalanced_factorization=True),
            *lycoris(LokrModule, "full", 9, 3.0, full_matrix=True),
            *lycoris(LokrModule, "dora", 2, 3.0, factor=2, weight_decompose=True),
            *lycoris(LokrModule, "full dora", 9, 3.0, only=["linear"], full_matrix=True, weight_decompose=True),
            *with_peft("", LoKrConfig(**fields, decompose_factor=2, target_modules=every), fields),
            *with_peft("both", LoKrConfig(r=1, alpha=3, decompose_both=True, target_modules=every), {"r": 1, "alpha": 3}),
            *with_peft("effective", LoKrConfig(**fields, decompose_factor=2, target_modules=["conv"], use_effective_conv2d=True), fields),
            *with_peft("full", LoKrConfig(**full, target_modules=every), full),
        ],
        "training": training(LokrModule, 1, 3.0),
        "full": training(LokrModule, 8, 3.0),
    }


def tucker():
    return {
        "merged": [
            *lycoris(LoConModule, "", 2, 3.0, only=["conv"], use_tucker=True),
            *lycoris(LoConModule, "rank 5", 5, 1.0, only=["conv"], use_tucker=True),
            *lycoris(LoConModule, "dora", 2, 3.0, only=["conv"], use_tucker=True, weight_decompose=True),
        ]
    }


def glora():
    return {"merged": [*lycoris(GLoRAModule, "", 2, 3.0), *lycoris(GLoRAModule, "rank 4", 4, 1.0)]}


def adalora():
    every = ["linear", "conv", "point"]
    fields = {"init_r": 4, "lora_alpha": 3}
    settings = {**fields, "target_r": 2, "total_step": 100, "target_modules": every}
    masks = {"linear": [True, False, True, False], "conv": [True, True, True, False], "point": [False, False, True, False]}
    zero = {"init_r": 3, "lora_alpha": -1}
    return {
        "merged": [
            *with_peft("", AdaLoraConfig(**settings), fields),
            *with_peft("pruned", AdaLoraConfig(**settings), fields, masks),
            *with_peft("alpha of the rank", AdaLoraConfig(**{**settings, **zero}), zero),
        ]
    }


def ia3_trained():
    return {"merged": [], "training": training(IA3Module, 1, 1.0)}


if __name__ == "__main__":
    folder = pathlib.Path(__file__).parents[2] / "engine/adapters/variants/fixtures"
    all = {"loha": loha, "lokr": lokr, "tucker": tucker, "glora": glora, "adalora": adalora, "ia3-trained": ia3_trained}
    for name, record in all.items():
        (folder / f"{name}.json").write_text(json.dumps(record()) + "\n")
