"""One case by PyTorch with diffusers and peft, in a process of its own: `python theirs.py CASE.json`. Prints what it took as JSON.

Attention is torch's scaled_dot_product_attention (diffusers' default). fp32 has torch's defaults: TF32 in convolutions, not in products. fp16: weights
in fp16; a LoRA step under autocast with A and B in fp32 and a GradScaler. Checkpointing as `enable_gradient_checkpointing` has it.
"""
import json
import resource
import statistics
import sys
import time

began = time.perf_counter()
with open(sys.argv[1]) as file:
    case = json.load(file)

import numpy  # noqa: E402
import torch  # noqa: E402
from diffusers import AutoencoderKL, UNet2DConditionModel  # noqa: E402
from safetensors.torch import load_file  # noqa: E402

device = torch.device(case["device"])
half = case["precision"] == "fp16"
# A CPU has no fp16 convolutions: a dry run takes bf16 there.
sixteen = torch.float16 if device.type == "cuda" else torch.bfloat16
dtype = sixteen if half else torch.float32


def given(name, kind=None):
    facts = case["inputs"][name]
    return torch.from_numpy(numpy.fromfile(facts["path"], dtype="<f4").reshape(facts["shape"])).to(device, kind or dtype)


def loaded(make, path, kind):
    with torch.device("meta"):
        model = make()
    missing, _ = model.load_state_dict({key: value.to(kind) for key, value in load_file(path).items()}, strict=False, assign=True)
    if missing:
        raise SystemExit(f"weights are missing: {missing[:5]}")
    return model.to(device)


def unet():
    return loaded(lambda: UNet2DConditionModel(**case["config"]), case["weights"], dtype)


def heard():
    if "pooled" not in case["inputs"]:
        return {}
    return {"added_cond_kwargs": {"text_embeds": given("pooled"), "time_ids": given("time_ids")}}


def forward():
    model = unet().eval().requires_grad_(False)
    inputs = given("sample"), given("timestep", torch.float32), given("context")
    more = heard()

    @torch.no_grad()
    def step():
        return model(*inputs, **more).sample

    return step


def started(name, shape, scale):
    """As `started` of build/bench/against-torch/ours.ts."""
    phase = 7
    for letter in name:
        phase = (phase * 31 + ord(letter)) % 65521
    count = int(numpy.prod(shape))
    return torch.from_numpy((scale * numpy.sin(phase + 1.7 * numpy.arange(count))).astype("<f4").reshape(shape))


def lora():
    from peft import LoraConfig, get_peft_model

    model = unet().requires_grad_(False)
    model.enable_gradient_checkpointing()
    targets = ["to_q", "to_k", "to_v", "to_out.0"]
    model = get_peft_model(model, LoraConfig(r=case["rank"], lora_alpha=case["rank"], target_modules=targets, lora_dropout=0.0, bias="none")).train()
    trained = []
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        path, letter = name.removeprefix("base_model.model.").replace(".default.weight", "").rsplit(".lora_", 1)
        scale = 1 / parameter.shape[1] ** 0.5 if letter == "A" else 0.01
        parameter.data = started(f"lora.{letter}/{path}", tuple(parameter.shape), scale).to(device, torch.float32)
        trained.append(parameter)
    optimizer = torch.optim.AdamW(trained, lr=1e-4, weight_decay=0.01)
    scaler = torch.amp.GradScaler(device.type, enabled=half and device.type == "cuda")
    inputs = given("sample"), given("timestep", torch.float32), given("context")
    target, more = given("sample", torch.float32), heard()

    def step():
        with torch.autocast(device.type, dtype=sixteen, enabled=half):
            answer = model(*inputs, **more).sample
        loss = torch.nn.functional.mse_loss(answer.float(), target)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad(set_to_none=True)
        return loss.detach().reshape(1)

    return step


def picture():
    model = unet().eval().requires_grad_(False)
    wide = torch.float32 if "pooled" in case["inputs"] else dtype
    vae = loaded(lambda: AutoencoderKL(**case["vae"]["config"]), case["vae"]["weights"], wide).eval()
    context, more, start = given("context"), heard(), given("start", torch.float32)

    @torch.no_grad()
    def step():
        x = start * case["levels"][0]["sigma"]
        for level in case["levels"]:
            sigma = level["sigma"]
            both = torch.cat([x / (sigma * sigma + 1) ** 0.5] * 2).to(dtype)
            without, some = model(both, level["timestep"], context, **more).sample.float().chunk(2)
            x = x + (level["next"] - sigma) * (without + case["guidance"] * (some - without))
        return vae.decode((x / x.abs().max()).to(wide)).sample

    return step


def main():
    step = {"forward": forward, "lora": lora, "picture": picture}[case["task"]]()
    wait = torch.cuda.synchronize if device.type == "cuda" else lambda: None
    answer = step()
    wait()
    first = 1000 * (time.perf_counter() - began)
    answer.float().cpu().numpy().astype("<f4").tofile(case["answer"])
    times = []
    for _ in range(case["steps"]):
        at = time.perf_counter()
        step()
        wait()
        times.append(1000 * (time.perf_counter() - at))
    card = torch.cuda.max_memory_reserved() if device.type == "cuda" else None
    facts = {"first": first, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, "reserved": card, "torch": torch.__version__}
    print(json.dumps(facts | ({"step": statistics.median(times)} if times else {})))


main()
