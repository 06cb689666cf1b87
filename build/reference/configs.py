"""Tiny models in the shape of the published ones. Single-file rules hold where `singleFile` is set: 32 norm groups, two
resnets a block, eight heads (SD1) or heads of 64 (SD2, SDXL)."""

SCHEDULER = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "prediction_type": "epsilon",
    "clip_sample": False,
    "set_alpha_to_one": False,
    "steps_offset": 1,
    "timestep_spacing": "leading",
    "rescale_betas_zero_snr": False,
}

CONFIGS = {
    "sd1": {
        "family": "sd1",
        "singleFile": True,
        "unet": {"channels": [32, 64], "layers": 2, "heads": 8, "depth": 1, "groups": 32},
        "text": [{"width": 128, "layers": 2, "heads": 2, "mlp": 256, "positions": 16, "activation": "quick_gelu"}],
        "vae": {"channels": [32, 32, 64, 64], "layers": 2, "groups": 32, "scaling": 0.18215},
        "storage": {"unet": "fp16", "vae": "bf16", "text_encoder": "fp32"},
        "scheduler": {},
        "adapter": {"rank": 4, "alpha": 2, "files": ["lora", "lora.diffusers", "lora.kohya.safetensors"]},
        "size": [32, 48],
        "fullGradients": [
            "conv_in.weight",
            "down_blocks.0.resnets.0.conv1.weight",
            "up_blocks.0.resnets.1.norm2.weight",
            "mid_block.attentions.0.transformer_blocks.0.attn2.to_out.0.weight",
            "time_embedding.linear_1.weight",
        ],
    },
    "sd2": {
        "family": "sd2",
        "singleFile": True,
        "unet": {"channels": [64, 128], "layers": 2, "heads": [1, 2], "depth": 1, "groups": 32},
        "text": [{"width": 128, "layers": 3, "heads": 2, "mlp": 256, "positions": 16, "activation": "gelu", "pad": "!"}],
        "vae": {"channels": [32, 32, 64], "layers": 2, "groups": 32, "scaling": 0.18215},
        "storage": {"unet": "fp16", "vae": "fp16", "text_encoder": "bf16"},
        "scheduler": {"prediction_type": "v_prediction"},
        "adapter": {"rank": 4, "alpha": 2, "files": ["lora"]},
        "size": [40, 24],
        "fullGradients": [
            "conv_in.weight",
            "down_blocks.1.resnets.0.conv_shortcut.weight",
            "mid_block.resnets.1.norm1.weight",
            "down_blocks.0.attentions.1.transformer_blocks.0.attn1.to_out.0.weight",
            "time_embedding.linear_2.bias",
        ],
    },
    "sdxl": {
        "family": "sdxl",
        "singleFile": True,
        "unet": {"channels": [64, 64], "layers": 2, "heads": [1, 1], "depth": [1, 2], "groups": 32, "time_ids_width": 8},
        "text": [
            {"width": 64, "layers": 3, "heads": 1, "mlp": 128, "positions": 16, "activation": "quick_gelu", "eos": 2},
            {"width": 64, "layers": 3, "heads": 1, "mlp": 256, "positions": 16, "activation": "gelu", "eos": 2, "pad": "!", "projection": 64},
        ],
        "vae": {"channels": [32, 32, 64], "layers": 2, "groups": 32, "scaling": 0.13025},
        "storage": {"unet": "fp16", "vae": "fp32", "text_encoder": "fp16", "text_encoder_2": "fp16"},
        "scheduler": {},
        "adapter": {"rank": 2, "alpha": 3, "files": ["lora", "lora.kohya.safetensors"]},
        "size": [32, 40],
        "fullGradients": [
            "conv_in.weight",
            "up_blocks.1.resnets.0.conv_shortcut.weight",
            "up_blocks.0.attentions.2.norm.weight",
            "mid_block.attentions.0.transformer_blocks.1.attn2.to_q.weight",
            "add_embedding.linear_1.bias",
        ],
    },
    "sd1-small-layout": {
        "family": "sd1",
        "singleFile": False,
        "unet": {"channels": [16, 32, 32], "layers": 1, "heads": 4, "depth": 1, "groups": 8},
        "text": [{"width": 64, "layers": 2, "heads": 1, "mlp": 128, "positions": 16, "activation": "quick_gelu"}],
        "vae": {"channels": [16, 32, 32], "layers": 1, "groups": 8, "scaling": 0.18215},
        "storage": {"unet": "fp32", "vae": "fp32", "text_encoder": "fp32"},
        "scheduler": {
            "prediction_type": "v_prediction",
            "rescale_betas_zero_snr": True,
            "timestep_spacing": "trailing",
            "set_alpha_to_one": True,
        },
        "adapter": {"rank": 4, "alpha": 2, "files": ["lora"]},
        "size": [40, 32],
        "fullGradients": [
            "conv_in.weight",
            "down_blocks.1.resnets.0.conv2.weight",
            "down_blocks.2.resnets.0.norm1.weight",
            "up_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight",
            "time_embedding.linear_1.weight",
        ],
    },
}

# Everything that kohya's trainer adapts when it is given conv_dim.
CONFIGS["sd1-convolutions"] = {
    **CONFIGS["sd1-small-layout"],
    "unet": {"channels": [16, 32], "layers": 1, "heads": 4, "depth": 1, "groups": 8},
    "vae": {"channels": [16, 32], "layers": 1, "groups": 8, "scaling": 0.18215},
    "adapter": {"rank": 2, "alpha": 3, "layers": "all", "files": ["lora", "lora.diffusers", "lora.kohya.safetensors"]},
    "fullGradients": ["up_blocks.0.upsamplers.0.conv.weight", "mid_block.resnets.0.conv1.weight"],
}

# Not recorded by default: wider, so that SDXL has several heads everywhere.
CONFIGS["sdxl-wide"] = {
    **CONFIGS["sdxl"],
    "text": [
        CONFIGS["sdxl"]["text"][0],
        {**CONFIGS["sdxl"]["text"][1], "width": 128, "heads": 2, "projection": 128},
    ],
    "unet": {"channels": [64, 128, 128], "layers": 2, "heads": [1, 2, 2], "depth": [1, 2, 3], "groups": 32, "time_ids_width": 16},
}

# Folder of engine/fixtures/reference -> (configuration, seed).
DEFAULT_CASES = {"sd1-eps": ("sd1", 1), "sd2-v": ("sd2", 2), "sdxl": ("sdxl", 3), "sd1-small-layout": ("sd1-small-layout", 4), "sd1-convolutions": ("sd1-convolutions", 5)}
