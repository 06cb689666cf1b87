// A key is a module's spelling and a part: `lora_unet_conv_in` + `.lora_down.weight`. All spellings of the parts, and why some cannot be used.

export type Part = 'down' | 'up' | 'alpha' | 'scale'

export type KeyPart =
  | { readonly stem: string; readonly part: Part }
  /** Cannot be used; `whole` when the pair beside it means nothing without it. */
  | { readonly stem: string; readonly reason: string; readonly whole: boolean }

/** Longest first where one ends like another. The words are those of kohya, diffusers (three generations), PEFT and ComfyUI. */
const usable: readonly (readonly [suffix: string, part: Part])[] = [
  ['.lora_down.weight', 'down'],
  ['.lora_up.weight', 'up'],
  ['.lora_linear_layer.down.weight', 'down'],
  ['.lora_linear_layer.up.weight', 'up'],
  ['.lora.down.weight', 'down'],
  ['.lora.up.weight', 'up'],
  ['_lora.down.weight', 'down'],
  ['_lora.up.weight', 'up'],
  ['.lora_A.weight', 'down'],
  ['.lora_B.weight', 'up'],
  ['.lora_A', 'down'],
  ['.lora_B', 'up'],
  ['.lora_linear_layer.alpha', 'alpha'],
  ['.lora.alpha', 'alpha'],
  ['_lora.alpha', 'alpha'],
  ['.alpha', 'alpha'],
  ['.scale', 'scale'],
]

/** PEFT keeps the adapter's name here, "default" or any other, until it saves. */
const inMemory = /\.lora_([AB])\.[\w-]+\.weight$/

const dora = 'DoRA magnitudes are not supported, and the pair beside them is not the same adapter without them.'

const unusable: readonly (readonly [suffix: RegExp, reason: string, whole: boolean])[] = [
  [/\.lora_mid\.weight$/, 'Tucker (CP) decomposition with a middle tensor is not supported.', true],
  [/\.dora_scale$|\.lora_magnitude_vector(\.default)?(\.weight)?$|\.magnitude$/, dora, true],
  [/\.hada_(w[12]_[ab]|t[12])$/, 'LoHa (Hadamard product) is not supported.', true],
  [/\.lokr_(w[12](_[ab])?|t2)$/, 'LoKr (Kronecker product) is not supported.', true],
  [/\.(oft_blocks|oft_diag|oft_r\S*|rescale)$/, 'OFT (orthogonal finetuning) is not supported.', true],
  [/\.reshape_weight$/, 'Adapters that enlarge the base weight are not supported.', true],
  [/\.(a1|a2|b1|b2)\.weight$/, 'GLoRA is not supported.', true],
  [/\.on_input$/, 'IA³ is not supported.', true],
  [/\.lora_(E|embedding_[AB])(\.default)?$|\.ranknum$/, 'AdaLoRA and embedding adapters are not supported.', true],
  [
    /\.lora_(A|B|down|up)(\.[\w-]+)?\.bias$/,
    'Biases beside the pairs are not supported, and a pair without its bias is another one.',
    true,
  ],
  [/\.(diff_b|b_norm)$/, 'Changes of biases are not supported.', false],
  [/\.(diff|set_weight|w_norm)$/, 'Full weight differences are not supported; only low-rank pairs are.', false],
]

const embeddingReason = (word: string): string =>
  `The embedding (textual inversion) of ${JSON.stringify(word.slice(0, 60))} that comes with it is not supported: in a prompt the word means what it means to the base model.`

/** A key's module spelling and part; undefined for a key that is no part of an adapter. */
export function keyPart(key: string): KeyPart | undefined {
  const embedding = /^bundle_emb\.(.+)\.[^.]+$/.exec(key)
  if (embedding) return { stem: key, reason: embeddingReason(embedding[1] ?? ''), whole: false }
  for (const [suffix, reason, whole] of unusable) {
    const found = suffix.exec(key)
    if (found) return { stem: key.slice(0, found.index), reason, whole }
  }
  const named = inMemory.exec(key)
  if (named) return { stem: key.slice(0, named.index), part: named[1] === 'A' ? 'down' : 'up' }
  const found = usable.find(([suffix]) => key.endsWith(suffix))
  return found && { stem: key.slice(0, -found[0].length), part: found[1] }
}
