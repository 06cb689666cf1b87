"""One case by PyTorch or OpenVINO, stepped by lines on stdin: started by main.ts, `python theirs.py SIDE CASE.json`.

PyTorch: diffusers, transformers and peft as they are used; weights widened to fp32. OpenVINO: the engine's own ONNX, sizes fixed, an fp32 hint.
Each line that comes back is JSON: after the first step `first`, after "step" `wall` and `cpu` in ms, at the end `peak` in bytes.
"""
import json
import os
import resource
import sys
import time

began = time.perf_counter()
side, case_path = sys.argv[1:3]
with open(case_path) as file:
    case = json.load(file)
threads = case["threads"]
os.environ["OMP_NUM_THREADS"] = str(threads)

import numpy  # noqa: E402


def given(name):
    """An input or answer that main.ts wrote."""
    shape = case["inputs"][name]["shape"]
    dtype = "<i8" if case["inputs"][name]["dtype"] == "int64" else "<f4"
    return numpy.fromfile(case["inputs"][name]["path"], dtype=dtype).reshape(shape)


def openvino_step():
    import openvino

    core = openvino.Core()
    model = core.read_model(case["onnx"])
    model.reshape({name: list(facts["shape"]) for name, facts in case["inputs"].items()})
    options = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY"}
    request = core.compile_model(model, "CPU", options).create_infer_request()
    feeds = {name: given(name) for name in case["inputs"]}

    def step():
        return next(iter(request.infer(feeds).values()))

    return step


def torch_step():
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(1)
    task = case["task"]
    tensors = {name: torch.from_numpy(given(name).copy()) for name in case["inputs"]}
    if task == "picture":
        return picture(torch)
    if task == "reweigh":
        return reweigh(torch)
    if task == "lora":
        return lora(torch, tensors)
    model = network(torch).eval().requires_grad_(False)

    @torch.no_grad()
    def step():
        if task == "decode":
            return model.decode(tensors["latents"]).sample.numpy()
        if task == "encode" and case["network"] == "vae":
            return model.encode(tensors["pixels"]).latent_dist.mean.numpy()
        if task == "encode":
            return model(input_ids=tensors["ids"]).last_hidden_state.numpy()
        return model(tensors["sample"], tensors["timestep"], tensors["context"]).sample.numpy()

    return step


def network(torch):
    if case["network"] == "embedded":
        from diffusers import UNet2DConditionModel

        return UNet2DConditionModel.from_pretrained(os.path.join(case["embedded"], "unet"), low_cpu_mem_usage=False)
    from safetensors.torch import load_file

    if case["network"] == "text":
        from transformers import CLIPTextConfig, CLIPTextModel

        make = lambda: CLIPTextModel(CLIPTextConfig(**case["config"]))
    elif case["network"] == "vae":
        from diffusers import AutoencoderKL

        make = lambda: AutoencoderKL(**case["config"])
    else:
        from diffusers import UNet2DConditionModel

        make = lambda: UNet2DConditionModel(**case["config"])
    # As the libraries' own loaders: nothing is drawn for weights that the file has.
    with torch.device("meta"):
        model = make()
    state = {key: value.float() for key, value in load_file(case["weights"]).items()}
    known = set(model.state_dict())
    if not known & set(state):
        state = {key.removeprefix("text_model."): value for key, value in state.items()}
    missing, _ = model.load_state_dict(state, strict=False, assign=True)
    for name, buffer in list(model.named_buffers()):
        if buffer.is_meta:
            owner = model.get_submodule(name.rpartition(".")[0])
            owner.register_buffer(name.rpartition(".")[2], torch.arange(buffer.shape[-1]).expand(buffer.shape), persistent=False)
    if missing:
        raise SystemExit(f"weights are missing: {missing[:5]}")
    return model


def started(torch, name, shape, scale):
    """As `started` of ours.ts."""
    phase = 7
    for letter in name:
        phase = (phase * 31 + ord(letter)) % 65521
    count = int(numpy.prod(shape))
    return torch.from_numpy((scale * numpy.sin(phase + 1.7 * numpy.arange(count))).astype("<f4").reshape(shape))


