"""Writes the key and shape lists under engine/adapter-formats/fixtures, as the programs themselves name and shape their tensors.

    python build/reference/adapter_keys.py <checkout of kohya-ss/sd-scripts> engine/adapter-formats/fixtures

Needs torch, diffusers, transformers and peft. Every network is made on the meta device: names and shapes, no weights.
"""

import json
import re
import sys
import types
from pathlib import Path

import diffusers
import peft
import torch
import transformers

RANK, ALPHA = 4, 2

SD1 = dict(cross_attention_dim=768, sample_size=64)
SDXL = dict(
    cross_attention_dim=2048,
    sample_size=128,
    block_out_channels=(320, 640, 1280),
    down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    transformer_layers_per_block=(1, 2, 10),
    attention_head_dim=(5, 10, 20),
    use_linear_projection=True,
    addition_embed_type="text_time",
    addition_time_embed_dim=256,
    projection_class_embeddings_input_dim=2816,
)
ATTENTION = ["to_q", "to_k", "to_v", "to_out.0"]


def grouped(shapes):
    """Module names by the shapes of their tensors, in order of first use: far smaller than one entry a key."""
    modules = {}
    for key, shape in shapes.items():
        name, part = re.fullmatch(r"(.*?)((?:\.lora_.*|\.alpha)?)", key).groups()
        modules.setdefault(name, {})[part] = shape
    groups = {}
    for name, parts in modules.items():
        groups.setdefault(json.dumps(parts, sort_keys=True), []).append(name)
    return [{"parts": json.loads(parts), "modules": names} for parts, names in groups.items()]


def save(folder, name, program, shapes, **facts):
    record = {"program": program, **facts, "count": len(shapes), "tensors": grouped(shapes)}
    (folder / f"{name}.json").write_text(json.dumps(record, separators=(",", ":")) + "\n")
    print(name, len(shapes))


def shapes_of(state):
    return {key: list(value.shape) for key, value in state.items()}


LAYERS = (torch.nn.Linear, torch.nn.Conv2d)
"""What only whole differences act on."""
CLOSED = (torch.nn.GroupNorm, torch.nn.LayerNorm, torch.nn.Embedding)


def modules_of(component, model, kinds=LAYERS):
    """Weights of every module of these kinds; a low-rank pair can stand beside LAYERS."""
    return {f"{component}.{name}": list(m.weight.shape) for name, m in model.named_modules() if isinstance(m, kinds)}


def clip(width, layers, mlp, projection=None):
    """transformers 5 dropped `text_model.` from the module path; checkpoints and adapters keep it, so it is put back."""
    config = transformers.CLIPTextConfig(hidden_size=width, num_hidden_layers=layers, intermediate_size=mlp, num_attention_heads=width // 64)
    model = transformers.CLIPTextModel(config)
    if hasattr(model, "text_model"):
        wrapper = model
    else:
        wrapper = torch.nn.Module()
        wrapper.text_model = model
    if projection:
        wrapper.text_projection = torch.nn.Linear(width, projection, bias=False)
    return wrapper


def peft_and_diffusers(folder):
    unet = diffusers.UNet2DConditionModel(**SD1)
    config = peft.LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=ATTENTION)
    wrapped = peft.get_peft_model(unet, config)
    state = peft.get_peft_model_state_dict(wrapped)
    save(folder, "peft-sd1-attention", f"peft {peft.__version__}", shapes_of(state), rank=RANK, alpha=ALPHA)

    unet = diffusers.UNet2DConditionModel(**SD1)
    unet.add_adapter(config)
    layers = peft.get_peft_model_state_dict(unet)
    written = {}
    diffusers.StableDiffusionPipeline.save_lora_weights(
        "unused", unet_lora_layers=layers, save_function=lambda tensors, path: written.update(tensors)
    )
    save(folder, "diffusers-sd1-attention", f"diffusers {diffusers.__version__}", shapes_of(written), rank=RANK, alpha=ALPHA)


def kohya(checkout, folder):
    # Only names and shapes are made, so the helpers that the real program imports may be empty.
    sys.path.insert(0, checkout)
    for name, members in {
        "einops": {"rearrange": None},
        "library": {"__path__": [f"{checkout}/library"]},
        "library.utils": {"setup_logging": lambda: None},
    }.items():
        module = types.ModuleType(name)
        vars(module).update(members)
        sys.modules[name] = module
    from library.original_unet import UNet2DConditionModel
    from library.sdxl_original_unet import SdxlUNet2DConditionModel
    from networks.lora import LoRANetwork

    for name, unet, encoders in [
        ("kohya-sd1-default", UNet2DConditionModel(64, 8, 768), [clip(768, 12, 3072)]),
        ("kohya-sdxl-default", SdxlUNet2DConditionModel(), [clip(768, 12, 3072), clip(1280, 32, 5120)]),
    ]:
        network = LoRANetwork(encoders if len(encoders) > 1 else encoders[0], unet, lora_dim=RANK, alpha=ALPHA, is_sdxl=len(encoders) > 1)
        network.apply_to(encoders, unet, apply_text_encoder=True, apply_unet=True)
        save(folder, name, "kohya-ss/sd-scripts", shapes_of(network.state_dict()), rank=RANK, alpha=ALPHA)


def bases(folder):
    for name, unet, encoders in [
        ("base-sd1", SD1, [clip(768, 12, 3072)]),
        ("base-sdxl", SDXL, [clip(768, 12, 3072), clip(1280, 32, 5120, projection=1280)]),
    ]:
        networks = list(zip(["unet", "text_encoder", "text_encoder_2"], [diffusers.UNet2DConditionModel(**unet), *encoders]))
        shapes, closed = ({key: shape for network in networks for key, shape in modules_of(*network, kinds).items()} for kinds in (LAYERS, CLOSED))
        save(folder, name, f"diffusers {diffusers.__version__}", shapes, closed=grouped(closed))


if __name__ == "__main__":
    target = Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    with torch.device("meta"):
        bases(target)
        peft_and_diffusers(target)
        kohya(sys.argv[1], target)
