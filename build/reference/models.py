"""Writes a tiny random model: a diffusers folder and, where the configuration allows it, the same weights as one file."""
import json
import os
import shutil
import tempfile

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

import single_file
import tokenizer
import weights
from configs import SCHEDULER

FILE = {"unet": "diffusion_pytorch_model", "vae": "diffusion_pytorch_model", "text_encoder": "model", "text_encoder_2": "model"}


def unet(config):
    u, sdxl = config["unet"], config["family"] == "sdxl"
    levels = len(u["channels"])
    down = ["CrossAttnDownBlock2D"] * levels
    up = ["CrossAttnUpBlock2D"] * levels
    if sdxl:
        down[0], up[-1] = "DownBlock2D", "UpBlock2D"
    else:
        down[-1], up[0] = "DownBlock2D", "UpBlock2D"
    added = {}
    if sdxl:
        pooled = config["text"][1]["projection"]
        added = {
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": u["time_ids_width"],
            "projection_class_embeddings_input_dim": pooled + 6 * u["time_ids_width"],
        }
    return UNet2DConditionModel(
        sample_size=8,
        block_out_channels=u["channels"],
        layers_per_block=u["layers"],
        down_block_types=down,
        up_block_types=up,
        attention_head_dim=u["heads"],
        transformer_layers_per_block=u["depth"],
        cross_attention_dim=sum(t["width"] for t in config["text"]),
        norm_num_groups=u["groups"],
        use_linear_projection=config["family"] != "sd1",
        **added,
    )


def vae(config):
    v = config["vae"]
    levels = len(v["channels"])
    return AutoencoderKL(
        block_out_channels=v["channels"],
        layers_per_block=v["layers"],
        norm_num_groups=v["groups"],
        latent_channels=4,
        down_block_types=["DownEncoderBlock2D"] * levels,
        up_block_types=["UpDecoderBlock2D"] * levels,
        scaling_factor=v["scaling"],
        sample_size=8 * 2 ** (levels - 1),
    )


def text(config, index):
    t = config["text"][index]
    vocab, _ = tokenizer.build()
    # The published SDXL folders carry the old ids 0, 2, 1 that no tokenizer gives; a model pools at the largest id then.
    legacy = t.get("eos") == 2
    clip = CLIPTextConfig(
        vocab_size=len(vocab),
        hidden_size=t["width"],
        intermediate_size=t["mlp"],
        num_hidden_layers=t["layers"],
        num_attention_heads=t["heads"],
        max_position_embeddings=t["positions"],
        hidden_act=t["activation"],
        projection_dim=t.get("projection", t["width"]),
        bos_token_id=0 if legacy else vocab["<|startoftext|>"],
        eos_token_id=2 if legacy else vocab["<|endoftext|>"],
        pad_token_id=1 if legacy else vocab[t.get("pad", "<|endoftext|>")],
    )
    kind = CLIPTextModelWithProjection if "projection" in t else CLIPTextModel
    return kind(clip)


def published_key(key):
    """Published text encoders name their weights with a prefix that newer transformers leave out."""
    return key if key.startswith(("text_model.", "text_projection.")) else f"text_model.{key}"


def write(config, seed, directory):
    """Returns the recipes (weights.json) after writing model/ and, if allowed, model.safetensors."""
    storage, files = config["storage"], []
    components = {"unet": unet(config), "vae": vae(config)}
    for index in range(len(config["text"])):
        components["text_encoder" if index == 0 else "text_encoder_2"] = text(config, index)
    table = {}
    for name, module in components.items():
        folder = os.path.join(directory, "model", name)
        rename = published_key if name.startswith("text") else str
        table[name] = {
            rename(key): weights.formula(seed, name, rename(key), tensor.shape, storage[name])
            for key, tensor in module.state_dict().items()
            if not key.endswith("position_ids")
        }
        files.append({"path": f"model/{name}/{FILE[name]}.safetensors", "component": name, "tensors": table[name]})
        if name.startswith("text"):
            module.config.architectures = [type(module).__name__]
            module.config.save_pretrained(folder)
        else:
            module.save_config(folder)
    for index, t in enumerate(config["text"]):
        tokenizer.write(os.path.join(directory, "model", "tokenizer" if index == 0 else "tokenizer_2"), t["positions"], t.get("pad", "<|endoftext|>"))
    write_json(os.path.join(directory, "model/scheduler/scheduler_config.json"), {"_class_name": "DDIMScheduler", **SCHEDULER, **config["scheduler"]})
    write_json(os.path.join(directory, "model/model_index.json"), model_index(config))
    if config["singleFile"]:
        files.append({"path": "model.safetensors", "component": None, "tensors": one_file(config, seed, table)})
    recipes = {"files": files}
    weights.expand(recipes, directory)
    with open(os.path.join(directory, "weights.json"), "w") as file:
        file.write(one_line_per_tensor(recipes))
    return recipes


