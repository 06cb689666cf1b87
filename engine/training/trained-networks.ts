// The networks of which something is trained, each with the layers that the request names and its share of the learning rate.
import type { Component } from '../adapters/adapter.ts'
import type { Checkpoint, WeightMap } from '../checkpoint/config.ts'
import { familyCalled } from '../models/family-called.ts'
import type { TrainRequest } from '../requests/train.ts'

export interface TrainedNetwork {
  readonly component: Component
  readonly weights: WeightMap
  /** Paths of its layers that the request names. */
  readonly targets: RegExp
  /** What the learning rate is multiplied by in it. */
  readonly rate: number
}

/** In the order in which the training step computes them. */
export function trainedNetworks(
  { family, unet }: Pick<Checkpoint, 'family' | 'unet'>,
  { layers }: Pick<TrainRequest, 'layers'>,
): readonly TrainedNetwork[] {
  return [{ component: 'unet', weights: unet.weights, targets: familyCalled(family).targets[layers], rate: 1 }]
}

/** Of an input of the training graph: both text encoders call their layers alike. */
export const nameIn = ({ component }: Pick<TrainedNetwork, 'component'>, name: string): string =>
  component === 'unet' ? name : `${component}/${name}`
