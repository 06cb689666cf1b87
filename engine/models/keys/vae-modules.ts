// AutoencoderKL as a list of modules.
import type { VaeConfig } from '../../checkpoint/config.ts'
import { conv, linear, norm, type ModuleShape } from './modules.ts'

/** Every module that a VAE of this configuration has, with the shape of its weight. */
export function vaeModules(config: VaeConfig): ModuleShape[] {
  // The encoder gives mean and log-variance, hence twice the latent channels.
  const moments = 2 * config.latentChannels
  return [
    ...encoderModules(config, moments),
    ...decoderModules(config),
    conv('quant_conv', moments, moments, 1),
    conv('post_quant_conv', config.latentChannels, config.latentChannels, 1),
  ]
}

function encoderModules(config: VaeConfig, moments: number): ModuleShape[] {
  const levels = config.blockOutChannels
  const last = levels.at(-1) ?? 0
  const modules = [conv('encoder.conv_in', levels[0] ?? 0, config.inChannels, 3)]
  levels.forEach((C, i) => {
    const block = `encoder.down_blocks.${i}`
    for (let j = 0; j < config.layersPerBlock; j++) modules.push(...resnet(`${block}.resnets.${j}`, j === 0 ? (levels[i - 1] ?? C) : C, C))
    if (i < levels.length - 1) modules.push(conv(`${block}.downsamplers.0.conv`, C, C, 3))
  })
  modules.push(...middle('encoder.mid_block', last), norm('encoder.conv_norm_out', last), conv('encoder.conv_out', moments, last, 3))
  return modules
}

function decoderModules(config: VaeConfig): ModuleShape[] {
  const levels = config.blockOutChannels.toReversed()
  const first = levels[0] ?? 0
  const last = levels.at(-1) ?? 0
  const modules = [conv('decoder.conv_in', first, config.latentChannels, 3), ...middle('decoder.mid_block', first)]
  levels.forEach((C, i) => {
    const block = `decoder.up_blocks.${i}`
    for (let j = 0; j <= config.layersPerBlock; j++) modules.push(...resnet(`${block}.resnets.${j}`, j === 0 ? (levels[i - 1] ?? C) : C, C))
    if (i < levels.length - 1) modules.push(conv(`${block}.upsamplers.0.conv`, C, C, 3))
  })
  modules.push(norm('decoder.conv_norm_out', last), conv('decoder.conv_out', config.inChannels, last, 3))
  return modules
}

function middle(path: string, C: number): ModuleShape[] {
  const attention = ['to_q', 'to_k', 'to_v', 'to_out.0'].map((name) => linear(`${path}.attentions.0.${name}`, C, C))
  return [
    ...resnet(`${path}.resnets.0`, C, C),
    norm(`${path}.attentions.0.group_norm`, C),
    ...attention,
    ...resnet(`${path}.resnets.1`, C, C),
  ]
}

function resnet(path: string, into: number, out: number): ModuleShape[] {
  const modules = [
    norm(`${path}.norm1`, into),
    conv(`${path}.conv1`, out, into, 3),
    norm(`${path}.norm2`, out),
    conv(`${path}.conv2`, out, out, 3),
  ]
  if (into !== out) modules.push(conv(`${path}.conv_shortcut`, out, into, 1))
  return modules
}
