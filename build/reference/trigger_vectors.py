"""What torch computes where vectors of a trigger word are learnt through CLIP and the UNet, on the tiny models of recorded cases.

    python build/reference/trigger_vectors.py engine/training/fixtures/trigger-vectors engine/fixtures/reference/sd1-eps engine/fixtures/reference/sdxl

diffusers' examples/textual_inversion/textual_inversion.py: rows are added to the table of tokens, all of it is given to AdamW (decay included), and after
each step the other rows are put back. Nothing is clipped. Per case: the gradient of the new rows at the first step, in double precision, losses of three steps, and the rows
after each. They begin as the words of START, one after the other and again (sd-scripts).
"""
import os
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch

import goldens
import models
import tokenizer
import weights

VECTORS, STEPS, RATE, CHUNKS = 3, 3, 5e-3, 2
START = "red fox"
CAPTIONS = ["a sks in the snow, sks", "a red fox"]


def frames(words, positions, first):
    """(captions * CHUNKS, positions): the word "sks" is VECTORS ids from `first` on."""
    rows = []
    for caption in CAPTIONS:
        ids = []
        for i, part in enumerate(caption.split("sks")):
            ids += ([*range(first, first + VECTORS)] if i else []) + words(part, add_special_tokens=False).input_ids
        assert len(ids) <= CHUNKS * (positions - 2), len(ids)
        for chunk in range(CHUNKS):
            row = [words.bos_token_id, *ids[chunk * (positions - 2) : (chunk + 1) * (positions - 2)], words.eos_token_id]
            rows.append(row + [words.pad_token_id] * (positions - len(row)))
    return torch.tensor(rows)


def record(target, case_folder):
    name = os.path.basename(case_folder.rstrip("/"))
    case, pipe = models.recorded(case_folder)
    sdxl = case["config"]["family"] == "sdxl"
    vocab, _ = tokenizer.build()
    pipe.unet.requires_grad_(False)
    encoders = {}
    for i, component in enumerate(["text_encoder", "text_encoder_2"] if sdxl else ["text_encoder"]):
        encoder, words = getattr(pipe, component), getattr(pipe, component.replace("text_encoder", "tokenizer"))
        # New ids are larger than the end mark: with the old ids of published folders, transformers would pool at them.
        for module in encoder.modules():
            if hasattr(module, "eos_token_id"):
                module.eos_token_id = vocab["<|endoftext|>"]
        encoder.config.eos_token_id = vocab["<|endoftext|>"]
        encoder.requires_grad_(False)
        old = encoder.get_input_embeddings()
        first = old.weight.shape[0]
        start = words(START, add_special_tokens=False).input_ids
        added = old.weight[[start[r % len(start)] for r in range(VECTORS)]]
        table = torch.nn.Embedding.from_pretrained(torch.cat([old.weight.detach(), added.detach()]).float(), freeze=False)
        encoder.set_input_embeddings(table)
        encoders[component] = (encoder, table.weight, first, frames(words, case["config"]["text"][i]["positions"], first))
    random = torch.Generator().manual_seed(case["seed"] + 4000)
    latents, noise = torch.randn(2, 4, 8, 6, generator=random), torch.randn(2, 4, 8, 6, generator=random)
    timesteps = torch.randint(0, 1000, (STEPS, 2), generator=random)
    time_ids = torch.tensor([[48.0, 64, 0, 0, 40, 24], [1024, 768, 0, 0, 1024, 1024]])

    def loss_at(step, latents=latents, noise=noise, time_ids=time_ids):
        states, pooled = [], None
        for component, (encoder, _, _, ids) in encoders.items():
            out = encoder(ids, output_hidden_states=True)
            state = out.hidden_states[-2] if sdxl else out.last_hidden_state
            states.append(state.reshape(len(CAPTIONS), -1, state.shape[-1]))
            if component == "text_encoder_2":
                pooled = out.text_embeds.reshape(len(CAPTIONS), CHUNKS, -1)[:, 0]
        noisy, aim = goldens.objective(pipe)(latents, noise, timesteps[step])
        added = {"added_cond_kwargs": {"text_embeds": pooled, "time_ids": time_ids}} if sdxl else {}
        return torch.nn.functional.mse_loss(pipe.unet(noisy, timesteps[step], torch.cat(states, -1), **added).sample, aim)

    tables = [table for _, table, _, _ in encoders.values()]
    before = [table.detach().clone() for table in tables]
    optimizer = torch.optim.AdamW(tables, lr=RATE, betas=(0.9, 0.999), weight_decay=1e-2, eps=1e-8, foreach=False)
    modules = [pipe.unet, *(encoder for encoder, _, _, _ in encoders.values())]
    single = torch.autograd.grad(loss_at(0), tables)
    for module in modules:
        module.double()
    exact = torch.autograd.grad(loss_at(0, latents.double(), noise.double(), time_ids.double()), [encoder.get_input_embeddings().weight for encoder in modules[1:]])
    for module in modules:
        module.float()
    print(name, "torch in single precision:", [float((s - e).norm() / e.norm()) for s, e in zip(single, exact)])
    tables = [encoder.get_input_embeddings().weight for encoder in modules[1:]]
    tensors = {"latents": latents, "noise": noise, "timesteps": timesteps.float()}
    tensors |= {f"d/{component}": gradient[first:].float() for gradient, (component, (_, _, first, _)) in zip(exact, encoders.items())}
    losses = []
    for step in range(STEPS):
        loss = loss_at(step)
        optimizer.zero_grad()
        loss.backward()
        losses.append(loss.detach())
        optimizer.step()
        with torch.no_grad():
            for table, (_, _, first, _), own in zip(tables, encoders.values(), before):
                table[:first] = own[:first]
        tensors |= {f"{step + 1}/{component}": table.detach()[first:].clone() for table, (component, (_, _, first, _)) in zip(tables, encoders.items())}
    tensors["losses"] = torch.stack(losses)
    os.makedirs(target, exist_ok=True)
    weights.save(os.path.join(target, f"{name}.safetensors"), {key: t.detach().contiguous() for key, t in tensors.items()})
    print(name, [round(loss.item(), 6) for loss in losses], {key: float(t.norm()) for key, t in tensors.items() if key.startswith("d/")})


if __name__ == "__main__":
    torch.set_num_threads(1)
    for folder in sys.argv[2:]:
        record(sys.argv[1], folder)
