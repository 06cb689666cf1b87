// UNet2DConditionModel as a list of modules. C channels, D width of the time embedding.
import type { UNetConfig } from '../../checkpoint/config.ts'
import { conv, linear, norm, type ModuleShape } from './modules.ts'

/** The time embedding is four times as wide as the finest level. */
export const timeEmbedWidth = (config: UNetConfig): number => 4 * (config.blockOutChannels[0] ?? 0)

/** Channels of every skip connection in the order in which the down path pushes them. */
export function skipChannels(config: Pick<UNetConfig, 'blockOutChannels' | 'layersPerBlock'>): number[] {
  const levels = config.blockOutChannels
  const skips = [levels[0] ?? 0]
  levels.forEach((channels, level) => {
    for (let j = 0; j < config.layersPerBlock; j++) skips.push(channels)
    if (level < levels.length - 1) skips.push(channels)
  })
  return skips
}

/** Every module that a UNet of this configuration has, with the shape of its weight. */
export function unetModules(config: UNetConfig): ModuleShape[] {
  const D = timeEmbedWidth(config)
  const levels = config.blockOutChannels
  const first = levels[0] ?? 0
  const last = levels.at(-1) ?? 0
  const resnet = (path: string, into: number, out: number): ModuleShape[] => resnetModules(path, into, out, D)
  const attention = (path: string, C: number, depth: number): ModuleShape[] => transformerModules(path, C, depth, config)

  const modules = [
    conv('conv_in', first, config.inChannels, 3),
    linear('time_embedding.linear_1', D, first),
    linear('time_embedding.linear_2', D, D),
  ]
  if (config.addedCondition)
    modules.push(linear('add_embedding.linear_1', D, config.addedCondition.inputDim), linear('add_embedding.linear_2', D, D))

  levels.forEach((C, i) => {
    const block = `down_blocks.${i}`
    const depth = config.transformerLayers[i] ?? 0
    for (let j = 0; j < config.layersPerBlock; j++) {
      modules.push(...resnet(`${block}.resnets.${j}`, j === 0 ? (levels[i - 1] ?? first) : C, C))
      modules.push(...attention(`${block}.attentions.${j}`, C, depth))
    }
    if (i < levels.length - 1) modules.push(conv(`${block}.downsamplers.0.conv`, C, C, 3))
  })

  modules.push(...resnet('mid_block.resnets.0', last, last))
  modules.push(...attention('mid_block.attentions.0', last, config.midTransformerLayers))
  modules.push(...resnet('mid_block.resnets.1', last, last))

  const skips = skipChannels(config)
  let into = last
  levels.toReversed().forEach((C, i) => {
    const block = `up_blocks.${i}`
    const depth = config.transformerLayers[levels.length - 1 - i] ?? 0
    for (let j = 0; j <= config.layersPerBlock; j++) {
      modules.push(...resnet(`${block}.resnets.${j}`, into + (skips.pop() ?? 0), C))
      modules.push(...attention(`${block}.attentions.${j}`, C, depth))
      into = C
    }
    if (i < levels.length - 1) modules.push(conv(`${block}.upsamplers.0.conv`, C, C, 3))
  })

  modules.push(norm('conv_norm_out', first), conv('conv_out', config.outChannels, first, 3))
  return modules
}

function resnetModules(path: string, into: number, out: number, D: number): ModuleShape[] {
  const modules = [
    norm(`${path}.norm1`, into),
    conv(`${path}.conv1`, out, into, 3),
    linear(`${path}.time_emb_proj`, out, D),
    norm(`${path}.norm2`, out),
    conv(`${path}.conv2`, out, out, 3),
  ]
  if (into !== out) modules.push(conv(`${path}.conv_shortcut`, out, into, 1))
  return modules
}

function transformerModules(path: string, C: number, depth: number, config: UNetConfig): ModuleShape[] {
  if (depth === 0) return []
  const project = (name: string): ModuleShape =>
    config.linearProjection ? linear(`${path}.${name}`, C, C) : conv(`${path}.${name}`, C, C, 1)
  const blocks = Array.from({ length: depth }, (_, n) => transformerBlock(`${path}.transformer_blocks.${n}`, C, config.crossAttentionDim))
  return [norm(`${path}.norm`, C), project('proj_in'), ...blocks.flat(), project('proj_out')]
}

function transformerBlock(path: string, C: number, context: number): ModuleShape[] {
  const attention = (name: string, into: number): ModuleShape[] => [
    linear(`${path}.${name}.to_q`, C, C, false),
    linear(`${path}.${name}.to_k`, C, into, false),
    linear(`${path}.${name}.to_v`, C, into, false),
    linear(`${path}.${name}.to_out.0`, C, C),
  ]
  return [
    norm(`${path}.norm1`, C),
    ...attention('attn1', C),
    norm(`${path}.norm2`, C),
    ...attention('attn2', context),
    norm(`${path}.norm3`, C),
    // GEGLU: value and gate in one matrix.
    linear(`${path}.ff.net.0.proj`, 8 * C, C),
    linear(`${path}.ff.net.2`, C, 4 * C),
  ]
}
