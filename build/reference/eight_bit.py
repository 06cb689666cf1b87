"""Records thirty updates of bitsandbytes' AdamW8bit and Lion8bit on the CPU, for engine/training/optimizers/eight-bit.test.ts.

Twice: as the library's own kernel for the CPU makes them ("table"), which looks 8-bit codes up in a table of 65,536 values and may give a neighbour;
and with its plain functions ("nearest"), which give the nearest code as the kernels for cards do.

Run: python build/reference/eight_bit.py (bitsandbytes 0.50.2), then prettier on what it writes: engine/training/optimizers/fixtures/eight-bit.json
"""

import base64
import json
from pathlib import Path

import numpy as np
import torch
from bitsandbytes.backends.cpu import ops as cpu
from bitsandbytes.backends.default import ops as plain
from bitsandbytes.functional import create_dynamic_map
from bitsandbytes.optim import AdamW8bit, Lion8bit

FIXTURE = Path(__file__).parents[2] / "engine/training/optimizers/fixtures/eight-bit.json"
STEPS = 30
# Blocks of 256, a short last block, and a tensor that stays in fp32.
SHAPES = [(4, 300), (1024,), (8, 40)]


def packed(array) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def numbers(count: int, salt: int) -> np.ndarray:
    """The same numbers as `numbers` of the test: small integers, so that both languages make the same bits."""
    i = np.arange(count, dtype=np.int64)
    return (((i * 7919 + salt * 104729) % 20011) - 10005).astype(np.float32) / np.float32(16384)


def gradient(count: int, step: int, tensor: int, sizes: int) -> np.ndarray:
    """Of as many sizes, each half of the one before, from step to step alike; some are zero."""
    i = np.arange(count, dtype=np.int64)
    size = np.float32(2.0) ** -((i * 31 + tensor) % sizes).astype(np.float32)
    return (numbers(count, step * 17 + tensor) * size * (i % 97 != 0)).astype(np.float32)


def defaults() -> dict:
    """The functions that `backends/default/ops.py` registers, read off its source, since they share the name `_`."""
    found = {}
    source = Path(plain.__file__).read_text()
    for name in ("quantize_blockwise", "dequantize_blockwise"):
        start = source.index(f'@register_kernel("bitsandbytes::{name}", "default")')
        body = source[start:].split("\n", 1)[1]
        space = dict(vars(plain))
        exec(body[: body.index("\n\n\n")].replace("def _(", f"def {name}("), space)  # noqa: S102
        found[name] = space[name]
    return found


nearest = defaults()


def use_nearest() -> None:
    def quantise(values, code, absmax_out, out, blocksize):
        codes, absmax = nearest["quantize_blockwise"](values, code, blocksize)
        out.copy_(codes)
        absmax_out.copy_(absmax)

    cpu._quant_blockwise_fp32_direct = quantise
    cpu._dequant_blockwise_fp32_direct = lambda codes, absmax, code, size: nearest["dequantize_blockwise"](codes, absmax, code, size, torch.float32)


def record(make, options: dict, sizes: int) -> dict:
    tensors = [torch.nn.Parameter(torch.from_numpy(numbers(int(np.prod(shape)), k)).reshape(shape)) for k, shape in enumerate(SHAPES)]
    optimizer = make(tensors)
    some = []
    for step in range(1, STEPS + 1):
        for k, tensor in enumerate(tensors):
            tensor.grad = torch.from_numpy(gradient(tensor.numel(), step, k, sizes)).reshape(tensor.shape)
        optimizer.step()
        # A few of each tensor at each step, all of them at the last.
        some.append(packed(torch.cat([t.detach().reshape(-1)[::97] for t in tensors]).numpy().astype('<f4')))
    lasts = [packed(t.detach().numpy().astype("<f4")) for t in tensors]
    states = []
    for tensor in tensors:
        state = optimizer.state[tensor]
        kept = {}
        for name, codes, scales in (("m", "state1", "absmax1"), ("v", "state2", "absmax2")):
            if state.get(codes) is None or state[codes].numel() == 0:
                continue
            if state[codes].dtype == torch.uint8:
                kept[f"{name}Codes"] = packed(state[codes].numpy())
                kept[f"{name}Scales"] = packed(state[scales].numpy().astype("<f4"))
        states.append(kept)
    return {"options": options, "some": some, "last": lasts, "states": states}


def adamw(lr, betas, eps, decay, sizes, min_size=1024):
    options = {"lr": lr, "beta1": betas[0], "beta2": betas[1], "eps": eps, "weightDecay": decay, "min8bitSize": min_size}
    return record(lambda t: AdamW8bit(t, lr=lr, betas=betas, eps=eps, weight_decay=decay, min_8bit_size=min_size), options, sizes)


def lion(lr, betas, decay, sizes):
    options = {"lr": lr, "beta1": betas[0], "beta2": betas[1], "weightDecay": decay, "min8bitSize": 1024}
    return record(lambda t: Lion8bit(t, lr=lr, betas=betas, weight_decay=decay, min_8bit_size=1024), options, sizes)


def runs(sizes: int) -> dict:
    return {"adamw": adamw(1e-3, (0.9, 0.999), 1e-8, 0.01, sizes), "lion": lion(1e-4, (0.9, 0.99), 0.1, sizes)}


# Squares of gradients that differ a thousandfold are all one in that table.
table = runs(2)
use_nearest()
close = runs(11)
# What the table's kernel kept is not compared.
for run in table.values():
    del run["states"]
fixture = {
    "shapes": SHAPES,
    "maps": {"signed": packed(create_dynamic_map(True).numpy().astype("<f4")), "unsigned": packed(create_dynamic_map(False).numpy().astype("<f4"))},
    "table": table,
    "nearest": close,
}
FIXTURE.write_text(json.dumps(fixture))
print(FIXTURE.stat().st_size)
