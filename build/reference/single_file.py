"""Keys of a single-file (ldm/sgm) checkpoint, built from a diffusers folder. Values are recipes: where each tensor comes from."""
import re

INNER = [
    (".norm1", ".in_layers.0"),
    (".conv1", ".in_layers.2"),
    (".time_emb_proj", ".emb_layers.1"),
    (".norm2", ".out_layers.0"),
    (".conv2", ".out_layers.3"),
    (".conv_shortcut", ".skip_connection"),
]
TOP = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}


def unet_module(path, attention_in_up):
    """`down_blocks.0.resnets.1.conv1` -> `input_blocks.2.0.in_layers.2`. attention_in_up: per up block, whether it has any."""
    if path in TOP:
        return TOP[path]
    block, rest = re.match(r"(down_blocks\.\d+|mid_block|up_blocks\.\d+)\.(.*)", path).groups()
    kind, j, inner = re.match(r"(resnets|attentions|downsamplers|upsamplers)\.(\d+)(.*)", rest).groups()
    j = int(j)
    if kind == "resnets":
        for ours, theirs in INNER:
            if inner == ours:
                inner = theirs
    if block == "mid_block":
        return f"middle_block.{1 if kind == 'attentions' else 2 * j}{inner}"
    i = int(block.split(".")[1])
    if block.startswith("down"):
        if kind == "downsamplers":
            return f"input_blocks.{3 * (i + 1)}.0.op"
        return f"input_blocks.{3 * i + j + 1}.{0 if kind == 'resnets' else 1}{inner}"
    if kind == "upsamplers":
        return f"output_blocks.{3 * i + 2}.{2 if attention_in_up[i] else 1}.conv"
    return f"output_blocks.{3 * i + j}.{0 if kind == 'resnets' else 1}{inner}"


def vae_module(path, levels):
    if "." not in path or path.split(".")[1].startswith("conv_") and "norm" not in path:
        return path
    side, rest = path.split(".", 1)
    if rest == "conv_norm_out":
        return f"{side}.norm_out"
    rest = rest.replace("conv_shortcut", "nin_shortcut")
    if m := re.match(r"mid_block\.resnets\.(\d)(.*)", rest):
        return f"{side}.mid.block_{int(m[1]) + 1}{m[2]}"
    if m := re.match(r"mid_block\.attentions\.0\.(.*)", rest):
        name = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}[m[1]]
        return f"{side}.mid.attn_1.{name}"
    kind, i, what, j, inner = re.match(r"(down|up)_blocks\.(\d+)\.(resnets|\w+samplers)\.(\d+)(.*)", rest).groups()
    at = int(i) if kind == "down" else levels - 1 - int(i)
    if what == "resnets":
        return f"{side}.{kind}.{at}.block.{j}{inner}"
    return f"{side}.{kind}.{at}.{kind}sample{inner}"


def unet_keys(tensors, attention_in_up):
    out = {}
    for key, recipe in tensors.items():
        module, leaf = key.rsplit(".", 1)
        out[f"model.diffusion_model.{unet_module(module, attention_in_up)}.{leaf}"] = copy("unet", key, recipe)
    return out


def vae_keys(tensors, levels):
    out = {}
    for key, recipe in tensors.items():
        module, leaf = key.rsplit(".", 1)
        entry = copy("vae", key, recipe)
        if ".attentions." in key and len(recipe["shape"]) == 2:
            entry["shape"] = [*recipe["shape"], 1, 1]
        out[f"first_stage_model.{vae_module(module, levels)}.{leaf}"] = entry
    return out


def clip_keys(component, tensors, prefix):
    """Hugging Face layout, as SD1 and SDXL's first encoder keep it."""
    return {f"{prefix}{key}": copy(component, key, recipe) for key, recipe in tensors.items()}


