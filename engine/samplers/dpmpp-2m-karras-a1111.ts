import { karras } from '../schedules/karras.ts'
import { dpmpp2m } from './dpmpp-2m.ts'
import type { Sampler } from './sampler.ts'

export const dpmpp2mKarrasA1111: Sampler = {
  ...dpmpp2m,
  name: 'dpmpp-2m-karras-a1111',
  title: 'DPM++ 2M Karras (A1111)',
  written: 'DPM++ 2M',
  schedule: karras,
  automatic: karras,
  aliases: ['DPM++ 2M'],
}
