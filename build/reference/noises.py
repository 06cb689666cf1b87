"""Records what sd-scripts makes of the noise of a step, by its own functions and with the draws told, for engine/training/noises/noises.test.ts.

Run: python build/reference/noises.py SD_SCRIPTS, the path of a checkout; then prettier on what it writes:
engine/training/noises/fixtures/noises.json
"""

import ast
import json
import random
import sys
from pathlib import Path

import torch

SD_SCRIPTS = Path(sys.argv[1])
FIXTURE = Path(__file__).parents[2] / "engine/training/noises/fixtures/noises.json"
SHAPE = (2, 2, 9, 6)

drawn: list[torch.Tensor] = []
factors: list[float] = []


class Told:
    """torch, but that it remembers what it drew."""

    FloatTensor = torch.FloatTensor

    def __getattr__(self, name: str):
        return getattr(torch, name)

    def randn(self, *shape, **options):
        drawn.append(torch.randn(*shape, **options))
        return drawn[-1]


class ToldRandom:
    def random(self) -> float:
        factors.append(random.random())
        return factors[-1]


tree = ast.parse((SD_SCRIPTS / "library/custom_train_functions.py").read_text())
names = ("pyramid_noise_like", "apply_noise_offset")
found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in names]
scope = {"torch": Told(), "random": ToldRandom()}
exec(compile(ast.Module(found, []), "custom_train_functions", "exec"), scope)


def flat(tensor: torch.Tensor) -> list[float]:
    return tensor.flatten().tolist()


torch.manual_seed(3)
random.seed(3)
noise, latents = torch.randn(SHAPE), torch.randn(SHAPE) + 0.5
cases = []
for iterations, discount in [(6, 0.3), (2, 0.8)]:
    drawn.clear(), factors.clear()
    result = scope["pyramid_noise_like"](noise.clone(), "cpu", iterations, discount)
    cases.append(
        {
            "iterations": iterations,
            "discount": discount,
            "factors": [2 * u + 2 for u in factors],
            "draws": [flat(d) for d in drawn],
            "result": flat(result),
        }
    )
offsets = []
for strength, adaptive in [(0.1, None), (0.1, 0.3), (0.05, -0.2)]:
    drawn.clear()
    result = scope["apply_noise_offset"](latents, noise, strength, adaptive)
    offsets.append({"strength": strength, "adaptive": adaptive, "draws": flat(drawn[0]), "result": flat(result)})

FIXTURE.parent.mkdir(exist_ok=True)
FIXTURE.write_text(
    json.dumps({"shape": SHAPE, "noise": flat(noise), "latents": flat(latents), "pyramids": cases, "offsets": offsets})
)
