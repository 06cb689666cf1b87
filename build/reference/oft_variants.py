"""Records what LyCORIS, sd-scripts, OneTrainer and peft merge of OFT: engine/adapters/variants/fixtures/oft.json.

Run: python build/reference/oft_variants.py <checkout of kohya-ss/sd-scripts> <checkout of Nerogar/OneTrainer>, then prettier on what it writes.
Tensors are those of a file, by their suffixes; peft's have its config.
"""
import base64
import importlib.util
import json
import pathlib
import sys
import types

import torch
from lycoris.modules.boft import ButterflyOFTModule
from lycoris.modules.diag_oft import DiagOFTModule
from lycoris_variants import training
from peft import OFTConfig, get_peft_model, get_peft_model_state_dict
from torch import nn

torch.manual_seed(0)
FOLDER = pathlib.Path(__file__).parents[2] / "engine/adapters/variants/fixtures"


def flat(tensor):
    packed = base64.b64encode(tensor.detach().float().contiguous().numpy().astype("<f4").tobytes()).decode()
    return {"shape": list(tensor.shape), "data": packed}


def layers():
    return {"linear": nn.Linear(6, 8), "conv": nn.Conv2d(2, 8, 3, padding=1), "point": nn.Conv2d(6, 8, 1)}


def case(program, layer, base, tensors, merged, **more):
    parts = {suffix: flat(torch.as_tensor(tensor)) for suffix, tensor in tensors.items()}
    return {"program": program, "layer": layer, **more, "base": flat(base), "tensors": parts, "merged": flat(merged)}


def lycoris(kind, says, size, constraint=0, rescaled=False):
    out = []
    for name, layer in layers().items():
        module = kind("x", layer, 1.0, lora_dim=size, constraint=constraint, rescaled=rescaled)
        nn.init.normal_(module.oft_blocks, std=0.3)
        if rescaled:
            nn.init.uniform_(module.rescale, 0.5, 1.5)
        base = layer.weight.detach().clone()
        merged, _ = module.get_merged_weight(1.0, base.shape)
        tensors = {f".{key}": value for key, value in module.state_dict().items() if key in ("oft_blocks", "rescale", "alpha")}
        out.append(case(f"lycoris {says}", name, base, tensors, merged))
    return out


def load(name, path, **missing):
    """A program's own file, with what it imports and does not need here left empty."""
    for module, members in missing.items():
        empty = types.ModuleType(module.replace("__", "."))
        vars(empty).update(members)
        sys.modules.setdefault(module.replace("__", "."), empty)
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sd_scripts(checkout):
    oft = load("oft", f"{checkout}/networks/oft.py", library={}, library__utils={"setup_logging": lambda: None}, einops={})
    out = []
    for name, layer in layers().items():
        for alpha in (1e-2, 5):
            base = layer.weight.detach().clone()
            module = oft.OFTInfModule("x", layer, 1.0, dim=4, alpha=alpha)
            nn.init.normal_(module.oft_blocks, std=0.3)
            module.merge_to(1.0)
            tensors = {".oft_blocks": module.oft_blocks, ".alpha": module.alpha}
            out.append(case(f"sd-scripts, alpha {alpha}", name, base, tensors, layer.weight))
            layer.weight.data.copy_(base)
    return out


def one_trainer(checkout):
    """Its own blocks; what it makes of a convolution's weight with them (OFTModule.forward) stands beside much that cannot be imported."""
    utils = load("oft_utils", f"{checkout}/modules/module/oft_utils.py")
    out = []
    for name, layer in layers().items():
        for scaled in (False, True):
            base = layer.weight.detach().clone()
            columns, b = base[0].numel(), 3
            rotation = utils.OFTRotationModule(columns // b, b * (b - 1) // 2, b, columns, oft_scaled=scaled)
            nn.init.normal_(rotation.weight, std=0.3)
            if name == "linear":
                merged = rotation(torch.eye(columns)) @ base.T
                merged = merged.T
            else:
                weight = rotation.weight / (2 * (b - 1) ** 0.5 if scaled else 1)
                r = rotation._cayley_batch(weight, b, True, 5)
                merged = torch.einsum("ork,rkc->orc", base.reshape(base.shape[0], -1, b), r).reshape(base.shape)
            tensors = {f".oft_R.{key}": value for key, value in rotation.state_dict().items()}
            out.append(case("OneTrainer" + (", scaled" if scaled else ""), name, base, tensors, merged))
    return out


def peft(says, only=("linear", "conv", "point"), **options):
    net = nn.Module()
    for name in only:
        setattr(net, name, layers()[name])
    model = get_peft_model(net, OFTConfig(target_modules=list(only), **options))
    out = []
    for name in only:
        layer = getattr(model.base_model.model, name)
        nn.init.normal_(layer.oft_R["default"].weight, std=0.2)
    state = get_peft_model_state_dict(model)
    state = {key: value.detach().clone() for key, value in state.items()}
    config = {key: value for key, value in model.peft_config["default"].to_dict().items() if value is not None}
    config = {key: sorted(value) if isinstance(value, set) else value for key, value in config.items()}
    for name in only:
        layer = getattr(model.base_model.model, name)
        base = layer.get_base_layer().weight.detach().clone()
        layer.merge()
        own = {key.split(name, 1)[1]: value for key, value in state.items() if f".{name}." in key}
        out.append(case(f"peft {says}", name, base, own, layer.get_base_layer().weight, config=config))
    return out


if __name__ == "__main__":
    cases = [
        *lycoris(DiagOFTModule, "diag", 2),
        *lycoris(DiagOFTModule, "diag constrained", 4, constraint=0.05),
        *lycoris(DiagOFTModule, "diag rescaled", 2, rescaled=True),
        *lycoris(ButterflyOFTModule, "boft", 2),
        *lycoris(ButterflyOFTModule, "boft constrained", 4, constraint=0.05),
        *lycoris(ButterflyOFTModule, "boft rescaled", 2, rescaled=True),
        *sd_scripts(sys.argv[1]),
        *one_trainer(sys.argv[2]),
        *peft("exact", oft_block_size=2, use_cayley_neumann=False),
        *peft("series", oft_block_size=3),
        *peft("shared", r=3, oft_block_size=0, block_share=True),
        *peft("bounded", oft_block_size=2, coft=True, eps=0.3),
        *(one for terms in (1, 2, 3, 4, 6) for one in peft(f"{terms} terms", ["linear"], oft_block_size=3, num_cayley_neumann_terms=terms)),
    ]
    nets = {"linear": nn.Linear(6, 8), "conv": nn.Conv2d(4, 9, 3, padding=1), "point": nn.Conv2d(4, 16, 1)}
    (FOLDER / "oft.json").write_text(json.dumps({"merged": cases, "training": training(DiagOFTModule, 4, 3.0, nets)}) + "\n")
