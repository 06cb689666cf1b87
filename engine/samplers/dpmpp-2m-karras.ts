import { karrasWhole } from '../schedules/karras-whole.ts'
import { dpmpp2m } from './dpmpp-2m.ts'
import type { Sampler } from './sampler.ts'

export const dpmpp2mKarras: Sampler = {
  ...dpmpp2m,
  name: 'dpmpp-2m-karras',
  title: 'DPM++ 2M Karras (diffusers)',
  written: 'DPM++ 2M (diffusers)',
  schedule: karrasWhole,
  aliases: ['DPMSolverMultistepScheduler'],
}
