import { karrasMultistepGrid } from './coordinates.ts'
import { secondOrder } from './dpmpp-2m.ts'
import type { Sampler } from './sampler.ts'

export const dpmpp2mKarras: Sampler = {
  name: 'dpmpp-2m-karras',
  title: 'DPM++ 2M Karras (diffusers)',
  written: 'DPM++ 2M (diffusers)',
  schedule: 'karras',
  aliases: ['DPMSolverMultistepScheduler'],
  sample: secondOrder(karrasMultistepGrid),
}
