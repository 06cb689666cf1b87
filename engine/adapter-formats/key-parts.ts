// A key is a module's spelling and a part: `lora_unet_conv_in` + `.lora_down.weight`. All spellings of the parts, and why some cannot be used.
import { variants } from '../adapters/variants/index.ts'

/** A role of some variant, or what tells the scale of any: `alpha`, and A1111's `scale`, which stands for alpha / R. */
export type KeyPart =
  | { readonly stem: string; readonly part: string }
  /** Cannot be used; `whole` when the tensors beside it mean nothing without it. */
  | { readonly stem: string; readonly reason: string; readonly whole: boolean }

const scales: readonly (readonly [suffix: string, part: string])[] = [
  ['.lora_linear_layer.alpha', 'alpha'],
  ['.lora.alpha', 'alpha'],
  ['_lora.alpha', 'alpha'],
  ['.alpha', 'alpha'],
  ['.scale', 'scale'],
]

/** All that some variant calls its tensors, and what must stand beside one whose name other tensors have too. Those that a config makes are read as others. */
const spelled = variants
  .filter((variant) => variant.madeOf === undefined)
  .flatMap(({ spelling, beside = {} }) =>
    Object.entries(spelling).flatMap(([role, dialects]) =>
      Object.values(dialects).flatMap((suffixes) => suffixes.map((suffix) => ({ suffix, role, beside: beside[role] }))),
    ),
  )

/** The part that a key is if another one stands in the same place. */
export function partBeside(key: string, isThere: (stem: string, part: string) => boolean): { stem: string; part: string } | undefined {
  for (const { suffix, role, beside } of spelled) {
    const stem = key.slice(0, -suffix.length)
    if (beside !== undefined && key.endsWith(suffix) && isThere(stem, beside)) return { stem, part: role }
  }
  return undefined
}

const own = spelled.flatMap(({ suffix, role, beside }) => (beside === undefined ? [[suffix, role] as const] : []))
/** Longest first, since one may end like another. */
const usable = [...own, ...scales].toSorted(([a], [b]) => b.length - a.length).map(([suffix, part]) => ({ part, at: finder(suffix) }))

/** Where a key's ending begins; PEFT keeps the adapter's name, "default" or any other, in the place of `*` until it saves. */
function finder(suffix: string): (key: string) => number {
  if (!suffix.includes('*')) return (key) => (key.endsWith(suffix) ? key.length - suffix.length : -1)
  const literal = suffix.replaceAll('.', String.raw`\.`).replace('*', String.raw`[\w-]+`)
  const pattern = new RegExp(`${literal}$`)
  return (key) => pattern.exec(key)?.index ?? -1
}

/** What no variant spells is refused by what it is known to be. */
const unusable: readonly (readonly [suffix: RegExp, reason: string, whole: boolean])[] = [
  [
    /\.(oft_diag|oft_r(\.[\w-]+)?)$/,
    'OFT as LyCORIS before 2.0 and PEFT before 0.15 saved it is not supported: they turn by other formulas.',
    true,
  ],
  [/\.boft_[Rs](\.[\w-]+)?$/, 'BOFT as PEFT saves it is not supported.', true],
  [/\.reshape_weight$/, 'Adapters that enlarge the base weight are not supported.', true],
  [
    /\.bias_(indices|values|size)$/,
    'What LyCORIS extracts as sparse numbers beside a pair is not supported; the pair is used without it.',
    false,
  ],
  [/\.bm\.weight$/, 'GLoRA with a middle tensor is not supported.', true],
  [/\.lora_embedding_[AB](\.default)?$/, 'Adapters of embeddings are not supported.', true],
  [/\.ranknum(\.default)?$/, 'It is what AdaLoRA began with, which its config says.', false],
  [/\.lora_(A|down)(\.[\w-]+)?\.bias$/, 'Biases inside the pairs are not supported, and a pair without its bias is another one.', true],
]

/** A key's module spelling and part; undefined for a key that is no part of an adapter. */
export function keyPart(key: string): KeyPart | undefined {
  for (const { part, at } of usable) {
    const index = at(key)
    if (index >= 0) return { stem: key.slice(0, index), part }
  }
  for (const [suffix, reason, whole] of unusable) {
    const found = suffix.exec(key)
    if (found) return { stem: key.slice(0, found.index), reason, whole }
  }
  return undefined
}