def lora(torch, tensors):
    from peft import LoraConfig, get_peft_model

    model = network(torch).requires_grad_(False)
    if case.get("recompute"):
        model.enable_gradient_checkpointing()
    targets = case["modules"]
    model = get_peft_model(model, LoraConfig(r=16, lora_alpha=16, target_modules=targets, lora_dropout=0.0, bias="none")).train()
    trained = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        path = name.removeprefix("base_model.model.").replace(".default.weight", "")
        path, letter = path.rsplit(".lora_", 1)
        scale = 1 / parameter.shape[1] ** 0.5 if letter == "A" else 0.01
        parameter.data.copy_(started(torch, f"lora.{letter}/{path}", tuple(parameter.shape), scale))
        trained[name] = parameter
    optimizer = torch.optim.AdamW(trained.values(), lr=1e-4, weight_decay=0.01)

    def step():
        answer = model(tensors["sample"], tensors["timestep"], tensors["context"]).sample
        loss = torch.nn.functional.mse_loss(answer, tensors["sample"])
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return loss.detach().numpy().reshape(1)

    return step


def reweigh(torch):
    """Strengths of four adapters: `set_adapters`; and, told apart, taking the fused ones out and fusing them anew."""
    from peft import LoraConfig

    model = network(torch).eval().requires_grad_(False)
    names = ["a", "b", "c", "d"]
    for name in names:
        model.add_adapter(LoraConfig(r=16, lora_alpha=16, target_modules=["to_q", "to_k", "to_v", "to_out.0"], init_lora_weights=False), name)
    turn = 0

    def weights():
        nonlocal turn
        turn += 1
        return [0.1 * (1 + (turn + i) % 7) for i in range(4)]

    if case.get("fused"):
        model.set_adapters(names, weights())
        model.fuse_lora(adapter_names=names)

        def step():
            model.unfuse_lora()
            model.set_adapters(names, weights())
            model.fuse_lora(adapter_names=names)

        return step
    return lambda: model.set_adapters(names, weights())


def picture(torch):
    """A guided picture of 16 DDIM steps by the embedded model, from prompt to pixels."""
    from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
    from transformers import CLIPTextModel, CLIPTokenizer

    at = case["embedded"]
    unet = UNet2DConditionModel.from_pretrained(at, subfolder="unet", low_cpu_mem_usage=False).eval()
    vae = AutoencoderKL.from_pretrained(at, subfolder="vae", low_cpu_mem_usage=False).eval()
    encoder = CLIPTextModel.from_pretrained(at, subfolder="text_encoder").float().eval()
    tokenizer = CLIPTokenizer.from_pretrained(at, subfolder="tokenizer")
    scheduler = DDIMScheduler.from_pretrained(at, subfolder="scheduler")
    length = encoder.config.max_position_embeddings

    @torch.no_grad()
    def step():
        ids = tokenizer(["", "a red apple"], padding="max_length", max_length=length, truncation=True, return_tensors="pt").input_ids
        context = encoder(ids)[0]
        scheduler.set_timesteps(16)
        side = unet.config.sample_size
        latents = torch.randn(1, unet.config.in_channels, side, side)
        for t in scheduler.timesteps:
            none, some = unet(torch.cat([latents] * 2), t, context).sample.chunk(2)
            latents = scheduler.step(none + 5 * (some - none), t, latents).prev_sample
        vae.decode(latents / vae.config.scaling_factor).sample.numpy()

    return step


def say(**facts):
    print(json.dumps(facts), flush=True)


def main():
    step = openvino_step() if side == "openvino" else torch_step()
    answer = step()
    if answer is not None:
        numpy.ascontiguousarray(answer, dtype="<f4").tofile(case["answer"])
    say(first=1000 * (time.perf_counter() - began), firstCpu=1000 * time.process_time())
    for line in sys.stdin:
        if line.strip() != "step":
            break
        wall, cpu = time.perf_counter(), time.process_time()
        step()
        say(wall=1000 * (time.perf_counter() - wall), cpu=1000 * (time.process_time() - cpu))
    say(peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


main()
