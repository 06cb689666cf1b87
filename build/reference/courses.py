"""Factors of learning-rate schedules by transformers and torch, on which engine/training/courses is tested: courses.json beside the test."""
import json
import sys

import torch
from torch.optim.lr_scheduler import OneCycleLR
from transformers.optimization import (
    get_cosine_with_hard_restarts_schedule_with_warmup,
    get_cosine_with_min_lr_schedule_with_warmup,
    get_inverse_sqrt_schedule,
    get_polynomial_decay_schedule_with_warmup,
    get_wsd_schedule,
)

STEPS, LR = 40, 2e-3


def factors(make):
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=LR)
    schedule = make(optimizer)
    told = []
    for _ in range(STEPS):
        told.append(optimizer.param_groups[0]["lr"] / LR)
        optimizer.step()
        schedule.step()
    return told


cases = []


def case(course, options, warmup, make):
    cases.append({"course": course, "options": options, "warmup": warmup, "steps": STEPS, "factors": factors(make)})


for cycles, warmup in [(1, 0), (3, 5), (4, 0)]:
    case("cosine-restarts", {"cycles": cycles}, warmup, lambda o: get_cosine_with_hard_restarts_schedule_with_warmup(o, warmup, STEPS, cycles))
for power, least, warmup in [(1.0, 0.0, 0), (2.0, 0.1, 6), (0.5, 0.01, 3)]:
    case("polynomial", {"power": power, "minimum": least}, warmup, lambda o: get_polynomial_decay_schedule_with_warmup(o, warmup, STEPS, lr_end=least * LR, power=power))
for least, warmup in [(0.1, 0), (0.25, 7)]:
    case("cosine-min", {"minimum": least}, warmup, lambda o: get_cosine_with_min_lr_schedule_with_warmup(o, warmup, STEPS, min_lr_rate=least))
for timescale, warmup in [(0, 0), (0, 8), (20, 4)]:
    case("inverse-sqrt", {"timescale": timescale}, warmup, lambda o: get_inverse_sqrt_schedule(o, warmup, timescale=timescale or None))
for falling, curve, least, warmup in [(10, "cosine", 0.0, 4), (20, "linear", 0.1, 0), (8, "1-sqrt", 0.0, 5)]:
    case(
        "warmup-stable-decay",
        {"decaySteps": falling, "decayCurve": curve, "minimum": least},
        warmup,
        lambda o: get_wsd_schedule(o, warmup, falling, num_training_steps=STEPS, decay_type=curve, min_lr_ratio=least),
    )
for rise, start, end in [(0.3, 25.0, 1e4), (0.2, 10.0, 100.0)]:
    case("one-cycle", {"riseShare": rise, "startDivisor": start, "endDivisor": end}, 0, lambda o: OneCycleLR(o, max_lr=LR, total_steps=STEPS, pct_start=rise, div_factor=start, final_div_factor=end, cycle_momentum=False))

json.dump(cases, open(sys.argv[1], "w"))
