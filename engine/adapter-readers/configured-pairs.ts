// Pairs of PEFT's kind, whose alpha stands in a config: as diffusers and PEFT build a LoRA from keys, ranks and patterns. Source: peft
// tuners/lora/{config,model}.py, utils/save_and_load.py.
import type { Tensor } from '../tensor/tensor.ts'
import type { ReadChange } from './reader.ts'

export type Config = Readonly<Record<string, unknown>>

export const isConfig = (value: unknown): value is Config => typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a pattern says of a layer, else what is said of all: PEFT takes the first whose name is the end of the path. */
export function said(config: Config, path: string, common: string, pattern: string): number | undefined {
  const patterns = config[pattern]
  for (const [name, value] of isConfig(patterns) ? Object.entries(patterns) : [])
    if (typeof value === 'number' && new RegExp(`(^|.*\\.)${name.replace(/^\^/, '').replace(/\$$/, '')}$`).test(path)) return value
  const value = config[common]
  return typeof value === 'number' ? value : undefined
}

/** Whether a path is one of `target_modules`, by its end or whole. */
export function isTarget({ target_modules: targets }: Config, path: string): boolean {
  if (!Array.isArray(targets)) return true
  return targets.some((target) => path === target || path.endsWith(`.${String(target)}`))
}

/** One layer's tensors by PEFT's words; undefined where they are no whole pair of the config's rank. */
export function pairOf(parts: ReadonlyMap<string, Tensor>, config: Config | undefined, path: string): readonly ReadChange[] | undefined {
  const [down, up] = [parts.get('lora_A.weight'), parts.get('lora_B.weight')]
  if (!down || !up) return undefined
  const rank = down.shape[0] ?? 1
  if (config && (said(config, path, 'r', 'rank_pattern') ?? rank) !== rank) return undefined
  const alpha = config ? (said(config, path, 'lora_alpha', 'alpha_pattern') ?? rank) : rank
  const scale = alpha / (config?.use_rslora === true ? Math.sqrt(rank) : rank)
  const magnitude = parts.get('lora_magnitude_vector')
  const bias = parts.get('lora_B.bias')
  const pair: ReadChange = { kind: 'pair', up, down, scale, ...(magnitude ? { magnitude } : {}) }
  return bias ? [pair, { kind: 'bias', by: bias.data.map((value) => value * scale) }] : [pair]
}

/** Which part a key ends in, and the layer before it. */
export function splitPeft(key: string): { readonly path: string; readonly part: string } | undefined {
  const [, path, part] = /^(.+)\.(lora_[AB]\.weight|lora_B\.bias|lora_magnitude_vector|hada_\w+|lokr_\w+|ia3_l)$/.exec(key) ?? []
  return path === undefined || part === undefined ? undefined : { path, part }
}

/** Tensors by layer and part. */
export function grouped(keys: Iterable<readonly [key: string, tensor: Tensor]>): Map<string, Map<string, Tensor>> {
  const groups = new Map<string, Map<string, Tensor>>()
  for (const [key, tensor] of keys) {
    const found = splitPeft(key)
    if (!found) continue
    const group = groups.get(found.path) ?? new Map<string, Tensor>()
    groups.set(found.path, group.set(found.part, tensor))
  }
  return groups
}
