"""All that prompts with choices may say, by dynamicprompts (0.31.0): `python build/reference/prompt_variants.py > engine/text/fixtures/prompt-variants.json`."""
import json
import logging
import pathlib
import tempfile

from dynamicprompts.generators import CombinatorialPromptGenerator
from dynamicprompts.wildcards import WildcardManager

logging.disable(logging.WARNING)
FILES = {
    "colour": "red\n# a comment\n\n blue \nred\n",
    "animals/cat": "tabby\n__colour__ cat\n",
    "animals/dog": "hound\n",
}
TEMPLATES = [
    "a {red|green} apple", "{ a | b }x", "{2$$a|b|c}", "{1-2$$a|b}", "{2$$ and $$a|b}", "{-2$$a|b|c}", "{2-$$a|b|c}", "{0-1$$a|b}",
    "{5$$a|b}", "{a|}x", "{{a|b}|c}", "{0.5::a|b}", "{0::a|b}", "__colour__ x", "__animals/*__", "__cat__", "{2$$__colour__}",
    "{2$$ & $$__colour__|z}", "__missing__", "a}b", "{2$$|$$a|b}", "{~a|b}", "{@2$$a|b}", "{2$$a}",
    "{2$$ , $$a||b}", "a   b  {c|d}", "[a:{b|c}:0.5]", "<lora:{ink|moss}:0.8> x", "{(a:1.2)|b}",
]  # fmt: skip

folder = pathlib.Path(tempfile.mkdtemp())
for name, text in FILES.items():
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / f"{name}.txt").write_text(text)
generator = CombinatorialPromptGenerator(WildcardManager(folder))
# Combinations leave weights aside: what weighs nothing is never drawn at random.
never = {"{0::a|b}": {"a"}}
cases = [
    {"template": template, "says": sorted(set(map(str, generator.generate(template, max_prompts=200))) - never.get(template, set()))}
    for template in TEMPLATES
]
print(json.dumps({"files": FILES, "cases": cases}, indent=1))
