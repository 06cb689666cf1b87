// PEFT's adapter_config.json: rank and alpha of every module.
import type { AdapterModule } from '../adapters/adapter.ts'
import { variants } from '../adapters/variants/index.ts'
import { moduleRank, variantCalled } from '../adapters/variants/variant.ts'
import { PigmentError } from '../requests/error.ts'
import { isRefusal, unsayable } from './format.ts'
import { linearPattern, PatternError } from './linear-pattern.ts'
import { refuseOtherMathematics } from './peft-refusals.ts'

/** What decides ΔW; everything else in the file is for PEFT alone. */
export interface PeftConfig {
  /** lora_alpha, or what the first pattern says that matches the path. */
  readonly alphaOf: (path: string) => number
  readonly rslora: boolean
  /** The scale of a module, where it is not alpha / the rank of its tensors. */
  readonly scaleOf?: (path: string) => number
  /** All of it, for variants that are more than their tensors. */
  readonly fields: Fields
}

type Fields = Readonly<Record<string, unknown>>

/**
 * Reads the fields of a parsed config; `ownNames` are the weights and biases of the model that stand beside the adapter, by the model's names. Throws `adapter-unsupported` for what is not LoRA, `adapter-broken` for wrong types.
 */
export function parsePeftConfig(value: unknown, path: string, ownNames: readonly string[] = []): PeftConfig {
  const broken = (what: string): never => {
    throw new PigmentError('adapter-broken', `The adapter_config of "${path}" ${what}. Get another copy of this adapter.`, { path })
  }
  if (!isFields(value)) return broken('is not an object')
  refuseOtherMathematics(value, path, ownNames)
  const { alpha: field = 'lora_alpha', rank = 'r', scale } = variants.find(({ peft }) => peft?.type === value.peft_type)?.peft ?? {}
  const numbers = (common: string, patterns: string): ((path: string) => number) => {
    const one = value[common] ?? 8
    if (typeof one !== 'number' || !Number.isFinite(one)) return broken(`has no numeric "${common}"`)
    const pattern = value[patterns] ?? {}
    if (!isFields(pattern)) return broken(`has an "${patterns}" that is not an object`)
    const own = new Map<string, number>()
    for (const [key, number] of Object.entries(pattern)) {
      // AdaLoRA's has masks in this place, which its tensors were cut by.
      if (Array.isArray(number)) continue
      if (typeof number !== 'number' || !Number.isFinite(number))
        return broken(`has an ${patterns.split('_')[0]} for "${key.slice(0, 100)}" that is not a number`)
      own.set(key, number)
    }
    return firstMatch(own, one, { field: patterns, path })
  }
  const alphaOf = numbers(field, 'alpha_pattern')
  const rslora = value.use_rslora === true
  if (!scale) return { alphaOf, rslora, fields: value }
  const rankOf = numbers(rank, 'rank_pattern')
  return { alphaOf, rslora, fields: value, scaleOf: (path) => scale({ alpha: alphaOf(path), rank: rankOf(path) }) }
}

/** alpha of a module such that alpha / R is PEFT's scale: rank-stabilised LoRA divides by √R instead. */
export function peftAlpha({ alphaOf, rslora, scaleOf }: PeftConfig, path: string, rank: number): number {
  if (scaleOf) return scaleOf(path) * rank
  return rslora ? alphaOf(path) * Math.sqrt(rank) : alphaOf(path)
}

/** The same for a person. */
export function peftRule({ rslora, scaleOf }: PeftConfig): string {
  return scaleOf ? 'as its config says of the rank that it began with' : `alpha / ${rslora ? '√rank' : 'rank'}, alpha of the config`
}

/** What a pattern stands in. */
interface Where {
  readonly field: string
  readonly path: string
}

/** All patterns together: a thousand modules then cost seconds at most, whatever a stranger writes. */
const mostStates = 10_000

