"""Planes at another size by torch.nn.functional.interpolate: `python build/reference/interpolate.py > engine/tensor/fixtures/interpolate.json`."""
import json

import torch

torch.manual_seed(3)
planes = torch.randn(1, 2, 3, 5)
cases = []
for size in [(6, 10), (4, 9), (2, 3)]:
    for mode, name in [("nearest-exact", "nearest"), ("bilinear", "bilinear"), ("bicubic", "bicubic")]:
        extra = {} if mode == "nearest-exact" else {"align_corners": False}
        out = torch.nn.functional.interpolate(planes, size=size, mode=mode, **extra)
        cases.append({"mode": name, "size": size, "out": [round(value, 6) for value in out.flatten().tolist()]})
print(json.dumps({"shape": list(planes.shape), "data": planes.flatten().tolist(), "cases": cases}))