def open_clip_keys(component, tensors, prefix):
    """open_clip layout: q, k, v stacked into one matrix, the projection as a bare matrix used as x · P."""
    out = {
        f"{prefix}positional_embedding": copy(component, "text_model.embeddings.position_embedding.weight", tensors["text_model.embeddings.position_embedding.weight"]),
        f"{prefix}token_embedding.weight": copy(component, "text_model.embeddings.token_embedding.weight", tensors["text_model.embeddings.token_embedding.weight"]),
    }
    names = {"layer_norm1": "ln_1", "layer_norm2": "ln_2", "self_attn.out_proj": "attn.out_proj", "mlp.fc1": "mlp.c_fc", "mlp.fc2": "mlp.c_proj"}
    for key, recipe in tensors.items():
        m = re.match(r"text_model\.encoder\.layers\.(\d+)\.(.*)\.(weight|bias)$", key)
        if not m:
            continue
        block = f"{prefix}transformer.resblocks.{m[1]}"
        if m[2] == "self_attn.q_proj":
            parts = [key.replace("q_proj", p) for p in ("q_proj", "k_proj", "v_proj")]
            entry = copy(component, key, recipe)
            entry["from"] = [f"{component}:{part}" for part in parts]
            entry["shape"] = [3 * recipe["shape"][0], *recipe["shape"][1:]]
            out[f"{block}.attn.in_proj_{m[3]}"] = entry
        elif m[2] in names:
            out[f"{block}.{names[m[2]]}.{m[3]}"] = copy(component, key, recipe)
    for leaf in ("weight", "bias"):
        out[f"{prefix}ln_final.{leaf}"] = copy(component, f"text_model.final_layer_norm.{leaf}", tensors[f"text_model.final_layer_norm.{leaf}"])
    if "text_projection.weight" in tensors:
        entry = copy(component, "text_projection.weight", tensors["text_projection.weight"])
        out[f"{prefix}text_projection"] = entry | {"shape": entry["shape"][::-1], "transpose": True}
    return out


def copy(component, key, recipe):
    return {"dtype": recipe["dtype"], "shape": list(recipe["shape"]), "from": [f"{component}:{key}"]}


def shorten(entries, table):
    """A tensor that is stored as it stands in the folder is written as that tensor's name alone."""
    def plain(entry):
        if len(entry.get("from", [])) != 1 or "transpose" in entry:
            return False
        component, key = entry["from"][0].split(":")
        return table[component][key]["shape"] == entry["shape"]
    return {key: entry["from"][0] if plain(entry) else entry for key, entry in entries.items()}


def one_layer_more(component, seeded, tensors, prefix, layers):
    """What a published SD2 file also holds and nobody uses: the last block, the projection, the logit scale."""
    out, width = {}, tensors["text_model.final_layer_norm.bias"]["shape"][0]
    last = f"text_model.encoder.layers.{layers - 1}."
    extra = {}
    for key, recipe in tensors.items():
        if key.startswith(last):
            name = key.replace(last, f"text_model.encoder.layers.{layers}.")
            extra[name] = seeded(component, name, recipe["shape"])
    for q in [key for key in extra if ".q_proj." in key]:
        rows = 3 * extra[q]["shape"][0]
        leaf = q.rsplit(".", 1)[1]
        name = f"{prefix}transformer.resblocks.{layers}.attn.in_proj_{leaf}"
        out[name] = seeded(component, name, [rows, *extra[q]["shape"][1:]])
    for theirs in ("ln_1", "ln_2", "attn.out_proj", "mlp.c_fc", "mlp.c_proj"):
        ours = {"ln_1": "layer_norm1", "ln_2": "layer_norm2", "attn.out_proj": "self_attn.out_proj", "mlp.c_fc": "mlp.fc1", "mlp.c_proj": "mlp.fc2"}[theirs]
        for leaf in ("weight", "bias"):
            shape = extra[f"text_model.encoder.layers.{layers}.{ours}.{leaf}"]["shape"]
            name = f"{prefix}transformer.resblocks.{layers}.{theirs}.{leaf}"
            out[name] = seeded(component, name, shape)
    out[f"{prefix}text_projection"] = seeded(component, f"{prefix}text_projection", [width, width])
    out[f"{prefix}logit_scale"] = seeded(component, f"{prefix}logit_scale", [])
    return out
