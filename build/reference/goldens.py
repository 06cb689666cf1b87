"""What the reference computes on a tiny model: each check adds tensors to the golden and a line to case.json."""
import torch
from diffusers import DDIMScheduler, DDPMScheduler

import adapters
import models

TOLERANCE = {"forward": 1e-4, "gradients": 1e-3, "train": 1e-3, "pipeline": 1e-3}
PROMPTS = ["a painting of a red fox", "the old house by the sea"]
NEGATIVE = "blurry rain"
STEPS, GUIDANCE = 10, 5.0


class Recorder:
    """One seed draws the same numbers for every dtype."""

    def __init__(self, config, seed, dtype=torch.float32):
        self.config, self.dtype, self.tensors, self.checks = config, dtype, {}, []
        self.random = torch.Generator().manual_seed(seed)

    def randn(self, *shape):
        return torch.randn(shape, generator=self.random).to(self.dtype)

    def integers(self, low, high, shape):
        return torch.randint(low, high, shape, generator=self.random)

    def check(self, kind, name, tolerance, inputs, outputs, **facts):
        """inputs, outputs: role -> tensor. A tensor is stored once as `name/role`; a string names one that is there already."""
        def store(roles):
            stored = {}
            for role, tensor in roles.items():
                stored[role] = tensor if isinstance(tensor, str) else f"{name}/{role}"
                if not isinstance(tensor, str):
                    assert stored[role] not in self.tensors, stored[role]
                    tensor = tensor.detach().clone().contiguous()
                    self.tensors[stored[role]] = tensor.to(torch.int32) if tensor.dtype == torch.int64 else tensor
            return stored
        self.checks.append({"kind": kind, "name": name, "tolerance": tolerance, "inputs": store(inputs), "outputs": store(outputs), **facts})

    def added(self, batch):
        """SDXL's pooled text and six ids; nothing for the other families."""
        if self.config["family"] != "sdxl":
            return {}
        ids = torch.tensor([[48, 64, 0, 3, 40, 24], [1024, 768, 16, 0, 1024, 1024], [33, 57, 5, 7, 512, 640]], dtype=self.dtype)
        return {"pooled": self.randn(batch, self.config["text"][1]["projection"]), "timeIds": ids[:batch]}

    def context(self, batch, tokens):
        return self.randn(batch, tokens, sum(t["width"] for t in self.config["text"]))


def conditions(added):
    return {"added_cond_kwargs": {"text_embeds": added["pooled"], "time_ids": added["timeIds"]}} if added else {}


def everything(recorder, pipe, seed):
    """All checks, one after another. Gives the adapted UNet and the pipeline's images."""
    unet_forward(recorder, pipe.unet)
    text_forward(recorder, pipe)
    vae_both_ways(recorder, pipe.vae)
    model = adapters.wrap(pipe.unet, recorder.config["adapter"], seed).to(recorder.dtype)
    gradients(recorder, pipe, model)
    train(recorder, pipe, model)
    return model, pipeline(recorder, pipe, model)


def unet_forward(recorder, unet):
    for height, width, timesteps, tokens in ((9, 7, [0.0, 417.25, 999.0], 16), (8, 12, [1.0, 500.0, 951.0], 11)):
        inputs = {
            "sample": recorder.randn(3, 4, height, width),
            "timestep": torch.tensor(timesteps),
            "context": recorder.context(3, tokens),
            **(added := recorder.added(3)),
        }
        with torch.no_grad():
            output = unet(inputs["sample"], inputs["timestep"], inputs["context"], **conditions(added)).sample
        recorder.check("unet", f"unet.{height}x{width}", TOLERANCE["forward"], inputs, {"output": output})


def text_forward(recorder, pipe):
    for index, t in enumerate(recorder.config["text"]):
        component = "text_encoder" if index == 0 else "text_encoder_2"
        encoder = getattr(pipe, component)
        tokenizer = pipe.tokenizer if index == 0 else pipe.tokenizer_2
        texts = ["", "a red fox in the snow", "an old man, 7 cats and a boat's sail; painted on the mountain in the morning light"]
        ids = tokenizer(texts, padding="max_length", max_length=t["positions"], truncation=True, return_tensors="pt").input_ids
        with torch.no_grad():
            result = encoder(ids, output_hidden_states=True)
        last = result.last_hidden_state
        outputs = {"last": last, "conditioning": result.hidden_states[-2] if recorder.config["family"] == "sdxl" else f"{component}/last"}
        if "projection" in t:
            outputs["pooled"] = result.text_embeds
        else:
            outputs["pooled"] = result.pooler_output
        recorder.check("text", component, TOLERANCE["forward"], {"ids": ids}, outputs, component=component, texts=texts)


