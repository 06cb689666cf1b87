// How something is trained of networks: what is put into the graph of a step, and the plan by which it is learnt.
import type { z } from 'zod'
import type { Adapter } from '../../adapters/adapter.ts'
import type { Target } from '../../adapters/variants/variant.ts'
import type { Graph } from '../../graph/graph.ts'
import { PigmentError } from '../../requests/error.ts'
import { chosenOf } from '../../requests/own-options.ts'
import { trainRequest, type TrainRequest } from '../../requests/train.ts'
import type { Plan } from '../plan.ts'
import { refuseNoNetwork, trainsText, type TrainedNetwork } from '../trained-networks.ts'
import type { Trained } from '../training-graph.ts'
import { methods } from './index.ts'

/** What a method may look at; the rest of a request is not needed to tell what it takes. */
export type MethodRequest = Pick<TrainRequest, 'rank' | 'alpha' | 'layers' | 'members' | 'recompute'> & Partial<TrainRequest>

const usual = trainRequest.shape.method.parse(undefined)

export interface MethodAt {
  /** Of the training step, still empty. */
  readonly graph: Graph
  readonly networks: readonly TrainedNetwork[]
  readonly request: MethodRequest
}

export interface OpenMethod extends Trained {
  /** Once the networks are built. Begins anew, or with the weights of an adapter. */
  plan(initial?: Adapter): Plan<Adapter>
}

export interface TrainingMethod<O extends z.ZodObject = z.ZodObject> {
  readonly name: string
  readonly title: string
  /** What it does and when to choose it, in plain words: in help, and below its field. */
  readonly sentence?: string
  /** Those that a request has a field for are taken from it. */
  readonly options: O
  /** Values of other fields that a form offers beside it. */
  readonly usual?: Readonly<Record<string, number | boolean | string>>
  /** Whether members that were trained apart become one result, or why they cannot. */
  readonly members: 'joined' | { readonly no: string }
  /** Whether layers may begin and be trained as a variant's options say, and differ in rank, alpha and rate, as `shapeOf` of a network tells; where they may not, the fields of a request that say so are refused. */
  readonly byLayer?: true
  /** Why it cannot begin with the weights of an adapter, if it cannot. */
  readonly continues?: { readonly no: string }
  /** What it does by the length of the run, whose end no clock may tell then. */
  readonly needsLength?: { readonly no: string }
  /** Why it cannot train text encoders, if it cannot. */
  readonly texts?: { readonly no: string }
  /** Throws where it does not go with the rest of a request. */
  fits?(request: MethodRequest, options: z.output<O>): void
  /** Shapes of what it learns of a layer, whose rank and alpha stand in the request. */
  learnt(target: Target, request: MethodRequest, options: z.output<O>): readonly (readonly number[])[]
  /** The same of a whole network, where what it learns is not told by layers. */
  readonly learntOf?: (network: TrainedNetwork, options: z.output<O>) => readonly (readonly number[])[]
  /** Keys of its own in the metadata of what was trained. */
  metadata(options: z.output<O>): Readonly<Record<string, string>>
  open(at: MethodAt, options: z.output<O>): OpenMethod
}

/**
 * The method of a request, which may begin with the weights of an adapter. Throws `members-variant`, `continue-method`, `method-layers`,
 * `method-length`, `text-encoder-method`, `trigger-method`, `nothing-learns`, `text-steps`, `method-option-unknown`,
 * `method-option-invalid`, and where the request does not fit the method.
 */
export function methodOf(
  request: MethodRequest,
  continued = false,
): {
  readonly method: TrainingMethod
  readonly options: Readonly<Record<string, unknown>>
} {
  const chosen = chosenOf({ field: 'method', choices: methods, request: trainRequest, usual }, request)
  // Names and list are written from the same folder.
  const { one: method, options } = chosen as NonNullable<typeof chosen>
  const { members, continues, needsLength, texts, title } = method
  if (request.members > 1 && members !== 'joined') {
    const sentence = `${title} cannot be shared out among members. ${members.no} Set members to 1.`
    throw new PigmentError('members-variant', sentence, { variant: title, members: request.members })
  }
  if (continued && continues) {
    const sentence = `${title} cannot begin with an adapter: ${continues.no} Begin anew, or choose another method.`
    throw new PigmentError('continue-method', sentence, { method: title })
  }
  if (needsLength && request.minutes !== undefined) {
    const sentence = `${title} cannot be ended by a clock (--minutes ${request.minutes}): ${needsLength.no} Give --steps or --epochs, or choose another method.`
    throw new PigmentError('method-length', sentence, { method: title, minutes: request.minutes })
  }
  if (!method.byLayer) refuseByLayer(method, request)
  if (texts && trainsText(request)) {
    const sentence = `${title} cannot train text encoders: ${texts.no} Leave textRate empty, or choose another method.`
    throw new PigmentError('text-encoder-method', sentence, { method: title, textRate: request.textRate })
  }
  if (method.learntOf && request.triggerVectors !== undefined) {
    const sentence = `${title} changes the model itself, and vectors of a trigger word belong to a model that stays as it is. Leave triggerVectors empty, or choose another method.`
    throw new PigmentError('trigger-method', sentence, { method: title, vectors: request.triggerVectors })
  }
  refuseNoNetwork(request)
  method.fits?.(request, options)
  return { method, options }
}

/** By which the layers of a request come to differ, to begin or to be trained otherwise, or to act otherwise than by alpha / rank. */
const byLayer = [
  'convRank',
  'convAlpha',
  'rsLora',
  'blockRanks',
  'blockRates',
  'start',
  'dropout',
  'rankDropout',
  'moduleDropout',
  'maxNorm',
] as const

function refuseByLayer({ title }: TrainingMethod, request: MethodRequest): void {
  const field = byLayer.find((name) => ![undefined, false, 0, 'standard'].includes(request[name]))
  if (!field) return
  const sentence = `${title} gives all layers the same rank, alpha, start and rate, and drops nothing: ${field} ${request[field]} would do nothing. Leave it out, or choose another method.`
  throw new PigmentError('method-layers', sentence, { method: title, field, value: String(request[field]) })
}
