"""What the reference programs make of the tiny captioners of tests: pictures as WD14's app and transformers prepare them, outputs by onnxruntime.

    node build/run.mjs build/reference/write-captioners.ts out/captioners
    python build/reference/captioners.py out/captioners engine/captioning/fixtures/captioners.json

Needs onnxruntime 1.30 and Pillow 11.3 (from 13 on, it may take columns first) beside the versions in README.md. Preparation and choice of tags follow app.py of
huggingface.co/spaces/SmilingWolf/wd-tagger.
"""
import csv
import json
import os
import sys
import zlib

import numpy as np
import onnxruntime
from PIL import Image

KAOMOJI = "0_0 (o)_(o) +_+ +_- ._. <o>_<o> <|>_<|> =_= >_< 3_3 6_9 >_o @_@ ^_^ o_o u_u x_x |_| ||_||".split(" ")


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def square(path, side):
    image = Image.open(path).convert("RGBA")
    canvas = Image.new("RGBA", image.size, (255, 255, 255))
    canvas.alpha_composite(image)
    image = canvas.convert("RGB")
    most = max(image.size)
    padded = Image.new("RGB", (most, most), (255, 255, 255))
    padded.paste(image, ((most - image.size[0]) // 2, (most - image.size[1]) // 2))
    if most != side:
        padded = padded.resize((side, side), Image.BICUBIC)
    return np.asarray(padded, dtype=np.float32)[:, :, ::-1][None]


def mcut(values):
    ordered = np.sort(values)[::-1]
    gaps = ordered[:-1] - ordered[1:]
    at = gaps.argmax()
    return (ordered[at] + ordered[at + 1]) / 2


def chosen(labels, threshold):
    return [name for name, p in sorted((one for one in labels if one[1] > threshold), key=lambda one: -one[1])]


def tagger(folder, pictures):
    model = session(os.path.join(folder, "model.onnx"))
    with open(os.path.join(folder, "selected_tags.csv"), newline="") as file:
        rows = list(csv.DictReader(file))
    names = [row["name"] if row["name"] in KAOMOJI else row["name"].replace("_", " ") for row in rows]
    of = lambda category: [i for i, row in enumerate(rows) if row["category"] == category]
    side = model.get_inputs()[0].shape[1]
    recorded = []
    for path in pictures:
        x = square(path, side)
        probabilities = model.run([model.get_outputs()[0].name], {model.get_inputs()[0].name: np.ascontiguousarray(x)})[0][0]
        general, character = ([(names[i], float(probabilities[i])) for i in of(category)] for category in ("0", "4"))
        cut = [mcut(np.array([p for _, p in labels])) for labels in (general, character)]
        recorded.append({
            "pixels": zlib.crc32(x.astype(np.uint8).tobytes()),
            "probabilities": [round(float(p), 8) for p in probabilities],
            "general": chosen(general, 0.35),
            "character": chosen(character, 0.85),
            "mcut": {"general": chosen(general, cut[0]), "character": chosen(character, max(0.15, cut[1]))},
            "escaped": ", ".join(chosen(general, 0.35)).replace("(", r"\(").replace(")", r"\)"),
        })
    return recorded


def resized(pictures):
    """Each filter of Pillow, up and down: sums of the bytes."""
    sizes = [(16, 16), (64, 48), (7, 50)]
    return [
        [zlib.crc32(Image.open(path).convert("RGB").resize(size, method).tobytes()) for size in sizes for method in (1, 2, 3, 4, 5)]
        for path in pictures
    ]


def main():
    folder, out = sys.argv[1:]
    place = os.path.join(folder, "pictures")
    pictures = [os.path.join(place, name) for name in sorted(os.listdir(place))]
    recorded = {"resized": resized(pictures), "tagger": tagger(os.path.join(folder, "tagger"), pictures)}
    with open(out, "w") as file:
        json.dump(recorded, file, indent=1)
        file.write("\n")


main()
