// What differs between the run that wrote a checkpoint and the one that would go on from it: as facts, and for a person.
import { mostSteps } from '../requests/duration-fields.ts'
import { because, type Reason } from '../requests/reason.ts'
import type { RunFacts } from './run-checkpoint.ts'

export interface Difference {
  readonly name: string
  /** Absent where one of the two runs does not have it. */
  readonly was?: string
  readonly now?: string
}

/** Before the path of a picture, in the name of what is known of it: its bytes, a blank, its caption. */
export const picturePrefix = 'picture/'
export const classPicturePrefix = 'classPicture/'
/** Each prefix with the fact that stands for all of its pictures, which older checkpoints have alone. */
const sets = [
  [picturePrefix, 'pictures'],
  [classPicturePrefix, 'classPictures'],
] as const

export function differences(was: RunFacts | string, now: RunFacts): Difference[] {
  const all = everyDifference(was, now)
  const known = typeof was === 'string' ? [] : Object.keys(was)
  return sets.reduce((rest, [prefix, whole]) => {
    const one = ({ name }: Difference): boolean => name.startsWith(prefix)
    if (!known.some((name) => name.startsWith(prefix))) return rest.filter((difference) => !one(difference))
    return rest.some(one) ? rest.filter(({ name }) => name !== whole) : rest
  }, all)
}

function everyDifference(was: RunFacts | string, now: RunFacts): Difference[] {
  if (typeof was === 'string') return [{ name: 'engine', was: 'older', ...(now['engine'] ? { now: now['engine'] } : {}) }]
  const names = [...new Set([...Object.keys(was), ...Object.keys(now)])].filter((name) => was[name] !== now[name])
  const of = (facts: RunFacts, name: string, key: 'was' | 'now') => (facts[name] === undefined ? {} : { [key]: facts[name] })
  return names.map((name) => ({ name, ...of(was, name, 'was'), ...of(now, name, 'now') }))
}

/** What is no setting. A hash would tell a person nothing. */
const titles: Readonly<Record<string, (values: { was: string; now: string }) => Reason>> = {
  pictures: () => because('differs-pictures', 'the pictures or their captions'),
  classPictures: () => because('differs-class-pictures', 'the pictures of the class or their captions'),
  // Epochs are told as the steps that they make.
  steps: ({ was, now }) =>
    [was, now].includes(String(mostSteps))
      ? because('differs-clock', 'how long it trains (one of the two by the clock, the other {steps} steps)', {
          steps: was === String(mostSteps) ? now : was,
        })
      : because('differs-length', 'how long it trains (was {was} steps, now {now})', { was, now }),
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
  const prefix = sets.map(([one]) => one).find((one) => name.startsWith(one))
  if (prefix) return toldPicture(name.slice(prefix.length), was, now)
  const title = titles[name]
  if (title) return title({ was: was ?? '—', now: now ?? '—' })
  if (was === undefined) return because('differs-setting-new', '"{name}" (was not set, now {now})', { name, now: short(now) })
  if (now === undefined) return because('differs-setting-gone', '"{name}" (was {was}, now not set)', { name, was: short(was) })
  return because('differs-setting', '"{name}" (was {was}, now {now})', { name, was: short(was), now: short(now) })
}

function toldPicture(path: string, was?: string, now?: string): Reason {
  if (was === undefined) return because('differs-picture-new', 'the picture "{path}" is new', { path })
  if (now === undefined) return because('differs-picture-gone', 'the picture "{path}" is gone', { path })
  const bytes = (value: string): string | undefined => value.split(' ')[0]
  return bytes(was) === bytes(now)
    ? because('differs-caption', 'the caption of "{path}"', { path })
    : because('differs-picture', 'the picture "{path}"', { path })
}

/** The prompts of samples may be long. */
const short = (value = ''): string => (value.length > 40 ? `${value.slice(0, 40)}…` : value)
