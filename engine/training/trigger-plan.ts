// How the vectors of a trigger word are learnt: where they begin, and what is done to them beside the gradient. In θ they lie behind an adapter's tensors.
import type { Adapter } from '../adapters/adapter.ts'
import { textComponent } from '../adapter-formats/base-networks.ts'
import { familyCalled } from '../models/family-called.ts'
import { PigmentError } from '../requests/error.ts'
import type { TrainRequest } from '../requests/train.ts'
import type { Model } from '../sessions/open-model.ts'
import { randomStream } from '../tensor/philox.ts'
import { elementCount, type Tensor } from '../tensor/tensor.ts'
import { vectorsFor } from '../text/inserted-vectors.ts'
import { readWeight } from '../weights/read-weight.ts'
import type { Plan, Trainable, Views } from './plan.ts'
import { vectorsInput } from './text-states.ts'
import { nameIn } from './trained-networks.ts'
import { startIds, triggerEmbedding, triggerOf, type Trigger } from './trigger-vectors.ts'

/** Of the plan's own vectors: the norm that those of each encoder are held to. */
const norms = 'trigger/norms'

type OfModel = Pick<Model, 'checkpoint' | 'tokenizer'>
type Encoder = OfModel['checkpoint']['textEncoders'][number]

/** With the vectors of the request's trigger word, if it learns any; they begin as those of an adapter that has the word. Throws `continue-mismatch`. */
export function withTriggerVectors(plan: Plan<Adapter>, model: OfModel, request: TrainRequest, initial?: Adapter): Plan<Adapter> {
  const trigger = triggerOf(request)
  if (!trigger) return plan
  const { checkpoint } = model
  const rules = familyCalled(checkpoint.family).textEncoders
  const own = checkpoint.textEncoders.map((encoder, i) => {
    const shape = [trigger.vectors, encoder.config.width] as const
    const known = continued(trigger, shape, rules[i]?.inAdapters.comfyui ?? '', initial)
    let table: Promise<Vocabulary> | undefined
    return {
      name: nameIn({ component: textComponent(i) }, vectorsInput),
      shape,
      known,
      table: () => (table ??= vocabularyOf(encoder, startIds(model, trigger))),
      norm: 0,
    }
  })
  const trainables = own.map((one): Trainable => ({
    name: one.name,
    shape: one.shape,
    rate: trigger.rate / request.lr,
    until: trigger.until,
    async start({ seed }) {
      const { rows, deviation, norm } = await one.table()
      one.norm = norm
      if (one.known) return one.known.data.slice()
      if (rows.length === 0)
        return randomStream(seed, one.name, 0)
          .normal(elementCount(one.shape))
          .map((z) => z * deviation)
      const start = new Float32Array(elementCount(one.shape))
      const [count, width] = one.shape
      for (let r = 0; r < count; r++) start.set(rows[r % rows.length] ?? [], r * width)
      return start
    },
  }))
  return {
    ...plan,
    trainables: [...plan.trainables, ...trainables],
    ...(trigger.norm
      ? {
          extra: { ...plan.extra, [norms]: own.length },
          begin(at) {
            plan.begin?.(at)
            own.forEach(({ norm }, i) => at.extra[norms]?.fill(norm, i, i + 1))
          },
          afterUpdate(at) {
            plan.afterUpdate?.(at)
            // What learns no more stays to the bit.
            if (at.step > (trigger.until ?? Infinity)) return
            own.forEach(({ name }, i) => rescale(at.theta[name] as Tensor, at.extra[norms]?.[i] ?? 0))
          },
        }
      : {}),
    async result(members) {
      const [adapter, only] = [await plan.result(members), members[0]?.theta ?? ({} as Views)]
      const vectors = own.map(({ name, shape }): Tensor => ({ shape, data: only[name]?.data.slice() ?? new Float32Array() }))
      return { ...adapter, embeddings: [...(adapter.embeddings ?? []), triggerEmbedding(checkpoint, trigger.word, vectors)] }
    },
  }
}

/** Each row as long as `norm`. Reference: OneTrainer, AdditionalEmbeddingWrapper.normalize_embeddings. */
function rescale({ shape: [rows = 0, width = 0], data }: Tensor, norm: number): void {
  for (let row = 0; row < rows; row++) {
    const own = data.subarray(row * width, (row + 1) * width)
    const factor = norm / Math.max(Math.hypot(...own), 1e-12)
    for (let i = 0; i < width; i++) own[i] = (own[i] ?? 0) * factor
  }
}

/** What vectors begin by: those of words, and how large they are in a vocabulary. */
interface Vocabulary {
  readonly rows: readonly Float32Array[]
  /** Of all its numbers, as torch's std. */
  readonly deviation: number
  /** The middle one, of an even count the lower, as torch's median. */
  readonly norm: number
}

async function vocabularyOf({ weights }: Encoder, ids: readonly number[] = []): Promise<Vocabulary> {
  const key = 'text_model.embeddings.token_embedding.weight'
  const source = weights.get(key)
  if (!source) throw new PigmentError('weight-missing', `The weight "${key}" is missing from the checkpoint.`, { key })
  const {
    data,
    shape: [count = 0, width = 0],
  } = await readWeight(source)
  const lengths = new Float64Array(count)
  let [sum, squares] = [0, 0]
  for (let row = 0; row < count; row++) {
    let own = 0
    for (let i = row * width; i < (row + 1) * width; i++) {
      const value = data[i] ?? 0
      sum += value
      own += value * value
    }
    squares += own
    lengths[row] = Math.sqrt(own)
  }
  const all = count * width
  return {
    rows: ids.map((id) => data.slice(id * width, (id + 1) * width)),
    deviation: Math.sqrt(Math.max(0, squares - (sum * sum) / all) / (all - 1)),
    norm: lengths.sort()[Math.floor((count - 1) / 2)] ?? 0,
  }
}

/** The vectors of one encoder that an adapter has for the word. */
function continued({ word }: Trigger, shape: readonly number[], encoder: string, initial?: Adapter): Tensor | undefined {
  const same = (name: string): boolean => name.toLowerCase() === word.toLowerCase()
  const embedding = initial?.embeddings?.find(({ names }) => names.some(same))
  const vectors = embedding && vectorsFor(embedding, encoder)
  if (!embedding || vectors?.shape.join() === shape.join()) return vectors
  const found = vectors?.shape.join(' × ') ?? 'none'
  throw new PigmentError(
    'continue-mismatch',
    `"${initial?.name}" has vectors for "${word}" of ${found}, and this run learns ${shape.join(' × ')}. Choose as many vectors (triggerVectors), or another word.`,
    { word, found, expected: shape.join(' × ') },
  )
}
