// A published model of a family without its files: names and shapes of its weights, from which follows what it takes.
import type { Checkpoint, Family, Network } from '../checkpoint/config.ts'
import { bytesPerElement } from '../tensor/dtype.ts'
import { elementCount } from '../tensor/tensor.ts'
import { familyCalled } from './family-called.ts'
import { clipModules } from './keys/clip-modules.ts'
import { tensorShapes, type ModuleShape } from './keys/modules.ts'
import { unetModules } from './keys/unet-modules.ts'
import { vaeModules } from './keys/vae-modules.ts'
import { usualSchedule } from './prediction.ts'
import { publishedVae } from './published.ts'

/** With weights in fp16, of which none can be read. */
export function publishedCheckpoint(name: Family): Checkpoint {
  const { published, title, emptyPrompt, scalingFactor } = familyCalled(name)
  return {
    path: '',
    name: title,
    layout: 'single-file',
    family: name,
    unet: outline(published.unet, unetModules(published.unet)),
    textEncoders: published.textEncoders.map((config) => outline(config, clipModules(config))),
    vae: outline({ ...publishedVae, scalingFactor }, vaeModules(publishedVae)),
    schedule: usualSchedule('epsilon', false),
    emptyIsZero: emptyPrompt === 'zeros',
    evidence: [],
  }
}

const dtype = 'float16'

function outline<Config>(config: Config, modules: readonly ModuleShape[]): Network<Config> {
  const weights = [...tensorShapes(modules)].map(
    ([key, shape]) => [key, { file: '', dtype, shape, offset: 0, length: elementCount(shape) * bytesPerElement[dtype] }] as const,
  )
  return { config, weights: new Map(weights) }
}
