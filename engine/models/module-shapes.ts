// The modules of a checkpoint that an adapter can address.
import type { Checkpoint, Family } from './config.ts'
import { clipModules } from './keys/clip-modules.ts'
import { unetModules } from './keys/unet-modules.ts'

/** What adapter formats need to know of a checkpoint to tell their flattened names apart. */
export interface ModuleShapes {
  readonly family: Family
  readonly layersPerBlock: number
  /** Shape of each weight by `${component}.${path}`, e.g. `unet.mid_block.attentions.0.proj_in`. */
  readonly shapes: ReadonlyMap<string, readonly number[]>
}

/** Every module of UNet and text encoders by component and path, with the shape of its weight. */
export function moduleShapes({ family, unet, textEncoders }: Pick<Checkpoint, 'family' | 'unet' | 'textEncoders'>): ModuleShapes {
  const shapes = new Map<string, readonly number[]>()
  for (const { path, weight } of unetModules(unet.config)) shapes.set(`unet.${path}`, weight)
  textEncoders.forEach(({ config }, i) => {
    const component = i === 0 ? 'text_encoder' : `text_encoder_${i + 1}`
    for (const { path, weight } of clipModules(config)) shapes.set(`${component}.${path}`, weight)
  })
  return { family, layersPerBlock: unet.config.layersPerBlock, shapes }
}
