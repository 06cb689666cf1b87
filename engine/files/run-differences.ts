// What differs between the run that wrote a checkpoint and the one that would go on from it: as facts, and for a person.
import { because, type Reason } from '../requests/reason.ts'
import type { RunFacts } from './run-checkpoint.ts'

export interface Difference {
  readonly name: string
  /** Absent where one of the two runs does not have it. */
  readonly was?: string
  readonly now?: string
}

export function differences(was: RunFacts | string, now: RunFacts): Difference[] {
  if (typeof was === 'string') return [{ name: 'engine', was: 'older', ...(now['engine'] ? { now: now['engine'] } : {}) }]
  const names = [...new Set([...Object.keys(was), ...Object.keys(now)])].filter((name) => was[name] !== now[name])
  const of = (facts: RunFacts, name: string, key: 'was' | 'now') => (facts[name] === undefined ? {} : { [key]: facts[name] })
  return names.map((name) => ({ name, ...of(was, name, 'was'), ...of(now, name, 'now') }))
}

/** What is no setting. A hash would tell a person nothing. */
const titles: Readonly<Record<string, (values: { was: string; now: string }) => Reason>> = {
  pictures: () => because('differs-pictures', 'the pictures or their captions'),
  unet: () => because('differs-unet', 'the weights of the UNet'),
  textEncoder: () => because('differs-text-encoder', 'the weights of the text encoder'),
  textEncoder2: () => because('differs-text-encoder2', 'the weights of the second text encoder'),
  vae: () => because('differs-vae', 'the weights of the VAE'),
  schedule: () => because('differs-schedule', "the model's noise schedule"),
  tokenizer: () => because('differs-tokenizer', 'the vocabulary'),
  initial: () => because('differs-initial', 'the adapter that it began with'),
  device: (values) => because('differs-device', 'the device (was {was}, now {now})', values),
  threads: (values) => because('differs-threads', 'the number of threads (was {was}, now {now})', values),
  runtime: (values) => because('differs-runtime', 'the version of onnxruntime (was {was}, now {now})', values),
  engine: (values) => because('differs-engine', 'the version of Pigment (was {was}, now {now})', values),
}

export function toldDifference({ name, was, now }: Difference): Reason {
  const title = titles[name]
  if (title) return title({ was: was ?? '—', now: now ?? '—' })
  if (was === undefined) return because('differs-setting-new', '"{name}" (was not set, now {now})', { name, now: short(now) })
  if (now === undefined) return because('differs-setting-gone', '"{name}" (was {was}, now not set)', { name, was: short(was) })
  return because('differs-setting', '"{name}" (was {was}, now {now})', { name, was: short(was), now: short(now) })
}

/** The prompts of samples may be long. */
const short = (value = ''): string => (value.length > 40 ? `${value.slice(0, 40)}…` : value)
