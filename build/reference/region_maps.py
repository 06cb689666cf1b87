"""Records to which adapter each cell of a picture goes, for engine/guidance/region-maps.test.ts.

The formulae of FreeFuse for SDXL (arXiv 2510.23515; its attention processor and pipeline) in torch: contrast of cross-attention, cores of a tenth of the
cells, likeness of features at temperature 1000, balanced argmax of 15 rounds. Run: python build/reference/region_maps.py (needs torch); it writes
engine/guidance/fixtures/region-maps.json
"""

import json
from pathlib import Path

import torch

torch.set_default_dtype(torch.float64)


def maps(attention, features, positions):
    """attention (heads, T, T'), features (T, C) -> (K, T)"""
    scores = [attention[:, :, own].mean(-1).mean(0) for own in positions]
    found = []
    for k, own in enumerate(scores):
        contrast = own * len(scores) - sum(other for j, other in enumerate(scores) if j != k)
        core = features[contrast.topk(max(1, int(len(own) * 0.1))).indices]
        found.append(torch.softmax((core @ features.T).mean(0) / 1000.0, -1))
    return torch.stack(found)


def owners(logits, h, w, pull):
    K, N = logits.shape
    y, x = torch.meshgrid(torch.linspace(-1, 1, h), torch.linspace(-1, 1, w) * 1.3, indexing="ij")
    y, x = y.reshape(1, N), x.reshape(1, N)
    normal = lambda v, dim: (v - v.min(dim, True)[0]) / (v.max(dim, True)[0] - v.min(dim, True)[0] + 1e-8)
    running, scale, bias, current = normal(logits, -1), max((logits.max() - logits.min()).item(), 1e-4), torch.zeros(K, 1), logits.clone()
    kernel = torch.full((K, 1, 3, 3), 1 / 8)
    kernel[:, :, 1, 1] = 0
    for i in range(15):
        running = 0.8 * normal(current - bias, 0) + 0.2 * running
        mass = running.sum(1, True) + 1e-6
        far = (y - (running * y).sum(1, True) / mass) ** 2 + (x - (running * x).sum(1, True) / mass) ** 2
        counts = torch.nn.functional.one_hot((current - bias).argmax(0), K).double().sum(0)
        bias = (bias + torch.sign(counts - N / K)[:, None] * 0.01 * scale * 0.95**i).clamp(-10 * scale, 10 * scale)
        votes = torch.nn.functional.conv2d(running.view(1, K, h, w), kernel, padding=1, groups=K).view(K, N)
        current = logits - bias + votes * pull - far * pull
    return current.argmax(0)


def told(tensor):
    return {"shape": list(tensor.shape), "data": [float(f"{value:.9g}") for value in tensor.flatten().tolist()]}


cases = []
for seed, h, w, positions in ((1, 4, 6, [[1, 2], [4]]), (2, 5, 5, [[1], [2, 3], [5, 6]])):
    torch.manual_seed(seed)
    attention = torch.softmax(torch.randn(2, h * w, 7) * 2, -1).float().double()
    features = (torch.randn(h * w, 6) * 12).float().double()
    found = maps(attention, features, positions)
    cases.append(
        {
            "height": h,
            "width": w,
            "positions": positions,
            "attention": told(attention.mean(0)),
            "features": told(features),
            "maps": [told(one)["data"] for one in found],
            # The weights of pull and vote are for maps over 1024 cells, which sum to 1.
            "owners": owners(found, h, w, 3e-5 * 1024 / (h * w)).tolist(),
        }
    )
path = Path(__file__).parents[2] / "engine/guidance/fixtures/region-maps.json"
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps(cases) + "\n")
for case in cases:
    print(case["owners"])
