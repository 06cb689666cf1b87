// Networks for inpainting see a mask and the masked picture beside the latents: conv_in takes 4 + 1 + 4 channels. Reference: diffusers'
// StableDiffusionInpaintPipeline, Stable Diffusion's v1-inpainting-inference.yaml.
import type { UNetConfig } from '../checkpoint/config.ts'

type Channels = Pick<UNetConfig, 'inChannels' | 'outChannels'>

/** How many channels it takes beside those that it gives: 1 of the mask and as many as a latent has of the masked picture, or none. */
export const besideChannels = ({ inChannels, outChannels }: Channels): number => inChannels - outChannels

/** Whether the network is one for inpainting. */
export const takesMask = (unet: Channels): boolean => besideChannels(unet) === unet.outChannels + 1
