"""Records files of every kind as peft, diffusers, LyCORIS, bitsandbytes and safetensors write them, on a few tiny layers with the names of real ones:
engine/adapter-formats/fixtures/census.json.gz.

Run: python build/reference/adapter_census.py. Each file has its bytes, and for every layer what its own program adds to the weight, times a vector.
"""
import base64
import gzip
import json
import pathlib
import tempfile

import torch
from torch import nn

import peft
from diffusers import StableDiffusionPipeline
from diffusers.utils import convert_state_dict_to_kohya
from safetensors.torch import load_file, save

torch.manual_seed(0)
OUT = pathlib.Path(__file__).parents[2] / "engine/adapter-formats/fixtures/census.json.gz"
D, X, T = 12, 10, 8  # widths of the UNet, of what conditions it, and of a text encoder
BLOCK = "down_blocks.1.attentions.0"


def layers(family):
    linear = family != "sd1"
    unet = {
        f"{BLOCK}.transformer_blocks.0.attn1.to_q": nn.Linear(D, D, bias=False),
        f"{BLOCK}.transformer_blocks.0.attn2.to_k": nn.Linear(X, D, bias=False),
        f"{BLOCK}.transformer_blocks.0.attn2.to_out.0": nn.Linear(D, D),
        f"{BLOCK}.transformer_blocks.0.ff.net.2": nn.Linear(2 * D, D),
        f"{BLOCK}.proj_in": nn.Linear(D, D) if linear else nn.Conv2d(D, D, 1),
        "down_blocks.1.resnets.0.conv1": nn.Conv2d(D // 2, D, 3, padding=1),
    }
    text = {f"text_model.encoder.layers.0.{name}": nn.Linear(*size) for name, size in {"self_attn.q_proj": (T, T), "mlp.fc1": (T, 2 * T)}.items()}
    found = {"unet": unet, "text_encoder": text}
    if family == "sdxl":
        found["text_encoder_2"] = {f"text_model.encoder.layers.1.{name}": nn.Linear(*size) for name, size in {"self_attn.out_proj": (X, X)}.items()}
    return found


class Node(nn.Module):
    pass


def tree(parts):
    root = Node()
    for path, layer in parts.items():
        *parents, last = path.split(".")
        at = root
        for name in parents:
            if not hasattr(at, name):
                setattr(at, name, Node())
            at = getattr(at, name)
        setattr(at, last, layer)
    return root


def packed(tensor):
    return base64.b64encode(tensor.detach().float().contiguous().numpy().astype("<f4").tobytes()).decode()


BASES = {family: layers(family) for family in ["sd1", "sd2", "sdxl"]}
PROBES = {}


def probe(columns):
    return PROBES.setdefault(columns, torch.randn(columns))


def change(before, after):
    delta = (after.detach().double() - before.detach().double()).flatten(1)
    return packed(delta @ probe(delta.shape[1]).double())


def copies(family, component):
    import copy

    return {path: copy.deepcopy(layer) for path, layer in BASES[family][component].items()}


CASES = []


def add(name, family, program, files, expected):
    CASES.append({"name": name, "family": family, "program": program, "files": {k: base64.b64encode(v).decode() for k, v in files.items()}, **expected})


def fill(model, dtype, std=0.4):
    for key, parameter in model.named_parameters():
        if parameter.requires_grad and "ranknum" not in key:
            value = torch.randn_like(parameter) * std
            if "magnitude" in key:
                value = parameter.detach() * (1 + value)
            parameter.data = value.to(dtype).to(parameter.dtype)


def dump(config):
    plain = config.to_dict()
    return json.dumps({k: sorted(v) if isinstance(v, set) else v for k, v in plain.items()}, default=lambda v: getattr(v, "value", str(v))).encode()


def with_peft(family, component, config, dtype=torch.float32, std=0.4):
    """The state as peft saves it, its config, and what it adds by layer."""
    parts = copies(family, component)
    before = {path: layer.weight.detach().clone() for path, layer in parts.items()}
    biases = {path: layer.bias.detach().clone() for path, layer in parts.items() if layer.bias is not None}
    model = peft.get_peft_model(tree(parts), config)
    fill(model, dtype, std)
    state = peft.get_peft_model_state_dict(model, save_embedding_layers=False)
    state = {key: (value.to(dtype) if value.is_floating_point() else value).contiguous().clone() for key, value in state.items()}
    merged = dict(model.merge_and_unload().named_modules())
    changes, shifts = {}, {}
    for path, weight in before.items():
        after = merged[path]
        if not torch.equal(after.weight, weight):
            changes[f"{component}.{path}"] = change(weight, after.weight)
        if path in biases and not torch.equal(after.bias, biases[path]):
            shifts[f"{component}.{path}"] = packed(after.bias - biases[path])
    return state, model.peft_config["default"] if hasattr(model, "peft_config") else config, {"changes": changes, **({"shifts": shifts} if shifts else {})}


ATTENTION = ["to_q", "to_k", "to_out.0", "net.2", "q_proj", "fc1", "out_proj"]
ALL = [*ATTENTION, "proj_in", "conv1"]


def peft_file(name, config, family="sd1", component="unet", dtype=torch.float32, refused=None, std=0.4, edit=None):
    state, config, expected = with_peft(family, component, config, dtype, std)
    said = json.loads(dump(config))
    if edit:
        edit(state, said)
    expected = {"refused": refused} if refused else expected
    folder = "" if component == "unet" else f"{component}/"
    files = {f"{folder}adapter_model.safetensors": save(state, {"format": "pt"}), f"{folder}adapter_config.json": json.dumps(said).encode()}
    add(f"peft {name}", family, f"peft {peft.__version__}", files, expected)


def lora(targets=ALL, **more):
    return peft.LoraConfig(**{"r": 2, "lora_alpha": 3, "target_modules": targets, **more})


def drop(state, part):
    for key in [key for key in state if part in key]:
        del state[key]


def all_of_peft():
    for family in BASES:
        peft_file(f"LoRA {family}", lora(), family)
        peft_file(f"LoRA of a text encoder {family}", lora(), family, "text_encoder")
        peft_file(f"DoRA {family}", lora(use_dora=True), family)
        peft_file(f"LoHa {family}", peft.LoHaConfig(r=2, alpha=3, target_modules=ALL), family)
        peft_file(f"LoKr {family}", peft.LoKrConfig(r=2, alpha=3, target_modules=ALL), family)
        peft_file(f"AdaLoRA {family}", peft.AdaLoraConfig(init_r=3, target_r=2, lora_alpha=3, total_step=10, target_modules=ATTENTION), family)
        peft_file(f"VeRA {family}", peft.VeraConfig(r=4, target_modules=ATTENTION), family)
        peft_file(f"FourierFT {family}", peft.FourierFTConfig(n_frequency=7, target_modules=ATTENTION), family)
        peft_file(f"IA3 {family}", peft.IA3Config(target_modules=ATTENTION, feedforward_modules=["net.2"]), family)
    for name, dtype in {"fp16": torch.float16, "bf16": torch.bfloat16, "fp64": torch.float64}.items():
        peft_file(f"LoRA {name}", lora(), dtype=dtype)
    peft_file("rsLoRA", lora(use_rslora=True))
    peft_file("patterns", lora(rank_pattern={"attn1.to_q": 3, r".*\.attn2\.to_k": 1}, alpha_pattern={r"^down_blocks\..*\.to_out\.0": 7, "conv1": 1}))
    peft_file("lora_bias", lora(lora_bias=True, target_modules=["to_out.0", "conv1"]))
    peft_file("lora_bias of a text encoder", lora(lora_bias=True), component="text_encoder")
    for start in ["gaussian", "orthogonal"]:
        peft_file(f"started {start}", lora(ATTENTION, init_lora_weights=start))
    peft_file("OLoRA", lora(ATTENTION, init_lora_weights="olora"))
    peft_file("PiSSA", lora(ATTENTION, init_lora_weights="pissa"))
    peft_file("PiSSA fast", lora(ATTENTION, init_lora_weights="pissa_niter_4"), refused="adapter-unsupported")
    peft_file("VeRA drawn again", peft.VeraConfig(r=4, target_modules=ATTENTION, save_projection=False, projection_prng_key=42))
    peft_file("AdaLoRA fp16", peft.AdaLoraConfig(init_r=3, target_r=2, lora_alpha=3, total_step=10, target_modules=ATTENTION), dtype=torch.float16)
    peft_file("OFT", peft.OFTConfig(r=0, oft_block_size=4, use_cayley_neumann=False, target_modules=["to_q"]), std=0.05)
    peft_file("OFT by Neumann", peft.OFTConfig(r=0, oft_block_size=4, target_modules=["to_q"]), std=0.05)
    peft_file("bias all", lora(bias="all"))
    peft_file("bias lora_only", lora(bias="lora_only"))
    peft_file("bias all beside few pairs", lora(["to_q", "fc1"], bias="all"), component="text_encoder")
    peft_file("bias all, left out", lora(bias="all"), refused="adapter-unsupported", edit=lambda state, said: drop(state, "bias"))
    peft_file("modules_to_save", lora(["to_q"], modules_to_save=["conv1"]))
    peft_file("modules_to_save of blocks", lora(["to_q"], modules_to_save=["ff"]), "sdxl")
    peft_file("modules_to_save, left out", lora(["to_q"], modules_to_save=["conv1"]), refused="adapter-unsupported", edit=lambda state, said: drop(state, "conv1"))
    others = {
        "BOFT": lambda: peft.BOFTConfig(boft_block_size=4, target_modules=["to_q"]),
        "HRA": lambda: peft.HRAConfig(r=2, target_modules=["to_q"]),
        "VB-LoRA": lambda: peft.VBLoRAConfig(r=2, num_vectors=8, vector_length=2, target_modules=["to_q"]),
        "RandLoRA": lambda: peft.RandLoraConfig(r=2, target_modules=["to_q"]),
        "SHiRA": lambda: peft.ShiraConfig(r=2, target_modules=["to_q"]),
        "C3A": lambda: peft.C3AConfig(block_size=4, target_modules=["to_q"]),
        "MiSS": lambda: peft.MissConfig(r=2, target_modules=["to_q"]),
        "RoAd": lambda: peft.RoadConfig(group_size=4, target_modules=["to_q"]),
    }
    for name, config in others.items():
        try:
            peft_file(name, config(), refused="adapter-unsupported")
        except Exception as error:
            print("not recorded:", name, repr(error)[:120])


def all_of_diffusers():
    import diffusers

    for family in BASES:
        states, configs, expected = {}, {}, {}
        for component in [*BASES[family]][:2]:
            state, config, said = with_peft(family, component, lora(ATTENTION))
            states[component] = {key.removeprefix("base_model.model."): value for key, value in state.items()}
            configs[component] = json.loads(dump(config))
            expected.update(said["changes"])
        program = f"diffusers {diffusers.__version__}"
        for says, metadata in {"with its config": configs, "without": None}.items():
            with tempfile.TemporaryDirectory() as folder:
                extra = {} if metadata is None else {f"{component}_lora_adapter_metadata": config for component, config in metadata.items()}
                StableDiffusionPipeline.save_lora_weights(
                    folder, unet_lora_layers=states["unet"], text_encoder_lora_layers=states["text_encoder"], **extra
                )
                data = (pathlib.Path(folder) / "pytorch_lora_weights.safetensors").read_bytes()
            # Without a config alpha is the rank: the pairs say 2/3 of what peft merged.
            scale = {} if metadata else {"times": 2 / 3}
            add(f"diffusers {says} {family}", family, program, {"pytorch_lora_weights.safetensors": data}, {"changes": expected, **scale})
        # diffusers' own writer for kohya.
        both = {f"{component}.{key}": value for component, state in states.items() for key, value in state.items()}
        kohya = convert_state_dict_to_kohya(dict(both))
        for key in [key for key in kohya if key.endswith("lora_down.weight")]:
            kohya[key.replace("lora_down.weight", "alpha")] = torch.tensor(3.0)
        for name, dtype in {"": torch.float32, " fp8 scaled": None}.items():
            state, said = (kohya, {"changes": expected}) if dtype else scaled_fp8(kohya, family)
            add(f"kohya by diffusers{name} {family}", family, program, {"kohya.safetensors": save({k: v.contiguous() for k, v in state.items()})}, said)
        old = {}
        for key, value in both.items():
            old[key.replace(".lora_A.weight", ".lora.down.weight").replace(".lora_B.weight", ".lora.up.weight")] = value
        add(f"diffusers of 2023 {family}", family, "diffusers 0.20's names", {"old.safetensors": save(old)}, {"changes": expected, "times": 2 / 3})


def scaled_fp8(state, family):
    """As ComfyUI has it, and what it adds, which fp8 has rounded."""
    out, values, changes = {}, {}, {}
    for key, value in state.items():
        if not key.endswith(".weight"):
            out[key] = value
            continue
        scale = value.abs().max() / 448
        out[key] = (value / scale).to(torch.float8_e4m3fn)
        out[key.removesuffix(".weight") + ".scale_weight"] = scale.float().reshape(1)
        values[key] = out[key].double() * scale.double()
    out["scaled_fp8"] = torch.zeros(2, dtype=torch.float8_e4m3fn)
    for component, parts in [*BASES[family].items()][:2]:
        for path in parts:
            stems = [f"lora_{name}_{path.replace('.', '_')}" for name in (["unet"] if component == "unet" else ["te", "te1"])]
            for stem in [stem for stem in stems if f"{stem}.lora_up.weight" in values]:
                delta = (values[f"{stem}.lora_up.weight"] @ values[f"{stem}.lora_down.weight"]) * 3 / 2
                changes[f"{component}.{path}"] = packed(delta @ probe(delta.shape[1]).double())
    return out, {"changes": changes}


def all_of_lycoris():
    import lycoris
    from lycoris.modules.full import FullModule
    from lycoris.modules.glora import GLoRAModule
    from lycoris.modules.ia3 import IA3Module
    from lycoris.modules.locon import LoConModule
    from lycoris.modules.loha import LohaModule
    from lycoris.modules.lokr import LokrModule

    kinds = {
        "LoCon": (LoConModule, {}),
        "LoCon with a middle": (LoConModule, {"use_tucker": True}),
        "DoRA by output": (LoConModule, {"weight_decompose": True, "wd_on_out": True}),
        "DoRA by input": (LoConModule, {"weight_decompose": True, "wd_on_out": False}),
        "LoHa": (LohaModule, {}),
        "LoHa with a middle": (LohaModule, {"use_tucker": True}),
        "LoKr": (LokrModule, {"factor": 2}),
        "LoKr of both": (LokrModule, {"factor": 4, "decompose_both": True}),
        "LoKr full": (LokrModule, {"factor": 2, "full_matrix": True}),
        "GLoRA": (GLoRAModule, {}),
        "IA3": (IA3Module, {}),
        "full": (FullModule, {}),
    }
    prefixes = {"unet": "lora_unet", "text_encoder": "lora_te", "text_encoder_2": "lora_te2"}
    for family in BASES:
        for name, (kind, options) in kinds.items():
            state, changes, shifts = {}, {}, {}
            for component in BASES[family]:
                prefix = "lora_te1" if family == "sdxl" and component == "text_encoder" else prefixes[component]
                for path, layer in copies(family, component).items():
                    lora_name = f"{prefix}_{path.replace('.', '_')}"
                    module = kind(lora_name, layer, 1.0, lora_dim=2, alpha=3, **options)
                    for key, parameter in module.named_parameters():
                        if not key.startswith("org_module") and parameter is not layer.weight and parameter is not layer.bias:
                            nn.init.uniform_(parameter, 0.5, 2) if key == "dora_scale" else nn.init.normal_(parameter, std=0.4)
                    base = layer.weight.detach().clone()
                    bias = None if layer.bias is None else layer.bias.detach().clone()
                    own = (kind is not FullModule and module.custom_state_dict()) or {k: v for k, v in module.state_dict().items() if not k.startswith("org_")}
                    if kind is FullModule:
                        org = BASES[family][component][path]
                        own = {"diff": module.weight.detach() - org.weight.detach()}
                        if bias is not None:
                            own["diff_b"] = module.bias.detach() - org.bias.detach()
                            shifts[f"{component}.{path}"] = packed(own["diff_b"])
                        base = org.weight.detach()
                        merged = module.weight
                    elif kind is GLoRAModule:
                        merged = base + module.make_weight()
                    elif kind in (LoConModule, IA3Module):
                        merged = module.get_merged_weight(1.0, base.shape)[0]
                    else:
                        merged = base + module.get_weight(base.shape)
                    state.update({f"{lora_name}.{key}": value.detach().contiguous().clone() for key, value in own.items()})
                    changes[f"{component}.{path}"] = change(base, merged)
            said = {"changes": changes, **({"shifts": shifts} if shifts else {})}
            add(f"lycoris {name} {family}", family, f"lycoris {lycoris.__version__ if hasattr(lycoris, '__version__') else '4.1'}", {"lycoris.safetensors": save(state)}, said)


def all_quantised():
    from bitsandbytes.functional import dequantize_4bit, quantize_4bit

    def pairs():
        state, _, _ = with_peft("sd1", "unet", lora(["to_q", "net.2"], r=8, lora_alpha=8))
        return {"unet." + key.removeprefix("base_model.model."): value for key, value in state.items()}

    def changes(values):
        found = {}
        for key, down in values.items():
            if key.endswith("lora_A.weight"):
                delta = values[key.replace("lora_A", "lora_B")].double() @ down.double()
                found[key.removesuffix(".lora_A.weight")] = packed(delta @ probe(delta.shape[1]).double())
        return {"changes": found}

    for quant_type in ["nf4", "fp4"]:
        for nested in [False, True]:
            state, values = {}, {}
            for key, value in pairs().items():
                codes, how = quantize_4bit(value, blocksize=64, quant_type=quant_type, compress_statistics=nested)
                state[key] = codes
                state.update({f"{key}.{part}": tensor for part, tensor in how.as_dict(packed=True).items()})
                values[key] = dequantize_4bit(codes, how)
            says = f"bitsandbytes {quant_type}{' nested' if nested else ''}"
            add(says, "sd1", "bitsandbytes", {"a.safetensors": save({k: v.contiguous() for k, v in state.items()})}, changes(values))
            if nested and quant_type == "nf4":
                less = {k: v.contiguous() for k, v in state.items() if not k.endswith("nested_absmax")}
                add(f"{says} without a part", "sd1", "bitsandbytes", {"a.safetensors": save(less)}, {"refused": "safetensors-dtype"})
    for says, dtype in {"e4m3": torch.float8_e4m3fn, "e5m2": torch.float8_e5m2}.items():
        for form in ["scale_weight", "weight_scale", "plain"]:
            state, values = {}, {}
            for key, value in pairs().items():
                scale = torch.tensor(1.0) if form == "plain" else value.abs().max() / 448
                state[key] = (value / scale).to(dtype)
                values[key] = state[key].float() * scale
                layer = key.removesuffix(".weight")
                if form == "scale_weight":
                    state[f"{layer}.scale_weight"] = scale.reshape(1)
                    state["scaled_fp8"] = torch.zeros(2, dtype=dtype)
                if form == "weight_scale":
                    state[f"{layer}.weight_scale"] = scale
                    said = json.dumps({"format": "float8_e4m3fn" if says == "e4m3" else "float8_e5m2"}).encode()
                    state[f"{layer}.comfy_quant"] = torch.tensor(list(said), dtype=torch.uint8)
            add(f"fp8 {says} {form}", "sd1", "ComfyUI's names", {"a.safetensors": save(state)}, changes(values))
    state, values = {}, {}
    for key, value in pairs().items():
        scale = value.abs().amax(1)
        state[key] = (value / scale[:, None] * 127).round().to(torch.int8)
        state[key.replace(".weight", ".SCB")] = scale
        values[key] = state[key].float() * scale[:, None] / 127
    add("bitsandbytes int8", "sd1", "bitsandbytes", {"a.safetensors": save(state)}, changes(values))
    blocks = {}
    for key, value in pairs().items():
        layer = key.removesuffix(".weight")
        blocks[key] = torch.zeros(value.shape[0], value.shape[1] // 2, dtype=torch.uint8)
        blocks[f"{layer}.weight_scale"] = torch.ones(128, 4).to(torch.float8_e4m3fn)
        blocks[f"{layer}.weight_scale_2"] = torch.tensor(1.0)
        blocks[f"{layer}.comfy_quant"] = torch.tensor(list(b'{"format": "nvfp4"}'), dtype=torch.uint8)
    add("nvfp4", "sd1", "ComfyUI's names", {"a.safetensors": save(blocks)}, {"refused": "safetensors-dtype"})


def main():
    all_of_peft()
    all_of_diffusers()
    all_of_lycoris()
    all_quantised()
    bases = {
        family: {
            f"{component}.{path}": {"shape": list(layer.weight.shape), "weight": packed(layer.weight), **({"bias": packed(layer.bias)} if layer.bias is not None else {})}
            for component, parts in networks.items()
            for path, layer in parts.items()
        }
        for family, networks in BASES.items()
    }
    probes = {str(columns): packed(vector) for columns, vector in PROBES.items()}
    text = json.dumps({"bases": bases, "probes": probes, "cases": CASES}, separators=(",", ":"))
    OUT.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(len(CASES), "files,", OUT.stat().st_size, "bytes")


main()
