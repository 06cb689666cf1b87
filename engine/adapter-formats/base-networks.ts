// The networks of a checkpoint as stacks of adapters see them.
import type { Component } from '../adapters/adapter.ts'
import type { StackPlace } from '../adapters/stack.ts'
import type { Checkpoint, ClipTextConfig, Network, WeightMap } from '../checkpoint/config.ts'
import { familyCalled } from '../models/family-called.ts'

/** A network that adapters act on, with the weights of its checkpoint. */
export interface AdaptedNetwork extends StackPlace {
  readonly weights: WeightMap
}

export const textComponent = (index: number): Component => (index === 0 ? 'text_encoder' : 'text_encoder_2')

/** The UNet as stacks see it. */
export function unetNetwork({ family, unet }: Pick<Checkpoint, 'family' | 'unet'>): AdaptedNetwork {
  const { block } = familyCalled(family)
  return { component: 'unet', weights: unet.weights, blockOf: (path) => block(path, unet.config) }
}

/** A text encoder as stacks see it: a block of its own. */
export const textNetwork = ({ weights }: Network<ClipTextConfig>, index: number): AdaptedNetwork => ({
  component: textComponent(index),
  weights,
  blockOf: () => 'BASE',
})

/** All of them. */
export const adaptedNetworks = (checkpoint: Pick<Checkpoint, 'family' | 'unet' | 'textEncoders'>): AdaptedNetwork[] => [
  unetNetwork(checkpoint),
  ...checkpoint.textEncoders.map(textNetwork),
]
