"""Records loss weights by the programs' own functions, for engine/training/loss-weights/references.test.ts.

Run: python build/reference/loss_weights.py ONETRAINER K_DIFFUSION, the path of a checkout and that of the package; then prettier on what it writes:
engine/training/loss-weights/fixtures/references.json
"""

import ast
import json
import sys
import types
from pathlib import Path

import torch

ONETRAINER, K_DIFFUSION = map(Path, sys.argv[1:3])
FIXTURE = Path(__file__).parents[2] / "engine/training/loss-weights/fixtures/references.json"
TIMESTEPS = [0, 1, 10, 100, 500, 900, 999]


def functions(path: Path, *names: str) -> dict:
    """Those of a module, without importing what stands around them."""
    tree = ast.parse(path.read_text())
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name in names]
    scope = {"torch": torch, "Tensor": torch.Tensor}
    exec(compile(ast.Module(found, []), str(path), "exec"), scope)
    return scope


onetrainer = functions(
    ONETRAINER / "modules/modelSetup/mixin/ModelSetupDiffusionLossMixin.py",
    "__p2_loss_weight",
    "__min_snr_weight",
    "__debiased_estimation_weight",
)
soft = functions(K_DIFFUSION / "layers.py", "_weighting_soft_min_snr")["_weighting_soft_min_snr"]

# Stable Diffusion's schedule.
alphas_cumprod = torch.cumprod(1 - torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2, 0)
all_snr = alphas_cumprod / (1 - alphas_cumprod)
timesteps = torch.tensor(TIMESTEPS)
of = types.SimpleNamespace(__snr=lambda timesteps, device: all_snr[timesteps].clone())

cases = []
for v in (False, True):
    prediction = "v_prediction" if v else "epsilon"

    def add(options: dict, weights: torch.Tensor) -> None:
        cases.append({"prediction": prediction, "options": options, "weights": weights.tolist()})

    for gamma in (0.5, 1.0):
        weights = onetrainer["__p2_loss_weight"](of, timesteps, gamma, v, "cpu")
        add({"lossWeight": "p2", "lossWeightOptions": {"p2Gamma": gamma}}, weights)
    add({"lossWeight": "min-snr"}, onetrainer["__min_snr_weight"](of, timesteps, 5.0, v, "cpu"))
    weights = onetrainer["__debiased_estimation_weight"](of, timesteps, v, "cpu")
    add({"lossWeight": "debiased", "lossWeightOptions": {"debiasedRoot": True}}, weights)

# Of a network that answers v, as the preconditioning of σ_data = 1 makes it.
weights = soft(types.SimpleNamespace(sigma_data=1.0), all_snr[timesteps] ** -0.5)
options = {"lossWeight": "soft-min-snr", "lossWeightOptions": {"softMinSnrGamma": 1}}
cases.append({"prediction": "v_prediction", "options": options, "weights": weights.tolist()})

FIXTURE.parent.mkdir(exist_ok=True)
FIXTURE.write_text(json.dumps({"timesteps": TIMESTEPS, "cases": cases}))
