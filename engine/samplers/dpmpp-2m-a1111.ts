import { karras } from '../schedules/karras.ts'
import { uniform } from '../schedules/uniform.ts'
import { dpmpp2m } from './dpmpp-2m.ts'
import type { Sampler } from './sampler.ts'

export const dpmpp2mA1111: Sampler = {
  ...dpmpp2m,
  name: 'dpmpp-2m-a1111',
  title: 'DPM++ 2M (A1111)',
  written: 'DPM++ 2M',
  schedule: uniform,
  automatic: karras,
  aliases: ['DPM++ 2M'],
}
