// The networks of which something is trained, each with the layers that the request names and its share of the learning rate.
import type { Component } from '../adapters/adapter.ts'
import type { Checkpoint, WeightMap } from '../checkpoint/config.ts'
import { familyCalled } from '../models/family-called.ts'
import { layerChoice, type LayerRequest, type ShapeOf, type Targets } from './layer-choice.ts'

export interface TrainedNetwork {
  readonly component: Component
  readonly weights: WeightMap
  /** Paths of its layers that the request names. */
  readonly targets: Targets
  /** What the request gives each of them, where it does not give all of them the same. */
  readonly shapeOf?: ShapeOf
  /** What the learning rate is multiplied by in it. */
  readonly rate: number
}

/** In the order in which the training step computes them. */
export function trainedNetworks({ family, unet }: Pick<Checkpoint, 'family' | 'unet'>, request: LayerRequest): readonly TrainedNetwork[] {
  return [{ component: 'unet', weights: unet.weights, ...layerChoice(familyCalled(family), unet.config, request), rate: 1 }]
}

/** Of an input of the training graph: both text encoders call their layers alike. */
export const nameIn = ({ component }: Pick<TrainedNetwork, 'component'>, name: string): string =>
  component === 'unet' ? name : `${component}/${name}`
