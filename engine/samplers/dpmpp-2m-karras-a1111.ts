import { a1111KarrasGrid, a1111Start } from './a1111-grid.ts'
import { secondOrder } from './dpmpp-2m.ts'
import type { Sampler } from './sampler.ts'

export const dpmpp2mKarrasA1111: Sampler = {
  name: 'dpmpp-2m-karras-a1111',
  title: 'DPM++ 2M Karras (A1111)',
  written: 'DPM++ 2M',
  schedule: 'karras',
  automatic: 'karras',
  aliases: ['DPM++ 2M'],
  sample: secondOrder(a1111KarrasGrid, a1111Start),
}