def vae_both_ways(recorder, vae):
    factor = 2 ** (len(recorder.config["vae"]["channels"]) - 1)
    for batch, height, width in ((3, 40, 24), (1, 37, 29)):
        image = recorder.randn(batch, 3, height, width).clamp(-1, 1)
        with torch.no_grad():
            posterior = vae.encode(image).latent_dist
        outputs = {"mean": posterior.mean, "logvar": posterior.logvar}
        recorder.check("vae-encode", f"vae.encode.{height}x{width}", TOLERANCE["forward"], {"image": image}, outputs)
    for batch, height, width in ((3, 40 // factor, 24 // factor), (1, 7, 5)):
        latents = recorder.randn(batch, 4, height, width)
        with torch.no_grad():
            image = vae.decode(latents).sample
        recorder.check("vae-decode", f"vae.decode.{height}x{width}", TOLERANCE["forward"], {"latents": latents}, {"image": image})


def objective(pipe):
    """The noised sample and its target as training uses them."""
    noiser = DDPMScheduler.from_config(pipe.scheduler.config)
    velocity = pipe.scheduler.config.prediction_type == "v_prediction"

    def of(latents, noise, timesteps):
        noisy = noiser.add_noise(latents, noise, timesteps)
        return noisy, noiser.get_velocity(latents, noise, timesteps) if velocity else noise
    return of


def batch(recorder):
    return {"context": recorder.context(2, 16), **recorder.added(2)}


def loss_of(unet, noisy, timesteps, inputs, target):
    prediction = unet(noisy, timesteps, inputs["context"], **conditions({k: v for k, v in inputs.items() if k != "context"})).sample
    return torch.nn.functional.mse_loss(prediction, target)


def gradients(recorder, pipe, model):
    """Gradients of A and B of every adapted layer, then, without the adapter, of a few of the network's own weights."""
    found = adapters.pairs(model)
    latents, noise = recorder.randn(2, 4, 9, 7), recorder.randn(2, 4, 9, 7)
    timesteps = torch.tensor([321, 807])
    given = batch(recorder)
    noisy, target = objective(pipe)(latents, noise, timesteps)
    loss = loss_of(model, noisy, timesteps, given, target)
    parameters = [p for pair in found.values() for p in pair]
    grads = iter(torch.autograd.grad(loss, parameters))
    outputs = {"loss": loss}
    for path in found:
        outputs[f"{path}.A"], outputs[f"{path}.B"] = next(grads), next(grads)
    inputs = {"latents": latents, "noise": noise, "timesteps": timesteps, **given, "sample": noisy, "target": target}
    recorder.check(
        "lora-gradients", "gradients", TOLERANCE["gradients"], inputs, outputs,
        modules=list(found), **adapter_facts(recorder),
    )
    keys = recorder.config["fullGradients"]
    own = dict(model.base_model.model.named_parameters())
    chosen = [own[key] if key in own else own[key.replace(".weight", ".base_layer.weight")] for key in keys]
    for p in chosen:
        p.requires_grad_(True)
    with model.disable_adapter():
        loss = loss_of(model, noisy, timesteps, given, target)
    outputs = {"loss": loss} | dict(zip(keys, torch.autograd.grad(loss, chosen)))
    for p in chosen:
        p.requires_grad_(False)
    for p in parameters:
        p.requires_grad_(True)
    same = {role: f"gradients/{role}" for role in inputs}
    recorder.check("full-gradients", "full", TOLERANCE["gradients"], same, outputs, weights=keys)


def adapter_facts(recorder):
    settings = recorder.config["adapter"]
    return {"adapter": "lora", "rank": settings["rank"], "alpha": settings["alpha"], **({"layers": settings["layers"]} if "layers" in settings else {})}


def train(recorder, pipe, model, steps=20):
    """AdamW from the recorded A and B on one batch, new noise and timesteps each step. The adapter is put back afterwards.
    Losses are of every step; of the trained adapter every sixth module is kept."""
    found = adapters.pairs(model)
    parameters = [p for pair in found.values() for p in pair]
    before = [p.detach().clone() for p in parameters]
    latents, given = recorder.randn(2, 4, 8, 6), batch(recorder)
    noise, timesteps = recorder.randn(steps, 2, 4, 8, 6), recorder.integers(0, 1000, (steps, 2))
    settings = {"learningRate": 1e-3, "weightDecay": 1e-2, "betas": [0.9, 0.999], "epsilon": 1e-8, "clip": 1.0, "steps": steps}
    optimizer = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=1e-2, betas=(0.9, 0.999), eps=1e-8, foreach=False)
    losses, norms = [], []
    for step in range(steps):
        noisy, target = objective(pipe)(latents, noise[step], timesteps[step])
        loss = loss_of(model, noisy, timesteps[step], given, target)
        optimizer.zero_grad()
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(parameters, 1.0).detach())
        optimizer.step()
        losses.append(loss.detach())
    outputs = {"losses": torch.stack(losses), "gradientNorms": torch.stack(norms)}
    modules = list(found)[::6]
    for path in modules:
        outputs[f"{path}.A"], outputs[f"{path}.B"] = found[path]
    inputs = {"latents": latents, "noise": noise, "timesteps": timesteps, **given}
    recorder.check(
        "lora-training", "train", TOLERANCE["train"], inputs, outputs,
        modules=modules, **adapter_facts(recorder), **settings,
    )
    for p, value in zip(parameters, before):
        p.data, p.grad = value, None


