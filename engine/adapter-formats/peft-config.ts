// PEFT's adapter_config.json for LoRA: rank and alpha of every module.
import type { LoraModule } from '../adapters/adapter.ts'
import { PigmentError } from '../spec/error.ts'

/** The fields that decide ΔW; everything else in the file is for PEFT alone. */
export interface PeftConfig {
  readonly alpha: number
  readonly alphaPattern: ReadonlyMap<string, number>
  readonly rslora: boolean
}

type Fields = Readonly<Record<string, unknown>>

/** Reads the fields of a parsed config. Throws `adapter-unsupported` for what is not LoRA, `adapter-broken` for wrong types. */
export function parsePeftConfig(value: unknown, path: string): PeftConfig {
  const broken = (what: string): never => {
    throw new PigmentError('adapter-broken', `The adapter_config of "${path}" ${what}. Get another copy of this adapter.`, { path })
  }
  if (!isFields(value)) return broken('is not an object')
  const unsupported = (what: string): never => {
    throw new PigmentError(
      'adapter-unsupported',
      `"${path}" is ${what}, which is not supported. Use an adapter of plain low-rank (LoRA) pairs.`,
      { path },
    )
  }
  if (typeof value.peft_type === 'string' && value.peft_type !== 'LORA')
    unsupported(`a PEFT adapter of type ${value.peft_type.slice(0, 40)}`)
  if (value.fan_in_fan_out === true) unsupported('a PEFT adapter with fan_in_fan_out')
  const alpha = value.lora_alpha ?? 8
  if (typeof alpha !== 'number' || !Number.isFinite(alpha)) return broken('has no numeric "lora_alpha"')
  const pattern = value.alpha_pattern ?? {}
  if (!isFields(pattern)) return broken('has an "alpha_pattern" that is not an object')
  const alphaPattern = new Map<string, number>()
  for (const [key, one] of Object.entries(pattern)) {
    if (typeof one !== 'number' || !Number.isFinite(one)) return broken(`has an alpha for "${key}" that is not a number`)
    alphaPattern.set(key, one)
  }
  return { alpha, alphaPattern, rslora: value.use_rslora === true }
}

/** alpha of a module such that alpha / R is PEFT's scale: rank-stabilised LoRA divides by √R instead. */
export function peftAlpha({ alpha, alphaPattern, rslora }: PeftConfig, path: string, rank: number): number {
  const own = [...alphaPattern].find(([pattern]) => matches(pattern, path))?.[1] ?? alpha
  return rslora ? own * Math.sqrt(rank) : own
}

/** PEFT anchors a pattern at the end of the path, on a whole name. */
function matches(pattern: string, path: string): boolean {
  if (path === pattern || path.endsWith(`.${pattern}`)) return true
  if (!/[\\^$*+?()[\]{}|]/.test(pattern)) return false
  // A quantified group, (a+)+, can keep a backtracking matcher busy for ever; patterns come from strangers.
  if (pattern.length > 500 || /\)[*+?{]/.test(pattern)) return refuse(pattern)
  try {
    return new RegExp(`^(?:.*\\.)?(?:${pattern})$`).test(path)
  } catch {
    return refuse(pattern)
  }
}

function refuse(pattern: string): never {
  throw new PigmentError(
    'adapter-unsupported',
    `The alpha_pattern "${pattern.slice(0, 100)}" is not a pattern that can be used. Write module names instead.`,
    {
      pattern: pattern.slice(0, 500),
    },
  )
}

/** A config from which PEFT builds exactly these modules: the commonest rank and alpha, and what differs from them by name. */
export function peftConfigOf(modules: readonly LoraModule[]): Record<string, unknown> {
  const rankOf = ({ down }: LoraModule): number => down.shape[0] ?? 0
  const r = commonest(modules.map(rankOf))
  const alpha = commonest(modules.map((module) => module.alpha))
  const differing = (common: number, of: (module: LoraModule) => number): Record<string, number> =>
    Object.fromEntries(modules.filter((module) => of(module) !== common).map((module) => [nameOf(module), of(module)]))
  return {
    alpha_pattern: differing(alpha, (module) => module.alpha),
    auto_mapping: null,
    base_model_name_or_path: null,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    lora_alpha: alpha,
    lora_dropout: 0,
    modules_to_save: null,
    peft_type: 'LORA',
    r,
    rank_pattern: differing(r, rankOf),
    revision: null,
    target_modules: modules.map(nameOf).toSorted(),
    task_type: null,
    use_dora: false,
    use_rslora: false,
  }
}

/** transformers 5 dropped `text_model.`; PEFT matches the ends of names, so without it both generations are met. */
function nameOf({ path }: LoraModule): string {
  return path.replace(/^text_model\./, '')
}

/** The most frequent value; the first of equals. */
function commonest(values: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].reduce((best, next) => (next[1] > best[1] ? next : best), [values[0] ?? 0, 0])[0]
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
