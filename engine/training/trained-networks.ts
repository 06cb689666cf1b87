// The networks of which something is trained, each with the layers that the request names and its share of the learning rate.
import type { Component } from '../adapters/adapter.ts'
import { textComponent } from '../adapter-formats/base-networks.ts'
import type { Checkpoint, WeightMap } from '../checkpoint/config.ts'
import { familyCalled } from '../models/family-called.ts'
import type { ModelFamily } from '../models/family.ts'
import { heardText } from '../models/heard-text.ts'
import type { UNetLayout } from '../models/keys/ldm-unet.ts'
import { PigmentError } from '../requests/error.ts'
import type { TrainRequest } from '../requests/train.ts'
import { layerChoice, type LayerChoice, type LayerRequest, type ShapeOf, type Targets } from './layer-choice.ts'

export interface TrainedNetwork {
  readonly component: Component
  readonly weights: WeightMap
  /** Paths of its layers that the request names. */
  readonly targets: Targets
  /** What the request gives each of them, where it does not give all of them the same. */
  readonly shapeOf?: ShapeOf
  /** What the learning rate is multiplied by in it. */
  readonly rate: number
  /** The last step in which it learns; to the end unless told. */
  readonly until?: number | undefined
  /** Of a text encoder: so many vectors of the trigger word are learnt at its entry, beside its layers or alone. */
  readonly vectors?: number | undefined
}

/** Learning rates, as a request has them. */
type Rates = Partial<Pick<TrainRequest, 'unetRate' | 'textRate' | 'textRate2' | 'textSteps' | 'triggerVectors'>>

/** Learning rates of text encoders, by their index. A second one learns like the first unless told. */
const textRates = ({ textRate = 0, textRate2 = textRate }: Rates): readonly number[] => [textRate, textRate2]

/** Whether the request trains a text encoder, of whatever model. */
export const trainsText = (request: Rates): boolean => textRates(request).some((rate) => rate > 0)

/** Whether a step computes text encoders: one is trained, or what stands at their entry. */
export const computesText = (request: Rates): boolean => trainsText(request) || request.triggerVectors !== undefined

/** No layer of a text encoder that learns nothing but vectors at its entry. */
const noLayers: Targets = { test: () => false }

/**
 * In the order in which the training step computes them. Throws `text-encoder-absent` where a rate is for an encoder that the model does not have.
 */
export function trainedNetworks(
  { family, unet, textEncoders }: Pick<Checkpoint, 'family' | 'unet' | 'textEncoders'>,
  request: LayerRequest,
): readonly TrainedNetwork[] {
  const { lr, unetRate = lr, textRate2 = 0, textSteps: until, triggerVectors: vectors } = request
  const own = familyCalled(family)
  if (textRate2 > 0 && textEncoders.length < 2)
    throw new PigmentError(
      'text-encoder-absent',
      `textRate2 is ${textRate2}, but ${own.title} has one text encoder. Leave textRate2 empty and give textRate.`,
      { textRate2, family },
    )
  const share = (rate: number): number => (lr === undefined ? 1 : rate / lr)
  const texts = textEncoders.flatMap((encoder, i): TrainedNetwork[] => {
    const rate = textRates(request)[i] ?? 0
    const { weights } = heardText(encoder, own.textEncoders[i]?.pooled ?? false)
    const network = { component: textComponent(i), weights, ...(vectors === undefined ? {} : { vectors }) }
    if (rate > 0) return [{ ...network, ...textChoice(own, unet.config, request), rate: share(rate), until }]
    return vectors === undefined ? [] : [{ ...network, targets: noLayers, rate: 1 }]
  })
  const ofUnet = {
    component: 'unet',
    weights: unet.weights,
    ...layerChoice(own, unet.config, request),
    rate: share(unetRate ?? 1),
  } as const
  return [...texts, ...(unetRate === 0 ? [] : [ofUnet])]
}

/** A text encoder has no convolutions and no blocks, and its groups go by `layers`. */
function textChoice(family: ModelFamily, layout: UNetLayout, request: LayerRequest): LayerChoice {
  const { groups: _groups, blockRanks: _ranks, blockRates: _rates, convRank: _convRank, convAlpha: _convAlpha, ...rest } = request
  return layerChoice({ ...family, targets: family.textTargets }, layout, rest)
}

/** Throws `nothing-learns` where a request has no network learn, and `text-steps` where it says how long text encoders learn that do not. */
export function refuseNoNetwork(request: Rates): void {
  const { unetRate, textRate = 0, textSteps, triggerVectors } = request
  if (trainsText(request)) return
  if (unetRate === 0 && triggerVectors === undefined)
    throw new PigmentError(
      'nothing-learns',
      `Nothing would learn: unetRate is 0 and textRate is ${textRate}. Give one of them a rate above 0, or leave unetRate empty.`,
      { unetRate, textRate },
    )
  if (textSteps !== undefined)
    throw new PigmentError(
      'text-steps',
      `textSteps is ${textSteps}, but no text encoder learns. Give textRate a rate above 0, or leave textSteps empty.`,
      { textSteps, textRate },
    )
}

/** Of an input of the training graph: both text encoders call their layers alike. */
export const nameIn = ({ component }: Pick<TrainedNetwork, 'component'>, name: string): string =>
  component === 'unet' ? name : `${component}/${name}`
