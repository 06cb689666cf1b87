"""What torch computes where LoRA on text encoders and on the UNet learn together, on the tiny models of recorded cases.

    python build/reference/text_encoder_lora.py engine/training/fixtures/text-encoder-lora engine/fixtures/reference/sd1-eps …

peft around transformers' CLIP and diffusers' UNet; captions of two chunks, whose states stand one behind the other. Per case: the gradients of A and B
of every layer of the text encoders that the loss depends on, and the losses of twenty steps of AdamW with a rate for each network. A and B are formulas
of their names (`start`), so that they need no storage.
"""
import os
import sys
import zlib

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from peft import LoraConfig, get_peft_model

import goldens
import models
import weights
from adapters import ATTENTION, pairs

RANK, ALPHA, STEPS = 1, 2.0, 20
RATES = {"unet": 2e-3, "text_encoder": 1e-3, "text_encoder_2": 5e-4}
CAPTIONS = ["an old man, 7 cats and a boat's sail; painted on the mountain in the morning light", "a red fox in the snow"]
CHUNKS = 4


def start(component, path, letter, shape):
    """A with values of about the size that it starts with, B small and not zero."""
    scale = weights.power_of_two((1.0 if letter == "A" else 0.5) / torch.Size(shape[1:]).numel() ** 0.5)
    noise = weights.noise(zlib.crc32(f"{component}/{path}.{letter}".encode()), torch.Size(shape).numel())
    return torch.from_numpy(scale * noise).to(torch.float32).reshape(shape)


def wrapped(component, module):
    """peft's model with its pairs by path; the UNet on its attention, a text encoder on all of its layers."""
    targets = ATTENTION if component == "unet" else ["q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2"]
    model = get_peft_model(module, LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=targets, lora_dropout=0.0, bias="none"))
    found = {(path if component == "unet" else models.published_key(path)): pair for path, pair in pairs(model).items()}
    for path, pair in found.items():
        for letter, p in zip("AB", pair):
            p.data = start(component, path, letter, p.shape)
    return model, found


def frames(words, positions):
    """(captions * CHUNKS, positions): each caption in chunks, with begin, end and padding."""
    rows = []
    for caption in CAPTIONS:
        ids = words(caption, add_special_tokens=False).input_ids
        for chunk in range(CHUNKS):
            part = ids[chunk * (positions - 2) : (chunk + 1) * (positions - 2)]
            row = [words.bos_token_id, *part, words.eos_token_id]
            rows.append(row + [words.pad_token_id] * (positions - len(row)))
        assert len(ids) <= CHUNKS * (positions - 2), len(ids)
    return torch.tensor(rows)


def record(target, case_folder):
    name = os.path.basename(case_folder.rstrip("/"))
    case, pipe = models.recorded(case_folder)
    sdxl = case["config"]["family"] == "sdxl"
    names = ["text_encoder", "text_encoder_2"] if sdxl else ["text_encoder"]
    encoders = {component: wrapped(component, getattr(pipe, component)) for component in names}
    ids = {
        component: frames(pipe.tokenizer if component == "text_encoder" else pipe.tokenizer_2, case["config"]["text"][i]["positions"])
        for i, component in enumerate(names)
    }
    unet, of_unet = wrapped("unet", pipe.unet)
    random = torch.Generator().manual_seed(case["seed"] + 3000)
    latents, noise = torch.randn(2, 4, 8, 6, generator=random), torch.randn(2, 4, 8, 6, generator=random)
    timesteps = torch.randint(0, 1000, (STEPS, 2), generator=random)
    time_ids = torch.tensor([[48.0, 64, 0, 0, 40, 24], [1024, 768, 0, 0, 1024, 1024]])

    def loss_at(step):
        states, pooled = [], None
        for component, (encoder, _) in encoders.items():
            out = encoder(ids[component], output_hidden_states=True)
            state = out.hidden_states[-2] if sdxl else out.last_hidden_state
            states.append(state.reshape(len(CAPTIONS), -1, state.shape[-1]))
            if component == "text_encoder_2":
                pooled = out.text_embeds.reshape(len(CAPTIONS), CHUNKS, -1)[:, 0]
        noisy, aim = goldens.objective(pipe)(latents, noise, timesteps[step])
        added = {"added_cond_kwargs": {"text_embeds": pooled, "time_ids": time_ids}} if sdxl else {}
        prediction = unet(noisy, timesteps[step], torch.cat(states, -1), **added).sample
        return torch.nn.functional.mse_loss(prediction, aim)

    found = {f"{component}/{path}.{letter}": p for component, (_, own) in encoders.items() for path, pair in own.items() for letter, p in zip("AB", pair)}
    loss = loss_at(0)
    gradients = torch.autograd.grad(loss, list(found.values()), allow_unused=True)
    tensors = {"latents": latents, "noise": noise, "timesteps": timesteps.float(), "loss": loss.detach(), "time_ids": time_ids}
    tensors |= {f"ids/{component}": own.float() for component, own in ids.items()}
    tensors |= {f"d/{key}": gradient for key, gradient in zip(found, gradients) if gradient is not None}
    groups = [{"params": [p for pair in own.values() for p in pair], "lr": RATES[component]} for component, own in {**{c: o for c, (_, o) in encoders.items()}, "unet": of_unet}.items()]
    everything = [p for group in groups for p in group["params"]]
    optimizer = torch.optim.AdamW(groups, weight_decay=1e-2, betas=(0.9, 0.999), eps=1e-8, foreach=False)
    losses = []
    for step in range(STEPS):
        loss = loss_at(step)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(everything, 1.0)
        optimizer.step()
        losses.append(loss.detach())
    tensors["losses"] = torch.stack(losses)
    last = [key for key, gradient in zip(found, gradients) if gradient is not None][-2:]
    tensors |= {f"trained/{key}": found[key] for key in last}
    weights.save(os.path.join(target, f"{name}.safetensors"), {key: t.detach().contiguous() for key, t in tensors.items()})


if __name__ == "__main__":
    for folder in sys.argv[2:]:
        record(sys.argv[1], folder)
