"""Records what other programs make of a few small adapters, for engine/merging/methods/reference.test.ts: peft's add_weighted_adapter by peft itself,
with the random masks of DARE; KnOTS (gstoica27/KnOTS), TSV-M (AntoAndGar/task_singular_vectors) and Iso-C (danielm1405/iso-merging) by their formulae.

Run: python build/reference/merging.py, then prettier on what it writes: engine/merging/fixtures/reference.json
"""

import base64
import json
from pathlib import Path

import numpy as np
import peft
import torch
from peft import LoraConfig, get_peft_model

FIXTURE = Path(__file__).parents[2] / "engine/merging/fixtures/reference.json"
random = torch.Generator().manual_seed(24)
RANK, ALPHAS, WEIGHTS = 4, [2, 4, 8], [0.7, -0.4, 1.2]
DENSITY = 0.4
torch.set_default_dtype(torch.float32)


def packed(array) -> str:
    return base64.b64encode(np.ascontiguousarray(array, dtype="<f4").tobytes()).decode()


class Small(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.a = torch.nn.Linear(10, 12)
        self.conv = torch.nn.Conv2d(5, 8, 3, padding=1)


def adapters():
    model = None
    for i, alpha in enumerate(ALPHAS):
        config = LoraConfig(r=RANK, lora_alpha=alpha, target_modules=["a", "conv"], init_lora_weights=False)
        if model is None:
            model = get_peft_model(Small(), config, adapter_name="0")
        else:
            model.add_adapter(str(i), config)
    for name, parameter in model.named_parameters():
        if "lora_" in name:
            parameter.data = torch.randn(parameter.shape, generator=random)
    return model


model = adapters()
LAYERS = {"unet.a": model.base_model.model.a, "unet.conv": model.base_model.model.conv}
sources = [
    {
        "alpha": alpha,
        "weight": weight,
        "layers": {
            key: {"down": packed(layer.lora_A[str(i)].weight.detach()), "up": packed(layer.lora_B[str(i)].weight.detach())}
            for key, layer in LAYERS.items()
        },
    }
    for i, (alpha, weight) in enumerate(zip(ALPHAS, WEIGHTS))
]

bernoulli = torch.bernoulli
cases = []


def record(name: str, options: dict, kind: str, **arguments):
    masks: list = []

    def recording(*given, **named):
        mask = bernoulli(*given, generator=random, **named)
        masks.append(mask)
        return mask

    torch.bernoulli = recording
    try:
        model.base_model.add_weighted_adapter(["0", "1", "2"], WEIGHTS, f"m{len(cases)}", combination_type=kind, **arguments)
    finally:
        torch.bernoulli = bernoulli
    merged = {key: packed(layer.get_delta_weight(f"m{len(cases)}").detach()) for key, layer in LAYERS.items()}
    cases.append(
        {
            "method": name,
            "options": options,
            "merged": merged,
            # In the order in which they were drawn: layer by layer, A before B where factors are pruned, adapter by adapter.
            **({"masks": [base64.b64encode(np.asarray(m, dtype=np.uint8).tobytes()).decode() for m in masks]} if masks else {}),
        }
    )


record("peft-linear", {}, "linear")
record("peft-cat", {}, "cat")
record("peft-svd", {}, "svd")
record("peft-svd", {"rank": 2}, "svd", svd_rank=2)
for sign in ["total", "frequency"]:
    record("peft-ties", {"density": DENSITY, "sign": sign}, "ties", density=DENSITY, majority_sign_method=sign)
    record("peft-ties-svd", {"density": DENSITY, "sign": sign}, "ties_svd", density=DENSITY, majority_sign_method=sign)
record("peft-dare-linear", {"density": DENSITY}, "dare_linear", density=DENSITY)
record("peft-dare-linear-svd", {"density": DENSITY}, "dare_linear_svd", density=DENSITY)
record("peft-dare-ties", {"density": DENSITY, "sign": "total"}, "dare_ties", density=DENSITY)
record("peft-dare-ties-svd", {"density": DENSITY, "sign": "frequency"}, "dare_ties_svd", density=DENSITY, majority_sign_method="frequency")
record("peft-magnitude-prune", {"density": DENSITY}, "magnitude_prune", density=DENSITY)
record("peft-magnitude-prune-svd", {"density": DENSITY}, "magnitude_prune_svd", density=DENSITY)


def deltas(key: str) -> list[torch.Tensor]:
    return [LAYERS[key].get_delta_weight(str(i)).detach().flatten(1).double() for i in range(len(ALPHAS))]


def knots(key: str, density: float, weight: float, merging: str) -> torch.Tensor:
    """task_merger.SVDMerger with masking_ops.ties_masking and masked_merge; one weight for all, as there."""
    all_deltas = deltas(key)
    u, s, v = torch.linalg.svd(torch.cat(all_deltas, dim=1), full_matrices=False)
    u, v, s = u[:, s > 1e-5], v[s > 1e-5], s[s > 1e-5]
    slices = [torch.diag(s) @ part for part in torch.split(v, all_deltas[0].shape[1], dim=1)]
    flat = torch.vstack([one.reshape(1, -1) for one in slices])
    if density < 1:
        k = flat.shape[1] - int(flat.shape[1] * density)
        least, _ = flat.abs().kthvalue(k, dim=1, keepdim=True)
        # The program keeps the k-th smallest too.
        pruned_mask = flat.abs() >= least
    else:
        pruned_mask = torch.ones_like(flat, dtype=torch.bool)
    pruned = flat * pruned_mask
    signs = torch.sign(pruned.sum(dim=0))
    majority = torch.sign(signs.sum())
    signs[signs == 0] = majority
    kept = torch.where(signs.unsqueeze(0) > 0, pruned > 0, pruned < 0) * pruned_mask
    vectors = flat * kept * weight
    if merging == "sum":
        out = vectors.sum(dim=0)
    else:
        out = vectors.sum(dim=0) / torch.clamp((vectors != 0).sum(dim=0).double(), min=1)
    return u @ out.reshape(u.shape[1], -1)


def tsv(key: str, keep: float) -> torch.Tensor:
    """TSVM_utils: each task's first singular triplets, stacked, and U and V orthogonalised. Every task has RANK of them."""
    us, ss, vs = [], [], []
    for delta in deltas(key):
        u, s, v = torch.linalg.svd(delta, full_matrices=False)
        k = int(RANK * keep)
        us.append(u[:, :k]), ss.append(s[:k]), vs.append(v[:k])
    u_u, _, v_u = torch.linalg.svd(torch.cat(us, dim=1), full_matrices=False)
    u_v, _, v_v = torch.linalg.svd(torch.cat(vs, dim=0), full_matrices=False)
    return torch.linalg.multi_dot((u_u, v_u, torch.diag(torch.cat(ss)), u_v, v_v))


def iso(key: str) -> torch.Tensor:
    """iso.iso_c, with the mean over the singular values that are there: beside low-rank adapters the others are zero by construction."""
    u, s, v = torch.linalg.svd(sum(deltas(key)), full_matrices=False)
    there = int((s > 1e-9 * s[0]).sum())
    return u[:, :there] @ torch.diag(torch.ones(there, dtype=s.dtype) * s[:there].mean()) @ v[:there]


for density, merging in [(1, "mean"), (0.4, "mean"), (0.4, "sum")]:
    cases.append(
        {
            "method": "knots",
            "options": {"density": density, "merging": merging},
            "weights": [0.9] * 3,
            "merged": {key: packed(knots(key, density, 0.9, merging)) for key in LAYERS},
        }
    )
for keep in [0.5, 0.75]:
    cases.append(
        {"method": "tsv-m", "options": {"keep": keep}, "weights": [1] * 3, "merged": {key: packed(tsv(key, keep)) for key in LAYERS}}
    )
cases.append({"method": "iso-c", "options": {}, "weights": [1] * 3, "merged": {key: packed(iso(key)) for key in LAYERS}})

FIXTURE.parent.mkdir(exist_ok=True)
FIXTURE.write_text(json.dumps({"peft": peft.__version__, "rank": RANK, "sources": sources, "cases": cases}))
print(FIXTURE.stat().st_size)
