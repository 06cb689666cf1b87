"""The cases of build/bench/cuda.ts in PyTorch: `python3 build/reference/speed.py [OUT.json] [--device cuda|cpu] [--quick]`.

Weights are fp32. One column lets products round to TF32, the other runs the same under fp16 autocast. Inputs lie on the device, and a
LoRA step is forward, backward and AdamW on A and B, all of it on the device.
"""
import argparse
import gc
import json
import os
import statistics
import time

import torch
from diffusers import UNet2DConditionModel
from peft import LoraConfig, get_peft_model

TARGETS = ["to_q", "to_k", "to_v", "to_out.0"]
RANK = 16
EMBEDDED = os.path.join(os.path.dirname(__file__), "../../assets/models/pigment-small/unet")

# unet/config.json of Stable Diffusion 1.5.
SD15 = {
    "sample_size": 64,
    "in_channels": 4,
    "out_channels": 4,
    "center_input_sample": False,
    "flip_sin_to_cos": True,
    "freq_shift": 0,
    "down_block_types": ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
    "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"],
    "block_out_channels": [320, 640, 1280, 1280],
    "layers_per_block": 2,
    "downsample_padding": 1,
    "mid_block_scale_factor": 1,
    "act_fn": "silu",
    "norm_num_groups": 32,
    "norm_eps": 1e-05,
    "cross_attention_dim": 768,
    "attention_head_dim": 8,
}
# For --quick: the same levels, narrow.
QUICK = {**SD15, "block_out_channels": [32, 32, 64, 64], "cross_attention_dim": 64, "sample_size": 16}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", nargs="?")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--quick", action="store_true", help="two steps of narrow models: whether the program runs, not how fast")
    args = parser.parse_args()
    began = time.perf_counter()
    torch.backends.cuda.matmul.allow_tf32 = True
    torch.backends.cudnn.allow_tf32 = True
    torch.backends.cudnn.benchmark = True
    torch.manual_seed(1)
    many = (lambda steps: 2) if args.quick else (lambda steps: steps)
    sd15 = lambda: random_unet(QUICK if args.quick else SD15, args.device)
    embedded = lambda: load_embedded(args.device)
    cases = {
        "embedded UNet, forward, batch 2": lambda half: forward(embedded(), 2, 32, half, many(100)),
        "embedded UNet, LoRA step of rank 16, batch 4": lambda half: lora_step(embedded(), 4, 32, half, many(60)),
        "SD1.5 UNet at 512², forward, batch 1": lambda half: forward(sd15(), 1, 77, half, many(30)),
        "SD1.5 UNet at 512², LoRA step of rank 16, batch 1": lambda half: lora_step(sd15(), 1, 77, half, many(15)),
        "SD1.5 UNet at 512², LoRA step of rank 16, batch 1, recomputed": lambda half: lora_step(sd15(), 1, 77, half, many(15), recompute=True),
    }
    print("".ljust(64) + "".join(head.rjust(26) for head in ("fp32 weights, TF32", "fp16 autocast")))
    results = []
    for name, case in cases.items():
        cells = []
        for column, half in (("tf32", False), ("autocast", True)):
            figures = attempt(case, half, args.device)
            results.append({"name": name, "column": column, **figures})
            cells.append(figures.get("failed") or f"{figures['step']:.1f} ms {figures['stepsPerSecond']:.1f}/s")
        print(name.ljust(64) + "".join(cell.rjust(26) for cell in cells), flush=True)
    seconds = time.perf_counter() - began
    print(f"{seconds:.0f} s in all")
    if args.out:
        card = torch.cuda.get_device_name() if args.device == "cuda" else args.device
        facts = {"torch": torch.__version__, "device": card, "quick": args.quick, "seconds": seconds, "speed": results}
        with open(args.out, "w") as file:
            file.write(json.dumps(facts, indent=1) + "\n")


def attempt(case, half, device):
    """One failing case does not stop the others."""
    gc.collect()
    if device == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    try:
        figures = case(half)
    except Exception as error:  # noqa: BLE001
        return {"failed": f"{type(error).__name__}: {error}"}
    return figures | ({"deviceMegabytes": torch.cuda.max_memory_allocated() // 2**20} if device == "cuda" else {})


def random_unet(config, device):
    with torch.device(device):
        return UNet2DConditionModel(**config)


def load_embedded(device):
    return UNet2DConditionModel.from_pretrained(EMBEDDED, low_cpu_mem_usage=False).to(device)


def inputs(unet, batch, tokens):
    """Latents, timesteps and context of one run."""
    size, device = unet.config.sample_size, unet.device
    latents = torch.randn(batch, unet.config.in_channels, size, size, device=device)
    context = torch.randn(batch, tokens, unet.config.cross_attention_dim, device=device)
    return latents, torch.full((batch,), 500, device=device), context


def forward(unet, batch, tokens, half, steps):
    unet.eval().requires_grad_(False)
    given = inputs(unet, batch, tokens)

    @torch.no_grad()
    def step():
        with torch.autocast(given[0].device.type, dtype=torch.float16, enabled=half):
            return unet(*given).sample

    return measure(step, steps, given[0].device)


def lora_step(unet, batch, tokens, half, steps, recompute=False):
    given = inputs(unet, batch, tokens)
    target = given[0]
    unet.requires_grad_(False)
    if recompute:
        unet.enable_gradient_checkpointing()
    # Published trainers train in this mode; there is no dropout. Checkpointing needs it.
    model = get_peft_model(unet, LoraConfig(r=RANK, lora_alpha=RANK, target_modules=TARGETS, lora_dropout=0.0, bias="none")).train()
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-4, weight_decay=0.01)
    scaler = torch.amp.GradScaler(target.device.type, enabled=half and target.device.type == "cuda")

    def step():
        with torch.autocast(target.device.type, dtype=torch.float16, enabled=half):
            answer = model(*given).sample
        loss = torch.nn.functional.mse_loss(answer.float(), target)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad(set_to_none=True)

    return measure(step, steps, target.device)


def measure(step, steps, device, warm=3):
    wait = torch.cuda.synchronize if device.type == "cuda" else lambda: None
    began = time.perf_counter()
    step()
    wait()
    first = time.perf_counter() - began
    times = []
    for i in range(min(warm, steps) + steps):
        at = time.perf_counter()
        step()
        wait()
        if i >= min(warm, steps):
            times.append(time.perf_counter() - at)
    median = statistics.median(times)
    return {"first": 1000 * first, "step": 1000 * median, "stepsPerSecond": 1 / median}


if __name__ == "__main__":
    main()