def run_pipeline(pipe, config, latents):
    """Final latents and the image in 0..1, DDIM. The image is decoded apart so that both come from one run."""
    pipe.scheduler = DDIMScheduler.from_config(pipe.scheduler.config)
    height, width = config["size"]
    extra = {"negative_prompt": NEGATIVE}
    with torch.no_grad():
        final = pipe(
            prompt=PROMPTS[0], height=height, width=width, num_inference_steps=STEPS, guidance_scale=GUIDANCE,
            eta=0.0, latents=latents, output_type="latent", **extra,
        ).images
        image = pipe.vae.decode(final / pipe.vae.config.scaling_factor).sample
    return final, (image / 2 + 0.5).clamp(0, 1)


def pipeline(recorder, pipe, model):
    config = recorder.config
    factor = 2 ** (len(config["vae"]["channels"]) - 1)
    height, width = config["size"]
    latents = recorder.randn(1, 4, height // factor, width // factor)
    inputs = {"latents": latents}
    for index, t in enumerate(config["text"]):
        tokenizer = pipe.tokenizer if index == 0 else pipe.tokenizer_2
        for role, text in (("ids", PROMPTS[0]), ("negativeIds", NEGATIVE)):
            ids = tokenizer([text], padding="max_length", max_length=t["positions"], truncation=True, return_tensors="pt").input_ids
            inputs[role if index == 0 else f"{role}2"] = ids
    facts = {
        "sampler": "ddim", "steps": STEPS, "guidance": GUIDANCE, "height": height, "width": width,
        "prompt": PROMPTS[0], "negative": NEGATIVE,
    }
    if config["family"] == "sdxl":
        facts["timeIds"] = [height, width, 0, 0, height, width]
    images = {}
    for name, lora in (("pipeline", False), ("pipeline.lora", True)):
        pipe.unet = model.base_model.model
        if lora:
            final, image = run_pipeline(pipe, config, latents)
        else:
            with model.disable_adapter():
                final, image = run_pipeline(pipe, config, latents)
        images[name] = image
        facts["timesteps"] = [int(t) for t in pipe.scheduler.timesteps]
        facts["adapters"] = [{"files": config["adapter"]["files"], "weight": 1}] if lora else []
        given = inputs if not lora else {role: f"pipeline/{role}" for role in inputs}
        recorder.check("pipeline", name, TOLERANCE["pipeline"], given, {"final": final, "image": image}, **facts)
    return images
