// What sd-scripts and LyCORIS are told of a network: its module, and its arguments as NAME=VALUE. Reference: networks/{lora,dylora,lora_fa,oft}.py of
// sd-scripts, lycoris/kohya.py.
import { because } from '../../../engine/requests/reason.ts'
import {
  aboveZero,
  ignored,
  number,
  numberOf,
  on,
  notHere,
  switchOf,
  taking,
  textOf,
  type Row,
  type Rows,
  type Settings,
  type Taken,
} from '../mapping.ts'

/** `conv_dim=8` → conv_dim: "8". */
export function pairsOf(value: unknown): Record<string, string> {
  const words = Array.isArray(value) ? value : typeof value === 'string' ? value.split(/\s+/) : []
  return Object.fromEntries(
    words.flatMap((one) => {
      const [name = '', ...rest] = String(one).split('=')
      return rest.length > 0 ? [[name.trim(), rest.join('=').trim()]] : []
    }),
  )
}

const otherMethod = because('import-other-method', 'Such a network is not trained here: the nearest is a LoRA.')

/** By module: kind of network, and the layers that it adapts. */
const modules: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'networks.lora': {},
  'networks.dylora': { method: 'dylora', 'methodOptions.scale': 'root', 'methodOptions.lastOnly': true },
  'networks.lora_fa': { method: 'lora-fa', 'methodOptions.projected': false },
  'networks.oft': { variant: 'oft' },
}
/** By LyCORIS' algorithm. */
const algorithms: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  lora: {},
  locon: {},
  loha: { variant: 'loha' },
  lokr: { variant: 'lokr' },
  ia3: { variant: 'ia3' },
  'diag-oft': { variant: 'oft' },
  dylora: { method: 'dylora' },
  full: { method: 'full' },
}
const isLycoris = (module: string): boolean => /^lycoris\b/.test(module)

/** sd-scripts adapts all of the transformer blocks, and what stands around them where convolutions have a rank; LyCORIS' presets say it. */
function layersOf(all: Settings): Taken['set'] {
  const args = pairsOf(all.network_args)
  if (!isLycoris(textOf(all.network_module) ?? '')) return { layers: args.conv_dim === undefined ? 'transformer' : 'all' }
  if (args.preset === 'attn-only') return { layers: 'attention' }
  if (args.preset === 'attn-mlp' || args.preset === 'unet-transformer-only') return { layers: 'transformer' }
  return { layers: numberOf(args.conv_dim) === 0 ? 'transformer' : 'all' }
}

export const networkModule: Row = taking(textOf, (module, all) => {
  if (isLycoris(module)) {
    const args = pairsOf(all.network_args)
    const known = algorithms[(args.algo ?? 'lora').toLowerCase()]
    const dora = switchOf(args.dora_wd) === true && (known === algorithms.lora || known === algorithms.locon) ? { variant: 'dora' } : {}
    return { set: { ...known, ...dora, ...layersOf(all) }, ...(known ? {} : { differs: otherMethod }) }
  }
  const known = modules[module]
  if (module === 'networks.dylora')
    return {
      set: { ...known, ...layersOf(all) },
      differs: because('import-dylora', 'There all rows of the rank act in every step; here those of the drawn rank.'),
    }
  return known ? { set: { ...known, ...layersOf(all) } } : { set: layersOf(all), differs: otherMethod }
})

/** `0,0,8,…` of 25 blocks (23 of SDXL, which has 9 on each side and others beside) as our names of blocks. */
function blocks(values: readonly number[]): string | undefined {
  const side = (values.length - 1) / 2
  if (side !== 12) return undefined
  const name = (i: number): string =>
    i < side ? `IN${String(i).padStart(2, '0')}` : i === side ? 'M00' : `OUT${String(i - side - 1).padStart(2, '0')}`
  return values.map((value, i) => `${name(i)}=${value}`).join(',')
}
const listOf = (text: string): number[] | undefined => {
  const values = text.split(',').map((one) => Number(one.trim()))
  return values.every(Number.isFinite) ? values : undefined
}
const blockList = (ours: string): Row =>
  taking(textOf, (text) => {
    const named = listOf(text) && blocks(listOf(text) ?? [])
    return named === undefined
      ? { differs: because('import-blocks', 'Blocks are counted in another way here: give them by name.') }
      : { set: { [ours]: named } }
  })

/** Three lists of 12, 1 and 12 rates, or the name of a curve. */
const blockRates: Row = taking(textOf, (_text, all) => {
  const args = pairsOf(all.network_args)
  const ones = Array.from({ length: 12 }, () => 1)
  const read = (text: string | undefined, usual: readonly number[]) => (text === undefined ? usual : listOf(text))
  const [down, mid, up] = [read(args.down_lr_weight, ones), read(args.mid_lr_weight, [1]), read(args.up_lr_weight, ones)]
  const named = down && mid && up && blocks([...down, ...mid, ...up])
  return named === undefined
    ? { differs: because('import-blocks', 'Blocks are counted in another way here: give them by name.') }
    : { set: { blockRates: named } }
})

const oneOf =
  (first: string): Row =>
  (value, all) =>
    pairsOf(all.network_args)[first] === undefined ? blockRates(value, all) : undefined

export const networkRows: Rows = {
  // Told with the module.
  algo: ignored,
  preset: ignored,
  dora_wd: taking(switchOf, (value, all) =>
    value && !['lora', 'locon', undefined].includes(pairsOf(all.network_args).algo) ? notHere(value, all) : undefined,
  ),
  conv_dim: aboveZero('convRank'),
  conv_alpha: aboveZero('convAlpha'),
  dropout: aboveZero('dropout'),
  rank_dropout: aboveZero('rankDropout'),
  module_dropout: aboveZero('moduleDropout'),
  loraplus_lr_ratio: number('loraPlus'),
  loraplus_unet_lr_ratio: taking(numberOf, (loraPlus) => ({
    set: { loraPlus },
    differs: because('import-both-networks', 'Here it holds for the text encoders too.'),
  })),
  loraplus_text_encoder_lr_ratio: notHere,
  block_dims: blockList('blockRanks'),
  block_alphas: notHere,
  conv_block_dims: notHere,
  conv_block_alphas: notHere,
  down_lr_weight: blockRates,
  mid_lr_weight: oneOf('down_lr_weight'),
  up_lr_weight: (value, all) => (pairsOf(all.network_args).mid_lr_weight === undefined ? oneOf('down_lr_weight')(value, all) : undefined),
  block_lr_zero_threshold: ignored,
  unit: number('methodOptions.unit'),
  block_size: number('methodOptions.unit'),
  factor: number('variantOptions.factor'),
  rs_lora: on('rsLora'),
  train_norm: notHere,
  use_tucker: notHere,
  use_cp: notHere,
  use_scalar: notHere,
  decompose_both: notHere,
  full_matrix: notHere,
  constraint: notHere,
  constrain: notHere,
  rescaled: notHere,
  rank_dropout_scale: notHere,
  unbalanced_factorization: notHere,
  // How it is computed, not what.
  bypass_mode: ignored,
  wd_on_out: taking(switchOf, (value) =>
    value ? undefined : { differs: because('import-not-here', 'There is no such option here: it is trained without.') },
  ),
}
