"""Records what LyCORIS and peft merge of (IA)3, and whole differences: engine/adapters/variants/fixtures/{ia3,full}.json.

Run: python build/reference/more_variants.py, then prettier on what it writes. Each case has the tensors as in a file, by their suffixes.
"""
import base64
import json
import pathlib

import torch
from lycoris.modules.full import FullModule
from lycoris.modules.ia3 import IA3Module
from lycoris.modules.norms import NormModule
from peft import IA3Config, inject_adapter_in_model
from torch import nn

torch.manual_seed(0)
FOLDER = pathlib.Path(__file__).parents[2] / "engine/adapters/variants/fixtures"


def flat(tensor):
    packed = base64.b64encode(tensor.detach().float().contiguous().numpy().astype("<f4").tobytes()).decode()
    return {"shape": list(tensor.shape), "data": packed}


def layers():
    return {"linear": nn.Linear(6, 8), "conv": nn.Conv2d(6, 8, 3, padding=1), "point": nn.Conv2d(6, 8, 1)}


class Net(nn.Module):
    def __init__(self, parts):
        super().__init__()
        for name, layer in parts.items():
            setattr(self, name, layer)


def case(program, variant, name, base, tensors, merged, bias=None, merged_bias=None, **more):
    parts = {suffix: flat(tensor) for suffix, tensor in tensors.items()}
    biases = {} if bias is None else {"bias": flat(bias), "mergedBias": flat(merged_bias)}
    return {"program": program, "variant": variant, "layer": name, **more, "base": flat(base), "tensors": parts, "merged": flat(merged), **biases}


def ia3():
    out = []
    for on_input in (False, True):
        for name, layer in layers().items():
            module = IA3Module("x", layer, 1.0, train_on_input=on_input)
            nn.init.normal_(module.weight, std=0.3)
            base = layer.weight.detach().clone()
            merged, _ = module.get_merged_weight(1.0, base.shape)
            out.append(case("lycoris", "ia3", name, base, {".weight": module.weight, ".on_input": module.on_input}, merged))
        net = Net(layers())
        inject_adapter_in_model(IA3Config(target_modules=list(layers()), feedforward_modules=list(layers()) if on_input else []), net)
        for name in layers():
            layer = getattr(net, name)
            nn.init.uniform_(layer.ia3_l["default"], 0.5, 1.5)
            inner = layer.get_base_layer()
            base, bias = inner.weight.detach().clone(), inner.bias.detach().clone()
            layer.merge()
            out.append(case("peft", "ia3-peft", name, base, {".ia3_l": layer.ia3_l["default"]}, inner.weight, bias, inner.bias))
    return out


def full():
    out = []
    for name, layer in layers().items():
        module = FullModule("x", layer, 1.0)
        nn.init.normal_(module.weight, std=0.3)
        nn.init.normal_(module.bias, std=0.3)
        base, bias = layer.weight.detach().clone(), layer.bias.detach().clone()
        merged, merged_bias = module.get_merged_weight(1.0, base.shape)
        diff, diff_b = module.get_diff_weight()
        out.append(case("lycoris", "full", name, base, {".diff": diff}, merged))
        out.append(case("lycoris", "bias", name, base, {".diff_b": diff_b}, base, bias, merged_bias))
        out.append(case("ComfyUI", "set-weight", name, base, {".set_weight": merged}, merged))
    for name, layer in {"group norm": nn.GroupNorm(2, 8), "layer norm": nn.LayerNorm(8)}.items():
        nn.init.normal_(layer.weight)
        nn.init.normal_(layer.bias)
        module = NormModule("x", layer, 1.0)
        nn.init.normal_(module.w_norm, std=0.3)
        nn.init.normal_(module.b_norm, std=0.3)
        base, bias = layer.weight.detach().clone(), layer.bias.detach().clone()
        merged, merged_bias = module.make_weight(1)
        out.append(case("lycoris", "full", name, base, {".w_norm": module.w_norm}, merged))
        out.append(case("lycoris", "bias", name, base, {".b_norm": module.b_norm}, base, bias, merged_bias))
    return out


def write(name, cases):
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps({"merged": cases}) + "\n")


if __name__ == "__main__":
    write("ia3", ia3())
    write("full", full())
