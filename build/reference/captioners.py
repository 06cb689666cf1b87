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
import torch
from PIL import Image
from transformers import BertTokenizer, GenerationConfig, GenerationMixin, PreTrainedConfig, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutput
from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

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


class Text(PreTrainedModel, GenerationMixin):
    """The text half in onnxruntime, searched by transformers."""

    main_input_name = "input_ids"
    _is_stateful = True  # no cache

    def __init__(self, model, marks):
        super().__init__(PreTrainedConfig(is_encoder_decoder=False, num_hidden_layers=1, vocab_size=64, **marks))
        self.generation_config = GenerationConfig(use_cache=False, **marks)
        self.model = model
        self.anchor = torch.nn.Parameter(torch.zeros(1))

    def prepare_inputs_for_generation(self, input_ids, encoder_hidden_states=None, **_):
        return {"input_ids": input_ids, "encoder_hidden_states": encoder_hidden_states}

    def forward(self, input_ids, encoder_hidden_states, **_):
        ids, seen = input_ids.numpy(), encoder_hidden_states.numpy()
        every = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "encoder_hidden_states": seen,
            "encoder_attention_mask": np.ones(seen.shape[:2], dtype=np.int64),
            "past_key_values.0.decoder.key": np.zeros((len(ids), 2, 0, 3), dtype=np.float32),
            "use_cache_branch": np.array([False]),
        }
        feeds = {port.name: every[port.name] for port in self.model.get_inputs()}
        return CausalLMOutput(logits=torch.from_numpy(self.model.run(["logits"], feeds)[0]))


def describer(folder, pictures, encoder, decoder, processor, marks):
    seeing = session(os.path.join(folder, encoder))
    text = Text(session(os.path.join(folder, decoder)), marks)
    with open(os.path.join(folder, "preprocessor_config.json")) as file:
        config = json.load(file)
    config.pop("image_processor_type")
    process = processor(**config)
    recorded = []
    for path in pictures:
        pixels = process(Image.open(path).convert("RGB"), return_tensors="np")["pixel_values"].astype(np.float32)
        seen = seeing.run(None, {"pixel_values": pixels})[0]
        start = torch.tensor([[marks["decoder_start_token_id"]]])
        said = {}
        for beams in (1, 2, 3, 5):
            ids = text.generate(start, encoder_hidden_states=torch.from_numpy(seen), num_beams=beams, max_new_tokens=9, do_sample=False)
            said[str(beams)] = ids[0, 1:].tolist()
        recorded.append({"pixels": [round(float(x), 6) for x in pixels.ravel()[:: max(1, pixels.size // 40)]], "ids": said})
    return recorded


def decoded():
    """What transformers' tokenizers make of ids, pieces and bytes that need care among them."""
    pieces = BertTokenizer(vocab={token: id for id, token in enumerate(PIECES)}, bos_token="[DEC]")
    ids = [[3, 7, 6, 11], [7, 8, 9, 10], [13, 14, 15, 12, 16, 10, 6], [1, 3, 4, 5, 2, 0], [16, 7, 6, 8, 9, 11]]
    return {"ids": ids, "texts": [pieces.decode(one, skip_special_tokens=True, clean_up_tokenization_spaces=True) for one in ids]}


PIECES = ["[PAD]", "[DEC]", "[SEP]", "a", "photo", "of", "##s", "cat", "'", "s", "dog", ".", ",", "red", "##dish", "tree", "two"]


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
    blip = {"decoder_start_token_id": 1, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
    merged = {"decoder_start_token_id": 0, "bos_token_id": 0, "eos_token_id": 0, "pad_token_id": 0}
    recorded = {
        "resized": resized(pictures),
        "tagger": tagger(os.path.join(folder, "tagger"), pictures),
        "blip": describer(os.path.join(folder, "blip"), pictures, "vision_model.onnx", "text_decoder.onnx", BlipImageProcessorPil, blip),
        "merged": describer(
            os.path.join(folder, "merged"), pictures, "onnx/encoder_model.onnx", "onnx/decoder_model_merged.onnx", ViTImageProcessorPil, merged
        ),
        "pieces": decoded(),
    }
    with open(out, "w") as file:
        json.dump(recorded, file, indent=1)
        file.write("\n")


main()
