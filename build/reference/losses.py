"""Records losses, their gradients and thresholds by the programs' own functions, for engine/training/losses/losses.test.ts.

Run: python build/reference/losses.py SD_SCRIPTS ONETRAINER, the paths of their checkouts; then prettier on what it writes:
engine/training/losses/fixtures/losses.json
"""

import ast
import json
import math
import sys
import types
from pathlib import Path
from typing import Optional

import torch

SD_SCRIPTS, ONETRAINER = map(Path, sys.argv[1:3])
FIXTURE = Path(__file__).parents[2] / "engine/training/losses/fixtures/losses.json"
TIMESTEPS = [0, 250, 999]


def functions(path: Path, *names: str) -> dict:
    """Those of a module, without importing what stands around them."""
    tree = ast.parse(path.read_text())
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name in names]
    scope = {"torch": torch, "math": math, "Optional": Optional, "F": torch.nn.functional, "Tensor": torch.Tensor}
    exec(compile(ast.Module(found, []), str(path), "exec"), scope)
    return scope


kohya = functions(SD_SCRIPTS / "library/train_util.py", "get_huber_threshold_if_needed", "conditional_loss")
log_cosh = functions(ONETRAINER / "modules/modelSetup/mixin/ModelSetupDiffusionLossMixin.py", "__log_cosh_loss")["__log_cosh_loss"]

# Stable Diffusion's schedule.
alphas_cumprod = torch.cumprod(1 - torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2, 0)
scheduler = types.SimpleNamespace(alphas_cumprod=alphas_cumprod, config=types.SimpleNamespace(num_train_timesteps=1000))
timesteps = torch.tensor(TIMESTEPS)

torch.manual_seed(1)
# Small misses, middling ones, and outliers; a row for each timestep.
misses = torch.randn(3, 2, 2, 3) * torch.tensor([0.01, 0.3, 3.0]).view(1, 1, 1, 3)
target = torch.randn(3, 2, 2, 3)
prediction = target + misses


def recorded(loss) -> dict:
    """By row, with the gradient of the sum of the rows."""
    p = prediction.double().requires_grad_()
    rows = loss(p, target.double()).mean([1, 2, 3])
    (gradient,) = torch.autograd.grad(rows.sum(), p)
    return {"rows": rows.tolist(), "gradient": gradient.flatten().tolist()}


cases = []
for kind, name in [("l1", "l1"), ("l2", "l2"), ("huber", "huber"), ("smooth_l1", "smooth-l1")]:
    bent = kind in ("huber", "smooth_l1")
    for schedule, c, scale in [("snr", 0.1, 1.0), ("exponential", 0.2, 1.5), ("constant", 0.1, 2.0)] if bent else [("snr", 0.1, 1.0)]:
        args = types.SimpleNamespace(loss_type=kind, huber_schedule=schedule, huber_c=c, huber_scale=scale)
        threshold = kohya["get_huber_threshold_if_needed"](args, timesteps, scheduler)
        options = {"huberSchedule": schedule, "huberC": c, "huberScale": scale} if bent else {}
        cases.append(
            {"loss": name, "options": options, "thresholds": threshold.tolist() if bent else []}
            | recorded(lambda p, t, kind=kind, threshold=threshold: kohya["conditional_loss"](p, t, kind, "none", threshold))
        )

masked_losses = functions(ONETRAINER / "modules/util/loss/masked_loss.py", "masked_losses")["masked_losses"]
apply_masked_loss = functions(SD_SCRIPTS / "library/custom_train_functions.py", "apply_masked_loss")["apply_masked_loss"]
masks = torch.rand(3, 1, 2, 3).round(decimals=2)
masked = [
    ({"maskedLoss": "alpha"}, lambda loss: apply_masked_loss(loss, {"alpha_masks": masks.squeeze(1)})),
    (
        {"maskedLoss": "alpha", "unmaskedWeight": 0.3},
        lambda loss: masked_losses(loss.clone(), masks.double(), 0.3, False),
    ),
    (
        {"maskedLoss": "alpha", "unmaskedWeight": 0.1, "normalizeMaskedArea": True},
        lambda loss: masked_losses(loss.clone(), masks.double(), 0.1, True),
    ),
]
masked_cases = [
    {"request": request} | recorded(lambda p, t, apply=apply: apply(kohya["conditional_loss"](p, t, "l2", "none")))
    for request, apply in masked
]

F = torch.nn.functional
strengths = {"mse": 0.5, "mae": 0.25, "logCosh": 2.0, "huberStrength": 1.5, "huberDelta": 0.4}
cases.append(
    {"loss": "blend", "options": strengths, "thresholds": []}
    | recorded(
        lambda p, t: strengths["mse"] * F.mse_loss(p, t, reduction="none")
        + strengths["mae"] * F.l1_loss(p, t, reduction="none")
        + strengths["logCosh"] * log_cosh(None, p, t)
        + strengths["huberStrength"] * F.huber_loss(p, t, reduction="none", delta=strengths["huberDelta"])
    )
)

FIXTURE.parent.mkdir(exist_ok=True)
FIXTURE.write_text(
    json.dumps(
        {
            "timesteps": TIMESTEPS,
            "shape": list(target.shape),
            "prediction": prediction.flatten().tolist(),
            "target": target.flatten().tolist(),
            "cases": cases,
            "masks": [mask.flatten().tolist() for mask in masks],
            "masked": masked_cases,
        }
    )
)
