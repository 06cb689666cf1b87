"""Records what bitsandbytes makes of a few tensors in NF4 with double quantisation, for engine/weights/nf4/quantise.test.ts.

Its plain functions (`bitsandbytes.backends.default`) are recorded, which compute as its CUDA kernels do. The kernel for the CPU looks the
8-bit codes of the scales up in a table of 65,536 values, and may give a neighbour.

Run: python build/reference/nf4.py (bitsandbytes 0.50.2), then prettier on what it writes: engine/weights/nf4/fixtures/nf4.json
"""

import base64
import json
from pathlib import Path

import numpy as np
import torch
from bitsandbytes.backends.default import ops
from bitsandbytes.functional import create_dynamic_map, get_4bit_type

FIXTURE = Path(__file__).parents[2] / "engine/weights/nf4/fixtures/nf4.json"


def packed(array) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def spread(count: int) -> np.ndarray:
    """The same numbers as `spread` of the test: each block has a scale of its own, one is all zeros."""
    i = np.arange(count, dtype=np.float64)
    block = np.floor(i / 64)
    value = (np.fmod(i * 7919 + block * 13, 4099) / 2048 - 1) * (0.02 + np.fmod(block * 37, 101) / 300)
    return np.where(block == 3, 0, value).astype(np.float32)


def ties(code: np.ndarray) -> np.ndarray:
    """Every midpoint of two codes and its neighbours, in blocks whose largest value is 1."""
    middle = (code[:-1] + code[1:]) / np.float32(2)
    near = np.concatenate([middle, np.nextafter(middle, np.float32(2)), np.nextafter(middle, np.float32(-2)), code])
    return np.concatenate([near, np.zeros(64 - near.size % 64, np.float32) + 1]).astype(np.float32)



def tiny() -> np.ndarray:
    """Blocks of zeros of either sign, of denormals, below and above the least divisor (1e-38), and of the largest numbers."""
    ramp = (np.arange(64, dtype=np.float64) - 31) / 32
    blocks = [np.zeros(64), -np.zeros(64), ramp * 1e-40, ramp * 9e-39, ramp * 1.1e-38, ramp * 1e-30, ramp * 3e38]
    return np.concatenate(blocks).astype(np.float32)


def quantised(values: np.ndarray) -> dict:
    tensor = torch.from_numpy(values)
    codes, absmax = default["quantize_4bit"](tensor, 64, "nf4", torch.uint8)
    offset = absmax.mean()
    nested, absmax2 = default["quantize_blockwise"](absmax - offset, create_dynamic_map(True), 256)
    scales = default["dequantize_blockwise"](nested, absmax2, create_dynamic_map(True), 256, torch.float32) + offset
    weights = default["dequantize_4bit"](codes, scales, 64, "nf4", tensor.shape, torch.float32)
    return {
        "count": values.size,
        "codes": packed(codes.numpy()),
        "absmax": packed(absmax.numpy().astype("<f4")),
        "offset": offset.item(),
        "nested": packed(nested.numpy()),
        "absmax2": packed(absmax2.numpy().astype("<f4")),
        "scales": packed(scales.numpy().astype("<f4")),
        "sum": float(weights.double().abs().sum()),
        "first": packed(weights.numpy()[:64].astype("<f4")),
    }


def defaults() -> dict:
    """The functions that `backends/default/ops.py` registers, read off its source, since they share the name `_`."""
    found = {}
    import bitsandbytes._ops as registry  # noqa: F401

    source = Path(ops.__file__).read_text()
    for name in ("quantize_4bit", "quantize_blockwise", "dequantize_blockwise", "dequantize_4bit"):
        start = source.index(f'@register_kernel("bitsandbytes::{name}", "default")')
        body = source[start:].split("\n", 1)[1]
        end = body.index("\n\n\n")
        space = dict(vars(ops))
        exec(body[:end].replace("def _(", f"def {name}("), space)  # noqa: S102
        found[name] = space[name]
    return found


default = defaults()
code = get_4bit_type("nf4", device="cpu").numpy()
cases = {name: quantised(values) for name, values in {"many": spread(64 * 300), "odd": spread(64 * 5 + 17), "one": spread(1), "ties": ties(code), "short": spread(63), "past": spread(65), "nested": spread(64 * 257 + 1), "tiny": tiny()}.items()}
fixture = {"code": packed(code.astype("<f4")), "map": packed(create_dynamic_map(True).numpy().astype("<f4")), "cases": cases}
FIXTURE.write_text(json.dumps(fixture, indent=2))
