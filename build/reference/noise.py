"""Records random numbers of torch, A1111 and torchsde, for engine/noise-sources/noise-sources.test.ts.

A1111's own functions (modules/rng.py, modules/rng_philox.py) are no package: written down here as they stand there.
Run: python build/reference/noise.py (needs torch, k-diffusion 0.1.1, torchsde 0.2.6); it writes engine/noise-sources/fixtures/noise.json
"""

import json
import sys
import types
from pathlib import Path

import numpy as np
import torch

# Needed by its evaluation of models only, and not installable everywhere.
sys.modules.setdefault("clip", types.ModuleType("clip"))
import k_diffusion as K

SEEDS = (0, 42, 2**33 + 5)


def philox(seed, draw, n):
    counter, key = [np.full(n, draw, np.uint64), np.zeros(n, np.uint64), np.arange(n, dtype=np.uint64), np.zeros(n, np.uint64)], [seed & 0xFFFFFFFF, seed >> 32]
    for round_ in range(10):
        if round_:
            key = [(key[0] + 0x9E3779B9) & 0xFFFFFFFF, (key[1] + 0xBB67AE85) & 0xFFFFFFFF]
        v1, v2 = counter[0] * np.uint64(0xD2511F53), counter[2] * np.uint64(0xCD9E8D57)
        low, high = np.uint64(0xFFFFFFFF), np.uint64(32)
        counter = [(v2 >> high) ^ counter[1] ^ np.uint64(key[0]), v2 & low, (v1 >> high) ^ counter[3] ^ np.uint64(key[1]), v1 & low]
    inverse, turn = np.array([2.3283064e-10], np.float32), np.array([2.3283064e-10 * 6.2831855], np.float32)
    x, y = counter[0].astype(np.uint32), counter[1].astype(np.uint32)
    u, v = x * inverse + inverse / 2, y * turn + turn / 2
    return (np.sqrt(-2.0 * np.log(u)) * np.sin(v)).astype(np.float32)


def slerp(val, low, high):
    low_norm, high_norm = low / torch.norm(low, dim=1, keepdim=True), high / torch.norm(high, dim=1, keepdim=True)
    dot = (low_norm * high_norm).sum(1)
    if dot.mean() > 0.9995:
        return low * val + high * (1 - val)
    omega = torch.acos(dot)
    so = torch.sin(omega)
    return (torch.sin((1.0 - val) * omega) / so).unsqueeze(1) * low + (torch.sin(val * omega) / so).unsqueeze(1) * high


def numbers(values):
    return [float(f"{value:.8g}") for value in np.asarray(values, dtype=np.float64).ravel()]


def cpu(seed, counts):
    generator = torch.Generator().manual_seed(seed)
    return [numbers(torch.randn(count, generator=generator)) for count in counts]


COUNTS = (32, 37, 5, 6, 16)
mix = {"shape": [2, 5, 3], "seeds": [1, 2], "strength": 0.3}
draw = lambda seed: torch.randn(mix["shape"], generator=torch.Generator().manual_seed(seed))
mix["values"] = numbers(slerp(mix["strength"], draw(1), draw(2)))

# As solvers ask: from high to low, once through a level between, and once out of order.
low, high = 0.0291675, 14.614642
queries = [(14.614642, 7.2), (14.614642, 9.5), (9.5, 7.2), (7.2, 1.25), (1.25, 0.3), (0.3, 0.0291675), (3.0, 2.5)]
paths = []
for seed in SEEDS:
    noise = K.sampling.BrownianTreeNoiseSampler(torch.zeros(1, 20), torch.tensor(low), torch.tensor(high), seed=[seed])
    paths.append({"seed": seed, "noise": [numbers(noise(torch.tensor(a), torch.tensor(b))[0]) for a, b in queries]})

fixture = {
    "counts": COUNTS,
    "cpu": [{"seed": seed, "draws": cpu(seed, COUNTS)} for seed in SEEDS],
    "cuda": [{"seed": seed, "draws": [numbers(philox(seed, draw, 12)) for draw in range(2)]} for seed in SEEDS],
    "sequence": [
        {"seed": seed, "place": place, "words": [int(w) for w in np.random.SeedSequence(seed, spawn_key=place, pool_size=24).generate_state(4)]}
        for seed in SEEDS for place in ((), (0, 0), (5, 3), (2**22 + 1, 23))
    ],
    "slerp": mix,
    "path": {"low": low, "high": high, "queries": queries, "paths": paths},
}
out = Path(__file__).parents[2] / "engine/noise-sources/fixtures/noise.json"
out.parent.mkdir(exist_ok=True)
out.write_text(json.dumps(fixture, separators=(",", ":")) + "\n")
print(out.stat().st_size)
