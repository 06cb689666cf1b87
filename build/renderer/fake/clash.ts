// Clash reports in the fake studio: the real report over made-up measures, in which every third adapter resembles the first.
import type { MeasuredLayer } from '../../../engine/clash/measure.ts'
import { clashReport } from '../../../engine/clash/report.ts'
import type { Handlers } from './handlers.ts'

const blocks = ['BASE', 'IN01', 'IN02', 'IN04', 'IN05', 'M00', 'OUT00', 'OUT01', 'OUT02', 'OUT03', 'OUT04', 'OUT05']

function layersOf(count: number): MeasuredLayer[] {
  const ids = Array.from({ length: count }, (_, i) => i)
  return blocks.flatMap((block, b) =>
    ['to_q', 'to_v'].map((name): MeasuredLayer => {
      const energy = (i: number): number => (1 + i) ** 2 * (1 + 0.4 * Math.sin(b + i))
      const alike = (a: number, other: number): number => (a % 3 === other % 3 ? 0.7 : 0.18) * (0.6 + 0.4 * Math.cos(b / 3))
      return {
        component: block === 'BASE' ? 'text_encoder' : 'unet',
        path: `blocks.${b}.${name}`,
        block,
        shares: ids.map((adapter) => ({
          adapter,
          energy: energy(adapter),
          peak: 0.8 * Math.sqrt(energy(adapter)),
          answer: 0.7 * energy(adapter),
          lost: 0,
          steady: Math.sqrt(energy(adapter)),
        })),
        meetings: ids.flatMap((a) =>
          ids.slice(a + 1).map((other) => {
            const size = Math.sqrt(energy(a) * energy(other))
            const share = alike(a, other)
            const angles = { largestCosine: Math.min(1, 1.3 * share), overlap: share }
            return {
              a,
              b: other,
              inner: 0.6 * share * size,
              inputs: share * 0.7 * size,
              outputs: share * 0.6 * size,
              rows: angles,
              columns: angles,
            }
          }),
        ),
      }
    }),
  )
}

export const fakeClash: Handlers<'clash'> = {
  report: ({ sources }) =>
    clashReport(
      sources.map(({ adapter, ...strength }) => ({ ...strength, name: adapter })),
      { layers: layersOf(sources.length), unmeasured: [] },
      'pigment-embedded',
    ),
}
