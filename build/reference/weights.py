"""Random weights that need no storage: every tensor is a formula of its seed, so a recorded case is small.

value(i) = center + scale * (2 * byte(seed, i) - 255) / 256, with scale a power of two: 8 significant bits, so the value is
the same in fp32 and fp16 (and, with center 0, in bf16). The byte is the top of a 32-bit integer hash ("lowbias32").
"""
import hashlib
import json
import math
import os
import struct
import zlib

import numpy as np
import torch

MASK = np.uint64(0xFFFFFFFF)
DTYPES = {"fp32": ("F32", torch.float32), "fp16": ("F16", torch.float16), "bf16": ("BF16", torch.bfloat16)}
TORCH = {name: dtype for name, dtype in DTYPES.values()}


def noise(seed, count):
    """Uniform in (-1, 1), in steps of 1/128."""
    x = (np.uint64(seed) + np.arange(count, dtype=np.uint64) * np.uint64(0x9E3779B9)) & MASK
    x ^= x >> np.uint64(16)
    x = (x * np.uint64(0x21F0AAAD)) & MASK
    x ^= x >> np.uint64(15)
    x = (x * np.uint64(0x735A2D97)) & MASK
    x ^= x >> np.uint64(15)
    byte = (x >> np.uint64(24)).astype(np.float64)
    return (2 * byte - 255) / 256


def power_of_two(x):
    return 2.0 ** round(math.log2(x))


def rule(key, shape):
    """Where the values of a weight lie: (center, scale). Activations keep about unit size from layer to layer."""
    if len(shape) == 0:
        return 4.0, 0.5
    if len(shape) == 1:
        return (1.0, 0.25) if key.endswith("weight") else (0.0, 0.125)
    if "token_embedding" in key:
        return 0.0, 1.0
    if "position" in key:
        return 0.0, 0.25
    fan_in = math.prod(shape[1:])
    gain = 0.4 if key == "decoder.conv_out.weight" else 1.0
    return 0.0, power_of_two(gain * math.sqrt(3 / fan_in))


def formula(case_seed, component, key, shape, dtype):
    """The recipe of one tensor."""
    center, scale = rule(key, shape)
    seed = zlib.crc32(f"{case_seed}/{component}/{key}".encode())
    return {"dtype": DTYPES[dtype][0], "shape": list(shape), "seed": seed, "center": center, "scale": scale}


def compute(recipe):
    count = math.prod(recipe["shape"])
    values = recipe["center"] + recipe["scale"] * noise(recipe["seed"], count)
    return torch.from_numpy(values.astype(np.float32)).reshape(recipe["shape"]).to(TORCH[recipe["dtype"]])


def assemble(recipe, sources):
    """A tensor of the single file: one or more tensors of the folder, stacked by rows, transposed or reshaped."""
    if isinstance(recipe, str):
        return sources[recipe]
    if "from" not in recipe:
        return compute(recipe)
    tensor = torch.cat([sources[name] for name in recipe["from"]], 0) if len(recipe["from"]) > 1 else sources[recipe["from"][0]]
    if recipe.get("transpose"):
        tensor = tensor.t()
    return tensor.reshape(recipe["shape"]).contiguous()


def save(path, tensors, metadata=None):
    """safetensors with tensors in the given order, so that the bytes are a function of the recipe alone."""
    header, offset = {}, 0
    if metadata:
        header["__metadata__"] = metadata
    names = {dtype: name for name, dtype in TORCH.items()} | {torch.int32: "I32", torch.int64: "I64"}
    for key, tensor in tensors.items():
        length = tensor.numel() * tensor.element_size()
        header[key] = {"dtype": names[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [offset, offset + length]}
        offset += length
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)))
        file.write(text)
        for tensor in tensors.values():
            file.write(tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def expand(recipes, directory):
    """Write every weight file of weights.json below a directory; a file's checksum must come out as recorded."""
    sources = {}
    for file in recipes["files"]:
        tensors = {key: assemble(recipe, sources) for key, recipe in file["tensors"].items()}
        if file["component"]:
            sources |= {f"{file['component']}:{key}": tensor for key, tensor in tensors.items()}
        path = os.path.join(directory, file["path"])
        save(path, tensors, {"format": "pt"})
        file.setdefault("bytes", os.path.getsize(path))
        if file.setdefault("sha256", digest(path)) != digest(path):
            raise SystemExit(f"{path}: the expanded weights are not those that were recorded")
