"""Records how torch.amp.GradScaler's scale goes with clean steps and such that overflow: engine/training/fixtures/grad-scaler.json.

grad_scaler.py OUT   (torch 2.x, on the CPU)
"""

import json
import random
import sys

import torch

overflows = {0, 1, 2, 7, 2100, 2101, 4500}
random.seed(0)
parameter = torch.nn.Parameter(torch.zeros(1))
optimizer = torch.optim.SGD([parameter], lr=0.0)
scaler = torch.amp.GradScaler("cpu", init_scale=2.0**16, growth_factor=2.0, backoff_factor=0.5, growth_interval=2000)
changes = []
last = None
steps = 9000
for step in range(steps):
    optimizer.zero_grad()
    factor = float("inf") if step in overflows else 1.0
    loss = (parameter * factor).sum()
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()
    state = scaler.state_dict()
    if state["scale"] != last:
        last = state["scale"]
        changes.append({"step": step, "scale": state["scale"], "clean": state["_growth_tracker"]})
with open(sys.argv[1], "w") as out:
    json.dump({"torch": torch.__version__.split("+")[0], "steps": steps, "overflows": sorted(overflows), "changes": changes}, out, indent=1)
    out.write("\n")
