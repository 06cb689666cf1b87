// Textual inversion (Gal et al. 2022, arXiv 2208.01618): the trigger word stands for vectors that are learnt, beside an adapter or alone. References:
// diffusers' textual_inversion.py, sd-scripts' train_textual_inversion.py, OneTrainer's AdditionalEmbeddingWrapper.
import type { Checkpoint } from '../checkpoint/config.ts'
import { isUnread } from '../datasets/cautions/unread-captions.ts'
import { familyCalled } from '../models/family-called.ts'
import { PigmentError } from '../requests/error.ts'
import { refuseWithout } from '../requests/field-needs.ts'
import type { TrainRequest } from '../requests/train.ts'
import { triggerFields } from '../requests/trigger-fields.ts'
import type { Model } from '../sessions/open-model.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Embedding } from '../text/embedding.ts'

export type TriggerRequest = Partial<Pick<TrainRequest, 'trigger' | 'members' | keyof typeof triggerFields>>

export interface Trigger {
  readonly word: string
  /** R, of each text encoder. */
  readonly vectors: number
  /** Whose vectors they begin as; at random where there is none. */
  readonly start: string | undefined
  readonly rate: number
  readonly until: number | undefined
  /** Each is made as long as the middle one of the vocabulary after every step. */
  readonly norm: boolean
}

/** What diffusers' examples learn at. */
export const usualTriggerRate = 5e-3
const usualStart = 'style'

/** Throws `field-needs`, `trigger-word`, `trigger-start`, `trigger-members`. Undefined where a request learns no vectors. */
export function triggerOf(request: TriggerRequest): Trigger | undefined {
  const { trigger = '', triggerVectors: vectors, triggerStart, triggerRandom = false, members = 1 } = request
  const { triggerVectors: _needed, ...others } = triggerFields
  if (vectors === undefined) return refuseWithout(request, 'triggerVectors', Object.keys(others) as (keyof typeof others)[])
  const word = trigger.trim()
  if (word === '')
    throw new PigmentError(
      'trigger-word',
      `triggerVectors is ${vectors}, and there is no trigger word that they could stand for. Give --trigger WORD, a word that is in no other use.`,
      { vectors },
    )
  if (triggerStart !== undefined && triggerRandom)
    throw new PigmentError(
      'trigger-start',
      `The vectors of "${word}" cannot begin as "${triggerStart}" and at random. Leave out triggerStart or triggerRandom.`,
      { word, start: triggerStart },
    )
  if (triggerStart !== undefined && (triggerStart.trim() === '' || isUnread(triggerStart))) throw unreadStart(word, triggerStart)
  if (members > 1)
    throw new PigmentError(
      'trigger-members',
      `Vectors of a trigger word cannot be shared out among ${members} members: each would have its own, and their mean calls none of them. Set members to 1.`,
      { members, vectors, change: { members: 1 } },
    )
  return {
    word,
    vectors,
    start: triggerRandom ? undefined : (triggerStart ?? usualStart),
    rate: request.triggerRate ?? usualTriggerRate,
    until: request.triggerSteps,
    norm: request.triggerNorm ?? false,
  }
}

const unreadStart = (word: string, start: string): PigmentError =>
  new PigmentError(
    'trigger-start-unread',
    `The vectors of "${word}" cannot begin as "${start}": the vocabulary of this model has no such word. Give another with --trigger-start, in English, or begin at random with --trigger-random.`,
    { word, start },
  )

/** Ids of the words that the vectors begin as; none at random. Throws `trigger-start-unread`. */
export function startIds({ tokenizer }: Pick<Model, 'tokenizer'>, { word, start }: Trigger): readonly number[] | undefined {
  if (start === undefined) return undefined
  const ids = tokenizer.encode(start)
  // What a vocabulary lacks is read as a mark.
  if (ids.length === 0 || ids.some((id) => id === tokenizer.eosId || id === tokenizer.bosId)) throw unreadStart(word, start)
  return ids
}

/** Before anything is loaded. Throws what `triggerOf` throws, `trigger-start-unread`, and `trigger-room` where a text has no room for so many vectors. */
export function refuseTrigger(model: Pick<Model, 'checkpoint' | 'tokenizer'>, request: TriggerRequest): void {
  const trigger = triggerOf(request)
  if (!trigger) return
  const { textEncoders } = model.checkpoint
  const room = Math.min(...textEncoders.map(({ config }) => config.positions)) - 2
  if (trigger.vectors > room)
    throw new PigmentError(
      'trigger-room',
      `triggerVectors is ${trigger.vectors}, and a prompt's frame of this model has room for ${room}. Learn fewer vectors: 1 to 8 are usual.`,
      { vectors: trigger.vectors, room },
    )
  startIds(model, trigger)
}

/** As its files call it, one (R, D) for each text encoder of the model. */
export function triggerEmbedding(
  { family, textEncoders }: Pick<Checkpoint, 'family' | 'textEncoders'>,
  word: string,
  vectors: readonly Tensor[],
): Embedding {
  const rules = familyCalled(family).textEncoders
  const named = vectors.map((tensor, i) => [textEncoders.length === 1 ? '' : (rules[i]?.inAdapters.comfyui ?? ''), tensor] as const)
  return { names: [word], vectors: Object.fromEntries(named), file: word, bundled: true }
}

/** What stands in captions for the vectors that learn: as many of them, of no value. */
export function placeholders({ checkpoint }: Pick<Model, 'checkpoint'>, request: TriggerRequest): readonly Embedding[] {
  const trigger = triggerOf(request)
  if (!trigger) return []
  const empty = checkpoint.textEncoders.map(({ config: { width } }): Tensor => ({
    shape: [trigger.vectors, width],
    data: new Float32Array(trigger.vectors * width),
  }))
  return [triggerEmbedding(checkpoint, trigger.word, empty)]
}
