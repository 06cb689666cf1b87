"""Records the CLIP token ids of 500 captions with transformers' CLIPTokenizer, the reference of the tokenizer test.

    python build/reference/tokenizer_ids.py assets/tokenizer/clip/merges.txt.gz engine/text/fixtures/clip-ids.json

The fixture is {"programs": {...}, "cases": {text: "ids without BOS and EOS", ...}}.
"""
import gzip
import json
import random
import sys

import tokenizers
import transformers

merges_path, out_path = sys.argv[1:]

lines = gzip.open(merges_path, "rt", encoding="utf-8").read().split("\n")
merges = [tuple(line.split()) for line in lines[1:] if line]
# The order OpenAI built its vocabulary in: byte characters, the same ending a word, one token per merge, two marks.
printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
characters = [chr(b) for b in printable] + [chr(256 + n) for n in range(256 - len(printable))]
tokens = characters + [c + "</w>" for c in characters] + ["".join(m) for m in merges] + ["<|startoftext|>", "<|endoftext|>"]
assert len(tokens) == 49408
# In transformers 5 CLIPTokenizer and CLIPTokenizerFast are one class.
tokenizer = transformers.CLIPTokenizer(vocab={t: i for i, t in enumerate(tokens)}, merges=merges)

fixed = [
    "", " ", "\n\t ", "a", "A", "!", "\u3000", "\u00a0", "\u200b", "\ufeffcat", "a\u00a0cat", "a\u2028b\u2029c", "tab\tand\nnewline\r\nmix", "a\u0085b\u001cc\u180ed",
    "a photo of a cat", "A PHOTO OF A CAT", "  leading and   inner    spaces  ", "masterpiece, best quality, 1girl, solo, (long hair:1.2)",
    "it's the dog's bowl, they're here, we've won, I'm, you'll, he'd", "IT'S THEY'RE WE'VE I'M YOU'LL HE'D", "rock'n'roll o'clock 'tis 'twas", "don’t “quote” ‘smart’",
    "'s", "'S", "''s", "'''", "x's's's", "'re're", "'dd", "'lll", "'ſ",
    "0 1 12 123 1234567890", "3.14159 1,000,000 $4.99 50% #1", "v1.5 sd_xl 4k 8K 16:9 f/1.8 ISO100 24-70mm", "½ ⅔ ² ³ Ⅷ ٣ ४ 五 ① 𝟙", "1girl2boys3cats",
    "&amp; &lt;b&gt; &quot;hi&quot; &#39; &#x1F600; &nbsp;", "&amp;amp;lt;", "<b>bold</b> <lora:style:0.8> <|startoftext|", "<|startoftext|>", "<|endoftext|>", "a<|endoftext|>b", "a <|startoftext|> cat <|endoftext|>",
    "<|STARTOFTEXT|>", "<|EndOfText|> end", "<|endoftext|><|endoftext|>", "< |endoftext|>", "<|startoftext|>s", "  <|endoftext|>  x",
    "一只橘色的猫坐在窗台上，水墨画风格", "樱花树下的少女", "日本語のテキスト、カタカナ", "한국어 캡션", "Кошка на крыше", "Ελληνικά ΣΑΣ ΟΔΟΣ", "שלום עולם", "مرحبا بالعالم", "สวัสดีชาวโลก", "नमस्ते दुनिया", "ქართული", "ԱՐԵՎ",
    "İstanbul ISPARTA ıspanak", "Straße ẞ STRASSE", "ǅ Ǆ ǆ ﬁ ﬂ ﬀ", "ÅNGSTRÖM Å Å Å", "café cafe\u0301 CAFE\u0301", "naïve coöperate", "a\u0300\u0301\u0302\u0303 zalgo\u0336\u0335", "e\u0301e\u0301", "Việt Nam đẹp", "\u1100\u1161\u11a8", "\u0344 \u212b \u2126 \u1e9b\u0323", "\u0958 \u0f73",
    "😀", "😀😀😀", "a 😀 b", "👩‍👩‍👧‍👦 family", "👍🏽 ok", "🏳️‍🌈🇫🇷", "❤️ love ❤", "☃☄★☆", "🤖✨ robot art ✨🤖", "1️⃣2️⃣",
    "\u0000null", "bell\u0007 esc\u001b[31m", "\u007f", "\ufffd", "\ufffe", "\U0010ffff", "𠮷野家", "𝒽𝑒𝓁𝓁𝑜", "ＦＵＬＬ ｗｉｄｔｈ １２３",
    "!!!", "...", "…", "?!?!", "---", "___", "snake_case_word", "kebab-case-word", "CamelCaseWord", "a,b,c", "a, b, c", "(((a)))", "[a|b]", "{a}", "\\(escaped\\)", "http://example.com/a?b=c&d=e#f", "name@example.com", "C:\\Users\\x", "~`@#$%^&*()_+-=[]{}|;':\",./<>?",
    "x" * 300, "supercalifragilisticexpialidocious antidisestablishmentarianism", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "ha" * 80, "猫" * 120, "😀" * 60, "1" * 100, "," * 100, "a " * 150, "the quick brown fox jumps over the lazy dog " * 12,
    "constructor", "__proto__", "toString hasOwnProperty valueOf", "prototype",
]
assert len(fixed) == len(set(fixed))

random.seed(20240)
subjects = "cat,dog,castle,robot,woman in a red coat,old fisherman,bowl of fruit,dragon,lighthouse,bicycle,city street,mushroom,astronaut,violin,fox,teapot,samurai,jellyfish,train station,birch forest".split(",")
styles = "watercolor,oil painting,pixel art,ukiyo-e,art nouveau,low poly,charcoal sketch,isometric,vaporwave,stained glass,linocut,gouache,Studio Ghibli style,by Greg Rutkowski,trending on ArtStation,Kodak Portra 400".split(",")
extras = "sharp focus,8k,bokeh,golden hour,(masterpiece:1.3),highly detailed,soft light,rim lighting,f/1.4,unreal engine 5,high-res,muted colours,close-up,wide angle,it's raining,no people".split(",")
scripts = ["abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJ", "0123456789", "   \t\n", ".,;:!?'\"-_()[]", "éèüñçøßİıſ", "абвгд", "一二三猫犬花", "ひらカタ", "가나다", "\u0301\u0308\u0327", "😀🎨🖼️🏽\u200d", "αβγΣς", "'s't'll<|>"]

cases = list(fixed)
while len(cases) < 400:
    text = f"{random.choice(['a', 'an', 'the', 'A photo of a', 'portrait of the'])} {random.choice(subjects)}, {random.choice(styles)}"
    text += "".join(", " + e for e in random.sample(extras, random.randint(0, 6)))
    if text not in cases:
        cases.append(text)
while len(cases) < 500:
    text = "".join(random.choice(random.choice(scripts)) for _ in range(random.randint(3, 60)))
    if text not in cases:
        cases.append(text)

recorded = {text: " ".join(map(str, tokenizer(text, add_special_tokens=False)["input_ids"])) for text in cases}
fixture = {"programs": {"transformers": transformers.__version__, "tokenizers": tokenizers.__version__}, "cases": recorded}
with open(out_path, "w", encoding="utf-8") as out:
    # ASCII escapes, so that control characters and unusual spaces survive editors.
    out.write(json.dumps(fixture, indent=2) + "\n")
