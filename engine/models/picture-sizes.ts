// What a checkpoint's networks say about the sizes of its pictures, in pixels.
import type { Checkpoint } from '../checkpoint/config.ts'

type Networks = Pick<Checkpoint, 'unet' | 'vae'>

/** Pixels per latent cell. */
export const pixelFactor = ({ vae }: Pick<Networks, 'vae'>): number => 2 ** (vae.config.blockOutChannels.length - 1)

/** Side of the model's usual picture. */
export const usualSide = ({ unet, vae }: Networks): number => unet.config.sampleSize * pixelFactor({ vae })

/** Sides are multiples of this: the UNet halves its latents at every level but the last. */
export const sideStep = ({ unet, vae }: Networks): number => pixelFactor({ vae }) * 2 ** (unet.config.blockOutChannels.length - 1)