/** PEFT anchors a pattern at the end of the path, on a whole name, and takes the first that matches. Nearly all of them are plain names. */
function firstMatch(alphas: ReadonlyMap<string, number>, otherwise: number, at: Where): (path: string) => number {
  const ends = new Map<string, { order: number; alpha: number }>()
  const whole = new Map<string, { order: number; alpha: number }>()
  const patterns: { order: number; alpha: number; matches: (path: string) => boolean }[] = []
  let states = 0
  for (const [order, [pattern, alpha]] of [...alphas].entries()) {
    const name = /^(\^?)((?:[\w-]|\\?\.)+)\$?$/.exec(pattern)
    if (name) {
      const names = name[1] === '^' ? whole : ends
      const plain = (name[2] ?? '').replaceAll('\\.', '.')
      if (!names.has(plain)) names.set(plain, { order, alpha })
      continue
    }
    const compiled = compile(pattern, at)
    states += compiled.states
    if (states > mostStates) return refuse(pattern, at, 'together with the others it is too large')
    patterns.push({ order, alpha, matches: compiled.matches })
  }
  return (path) => {
    const parts = path.split('.')
    const named = parts.map((_, i) => ends.get(parts.slice(i).join('.')))
    const found = [whole.get(path), ...named, patterns.find(({ matches }) => matches(path))]
    const first = found.reduce((best, next) => (next && (!best || next.order < best.order) ? next : best), undefined)
    return first?.alpha ?? otherwise
  }
}

function compile(pattern: string, at: Where): ReturnType<typeof linearPattern> {
  try {
    return linearPattern(pattern)
  } catch (error) {
    if (error instanceof PatternError) return refuse(pattern, at, error.message)
    throw error
  }
}

function refuse(pattern: string, { field, path }: Where, why: string): never {
  throw new PigmentError(
    'adapter-unsupported',
    `"${path}": the ${field} "${pattern.slice(0, 100)}" of its config is not a pattern that can be used: ${why}. Write module names instead.`,
    { path, pattern: pattern.slice(0, 500) },
  )
}

/**
 * A config from which PEFT builds exactly these modules: the commonest rank and alpha, and what differs from them by name. Throws
 * `adapter-format-variant`.
 */
export function peftConfigOf(modules: readonly AdapterModule[]): Record<string, unknown> {
  const [variant, ...others] = [...new Set(modules.map((module) => variantCalled(module.variant)))]
  const { peft } = variant ?? {}
  if (!variant || !peft) throw unsayable(variant ?? { title: '' }, 'PEFT has no such adapters.')
  if (others.length > 0)
    throw unsayable(variant, `PEFT builds one kind of adapter, and it also has ${others.map(({ title }) => title).join(', ')}.`)
  const fields = peft.fields(modules)
  if (isRefusal(fields)) throw unsayable(variant, fields.no)
  const rankOf = (module: AdapterModule): number => peft.builtFrom?.(module) ?? moduleRank(module) ?? 1
  // alpha / rank stays what it is.
  const alphaOf = (module: AdapterModule): number =>
    peft.builtFrom ? (module.alpha / (moduleRank(module) ?? 1)) * rankOf(module) : module.alpha
  const rank = commonest(modules.map(rankOf))
  const alpha = commonest(modules.map(alphaOf))
  const differing = (common: number, of: (module: AdapterModule) => number): Record<string, number> =>
    Object.fromEntries(modules.filter((module) => of(module) !== common).map((module) => [nameOf(module), of(module)]))
  const config = {
    alpha_pattern: differing(alpha, alphaOf),
    auto_mapping: null,
    base_model_name_or_path: null,
    inference_mode: true,
    [peft.alpha]: alpha,
    modules_to_save: null,
    peft_type: peft.writtenAs ?? peft.type,
    r: rank,
    rank_pattern: differing(rank, rankOf),
    revision: null,
    target_modules: modules.map(nameOf).toSorted(),
    task_type: null,
    ...fields,
  }
  return Object.fromEntries(Object.entries(config).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** transformers 5 dropped `text_model.`; PEFT matches the ends of names, so without it both generations are met. */
function nameOf({ path }: AdapterModule): string {
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
