import { a1111Start, a1111UniformGrid } from './a1111-grid.ts'
import { secondOrder } from './dpmpp-2m.ts'
import type { Sampler } from './sampler.ts'

export const dpmpp2mA1111: Sampler = {
  name: 'dpmpp-2m-a1111',
  title: 'DPM++ 2M (A1111)',
  written: 'DPM++ 2M',
  schedule: 'uniform',
  automatic: 'karras',
  aliases: ['DPM++ 2M'],
  sample: secondOrder(a1111UniformGrid, a1111Start),
}