def one_file(config, seed, table):
    attention_in_up = [any(key.startswith(f"up_blocks.{i}.attentions") for key in table["unet"]) for i in range(len(config["unet"]["channels"]))]
    out = single_file.unet_keys(table["unet"], attention_in_up)
    out |= single_file.vae_keys(table["vae"], len(config["vae"]["channels"]))
    if config["family"] == "sd1":
        out |= single_file.clip_keys("text_encoder", table["text_encoder"], "cond_stage_model.transformer.")
    elif config["family"] == "sd2":
        seeded = lambda component, key, shape: weights.formula(seed, component, key, shape, config["storage"]["text_encoder"])
        prefix = "cond_stage_model.model."
        out |= single_file.open_clip_keys("text_encoder", table["text_encoder"], prefix)
        out |= single_file.one_layer_more("text_encoder", seeded, table["text_encoder"], prefix, config["text"][0]["layers"])
    else:
        prefix = "conditioner.embedders.1.model."
        out |= single_file.clip_keys("text_encoder", table["text_encoder"], "conditioner.embedders.0.transformer.")
        out |= single_file.open_clip_keys("text_encoder_2", table["text_encoder_2"], prefix)
        out[f"{prefix}logit_scale"] = weights.formula(seed, "text_encoder_2", "logit_scale", [], config["storage"]["text_encoder_2"])
    return single_file.shorten(out, table)


def model_index(config):
    index = {
        "_class_name": "StableDiffusionXLPipeline" if config["family"] == "sdxl" else "StableDiffusionPipeline",
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
        "scheduler": ["diffusers", "DDIMScheduler"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "text_encoder": ["transformers", "CLIPTextModel"],
    }
    if config["family"] == "sdxl":
        index |= {"tokenizer_2": ["transformers", "CLIPTokenizer"], "text_encoder_2": ["transformers", "CLIPTextModelWithProjection"]}
        return index | {"force_zeros_for_empty_prompt": True}
    return index | {"safety_checker": [None, None], "feature_extractor": [None, None], "requires_safety_checker": False}


def write_json(path, value):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(json.dumps(value, indent=1) + "\n")


def one_line_per_tensor(recipes):
    files = []
    for f in recipes["files"]:
        tensors = ",\n".join(f"{json.dumps(key)}:{json.dumps(recipe, separators=(',', ':'))}" for key, recipe in f["tensors"].items())
        head = json.dumps({k: v for k, v in f.items() if k != "tensors"})[:-1]
        files.append(f'{head}, "tensors": {{\n{tensors}\n}}}}')
    return '{"files": [\n' + ",\n".join(files) + "\n]}\n"


def load(config, directory):
    """The pipeline from the stored weights, run in fp32 with plain attention."""
    from diffusers import StableDiffusionPipeline, StableDiffusionXLPipeline
    from diffusers.models.attention_processor import AttnProcessor

    kind = StableDiffusionXLPipeline if config["family"] == "sdxl" else StableDiffusionPipeline
    pipe = kind.from_pretrained(os.path.join(directory, "model"), dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    for name in components_of(config):
        getattr(pipe, name).eval().requires_grad_(False)
    for name in components_of(config)[2:]:
        getattr(pipe, name).set_attn_implementation("eager")
    pipe.unet.set_attn_processor(AttnProcessor())
    pipe.vae.set_attn_processor(AttnProcessor())
    return pipe


def recorded(directory):
    """The case of a committed folder, and its pipeline: the weights are made again from their seeds."""
    with open(os.path.join(directory, "case.json")) as file:
        case = json.load(file)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(directory, folder, dirs_exist_ok=True)
        with open(os.path.join(folder, "weights.json")) as file:
            weights.expand(json.load(file), folder)
        return case, load(case["config"], folder)


def components_of(config):
    return ["unet", "vae", "text_encoder", "text_encoder_2"][: 2 + len(config["text"])]
