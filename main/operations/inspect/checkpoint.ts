import type { WeightMap } from '../../../engine/checkpoint/config.ts'
import { unetNetwork, type AdaptedNetwork } from '../../../engine/adapter-formats/base-networks.ts'
import { blockNames } from '../../../engine/requests/block-weights.ts'
import { familyCalled } from '../../../engine/models/family-called.ts'
import { isHubCache } from '../../../engine/models/hub-cache.ts'
import { openCheckpoint } from '../../../engine/models/open-checkpoint.ts'
import { sideStep, usualSide } from '../../../engine/models/picture-sizes.ts'
import { elementCount } from '../../../engine/tensor/tensor.ts'
import { looksLikeSafetensors, type Subject } from './subject.ts'

export const checkpointSubject = {
  name: 'checkpoint',

  recognise(found) {
    if (found.folder) {
      const diffusers = found.names.includes('model_index.json') || (found.names.includes('unet') && found.names.includes('vae'))
      // One network of such a folder is told as what it is, and not as a folder without pictures.
      const part =
        found.names.includes('config.json') &&
        found.names.some((name) => /^((diffusion_)?pytorch_)?model\b.*\.(safetensors|bin)/.test(name))
      return Promise.resolve(diffusers || part || isHubCache(found.names) ? 'yes' : { no: 'it has no model_index.json' })
    }
    return Promise.resolve(looksLikeSafetensors(found) ? 'yes' : { no: 'it is not a safetensors file' })
  },

  async inspect({ path }) {
    const { name, family, layout, unet, textEncoders, vae, schedule, tokenizer, evidence } = await openCheckpoint(path)
    const networks = [
      networkFacts('unet', unet.weights),
      ...textEncoders.map(({ weights }, i) => networkFacts(i === 0 ? 'text_encoder' : `text_encoder_${i + 1}`, weights)),
      networkFacts('vae', vae.weights),
    ]
    const parameters = networks.reduce((sum, network) => sum + network.parameters, 0)
    return {
      kind: 'checkpoint' as const,
      path,
      name,
      family,
      familyTitle: familyCalled(family).title,
      crossAttentionDim: unet.config.crossAttentionDim,
      layout,
      prediction: schedule.prediction,
      usualSide: usualSide({ unet, vae }),
      sideStep: sideStep({ unet, vae }),
      blocks: blocksOf(unetNetwork({ family, unet })),
      evidence,
      networks,
      parameters,
      storedBytes: networks.reduce((sum, network) => sum + network.storedBytes, 0),
      // The runtime keeps one copy of every weight in fp32 on the CPU; what a picture needs on top depends on its size.
      memoryBytes: parameters * 4,
      tokenizer: tokenizer ? 'its own' : 'CLIP (OpenAI)',
    }
  },
} satisfies Subject

/** The text encoders, and the blocks of the UNet in their order. */
function blocksOf({ weights, blockOf }: AdaptedNetwork): string[] {
  const own = new Set([...weights.keys()].map((key) => blockOf(key.slice(0, key.lastIndexOf('.')))))
  return blockNames.filter((name) => name === 'BASE' || own.has(name))
}

function networkFacts(network: string, weights: WeightMap) {
  const sources = [...weights.values()]
  return {
    network,
    parameters: sources.reduce((sum, { shape }) => sum + elementCount(shape), 0),
    tensors: sources.length,
    storedAs: [...new Set(sources.map(({ dtype }) => dtype))].join(', '),
    storedBytes: sources.reduce((sum, { length }) => sum + length, 0),
  }
}
