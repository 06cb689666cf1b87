"""Records what the reference programs compute on tiny random models, for `npm run parity -- DIR`.

    python build/reference/record.py --config NAME|FILE.json --seed S --out DIR   one case, weights included
    python build/reference/record.py --all                                        the committed cases, weights left out
    python build/reference/record.py --expand DIR                                 write the weights of a committed case
"""
import argparse
import importlib.metadata
import json
import os
import shutil
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
import diffusers
import transformers

import adapters
import goldens
import models
import verify
import weights
from configs import CONFIGS, DEFAULT_CASES

PACKAGES = ["torch", "diffusers", "transformers", "peft", "safetensors", "accelerate", "tokenizers"]


def record(config, name, seed, directory, thin):
    torch.manual_seed(seed)
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(directory)
    recipes = models.write(config, seed, directory)
    pipe = models.load(config, directory)
    recorder = goldens.Recorder(config, seed)
    model, images = goldens.everything(recorder, pipe, seed)
    up = pipe.unet.up_blocks
    adapters.write(model, config["adapter"], config["family"], [hasattr(block, "attentions") for block in up], directory)
    weights.save(os.path.join(directory, "golden.safetensors"), recorder.tensors)
    case = {
        "format": 1,
        "name": name,
        "family": config["family"],
        "prediction": pipe.scheduler.config.prediction_type,
        "seed": seed,
        "layouts": {"diffusers": "model", **({"single-file": "model.safetensors"} if config["singleFile"] else {})},
        "weights": "weights.json",
        "config": config,
        "packages": {package: importlib.metadata.version(package) for package in PACKAGES},
        "checks": recorder.checks,
    }
    with open(os.path.join(directory, "case.json"), "w") as file:
        file.write(json.dumps(case, indent=1) + "\n")
    verify.verify(config, directory, recipes, images)
    verify.calm(config, seed, directory, recorder)
    if thin:
        for file in recipes["files"]:
            os.remove(os.path.join(directory, file["path"]))
    report(directory, recipes, recorder)


def report(directory, recipes, recorder):
    size = lambda path: sum(f.stat().st_size for f in Path(path).rglob("*") if f.is_file()) if os.path.isdir(path) else os.path.getsize(path)
    parts = {entry: size(os.path.join(directory, entry)) for entry in sorted(os.listdir(directory))}
    print(f"{directory}: {sum(parts.values()) / 1024:.0f} KiB: " + ", ".join(f"{k} {v / 1024:.0f}" for k, v in parts.items()))
    for file in recipes["files"]:
        print(f"  {file['path']}: {len(file['tensors'])} tensors, {file['bytes'] // 1024} KiB")
    print(f"  golden: {len(recorder.tensors)} tensors, {len(recorder.checks)} checks")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", help=f"one of {', '.join(CONFIGS)}, or a JSON file of the same shape")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out")
    parser.add_argument("--thin", action="store_true", help="leave the weight files out: weights.json says how to compute them")
    parser.add_argument("--all", action="store_true", help="record the default cases into engine/fixtures/reference")
    parser.add_argument("--expand", metavar="DIR", help="write the weight files of a case that was recorded without them")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    diffusers.logging.set_verbosity_error()
    diffusers.logging.disable_progress_bar()
    if options.expand:
        with open(os.path.join(options.expand, "weights.json")) as file:
            weights.expand(json.load(file), options.expand)
    elif options.all:
        root = Path(__file__).resolve().parents[2] / "engine/fixtures/reference"
        for name, (config, seed) in DEFAULT_CASES.items():
            record(CONFIGS[config], name, seed, str(root / name), thin=True)
    elif options.config and options.out:
        config = CONFIGS.get(options.config)
        if config is None:
            with open(options.config) as file:
                config = json.load(file)
        record(config, Path(options.config).stem, options.seed, options.out, options.thin)
    else:
        parser.error("say --config and --out, or --all, or --expand")


if __name__ == "__main__":
    main()
