"""Records how often each tenth of the noise levels is drawn by OneTrainer's own function, for engine/training/timestep-draws/references.test.ts.

Run: python build/reference/timestep_draws.py ONETRAINER, the path of a checkout; then prettier on what it writes:
engine/training/timestep-draws/fixtures/onetrainer.json
"""

import ast
import enum
import json
import math
import sys
import types
from abc import ABCMeta
from pathlib import Path

import torch

SOURCE = Path(sys.argv[1]) / "modules/modelSetup/mixin/ModelSetupNoiseMixin.py"
FIXTURE = Path(__file__).parents[2] / "engine/training/timestep-draws/fixtures/onetrainer.json"
COUNT = 2_000_000

TimestepDistribution = enum.Enum(
    "TimestepDistribution", "UNIFORM SIGMOID LOGIT_NORMAL HEAVY_TAIL COS_MAP INVERTED_PARABOLA BETA"
)
tree = ast.parse(SOURCE.read_text())
found = [node for node in tree.body if isinstance(node, ast.ClassDef)]
scope = {"torch": torch, "math": math, "ABCMeta": ABCMeta, "TimestepDistribution": TimestepDistribution}
scope |= {"Tensor": torch.Tensor, "Generator": torch.Generator, "TrainConfig": object}
exec(compile(ast.Module(found, []), str(SOURCE), "exec"), scope)

CASES = [
    ("logistic", "SIGMOID", 6.0, 0.1, (0.0, 1.0)),
    ("logit-normal", "LOGIT_NORMAL", 0.5, -0.4, (0.0, 1.0)),
    ("heavy-tail", "HEAVY_TAIL", 1.29, 0.0, (0.0, 1.0)),
    ("heavy-tail", "HEAVY_TAIL", -0.8, 0.0, (0.2, 0.8)),
    ("cos-map", "COS_MAP", 0.0, 0.0, (0.0, 1.0)),
    ("inverted-parabola", "INVERTED_PARABOLA", 7.0, 0.2, (0.0, 1.0)),
    ("inverted-parabola", "INVERTED_PARABOLA", 20.0, -0.1, (0.1, 0.6)),
    ("beta", "BETA", 0.8, 1.0, (0.0, 1.0)),
    ("beta", "BETA", 1.0, 0.5, (0.0, 1.0)),
    ("beta", "BETA", 2.5, 0.7, (0.25, 1.0)),
    ("uniform", "UNIFORM", 0.0, 0.0, (0.2, 0.7)),
]
cases = []
for name, distribution, weight, bias, (low, high) in CASES:
    torch.manual_seed(2)
    config = types.SimpleNamespace(
        timestep_distribution=TimestepDistribution[distribution],
        noising_weight=weight,
        noising_bias=bias,
        min_noising_strength=low,
        max_noising_strength=high,
        timestep_shift=1.0,
    )
    generator = torch.Generator().manual_seed(2)
    drawn = scope["ModelSetupNoiseMixin"]()._get_timestep_discrete(1000, False, generator, COUNT, config)
    shares = torch.histc(drawn.float(), 20, 0, 1000) / COUNT
    options = {"noisingWeight": weight, "noisingBias": bias}
    if name == "logit-normal":
        options = {"logitMean": bias, "logitDeviation": weight + 1}
    elif name == "heavy-tail":
        options = {"noisingWeight": weight}
    elif name in ("cos-map", "uniform"):
        options = {}
    case = {"draw": name, "options": options, "from": round(low * 1000), "to": round(high * 1000)}
    cases.append(case | {"shares": [round(share, 6) for share in shares.tolist()]})

FIXTURE.parent.mkdir(exist_ok=True)
FIXTURE.write_text(json.dumps(cases))
