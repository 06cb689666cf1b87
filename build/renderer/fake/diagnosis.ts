// What the runs of the fake studio tell of their inside: gradients that fall, ranks that are used by halves, two pictures that do not belong.
import type { Diagnosis } from '../../../engine/requests/diagnosis.ts'
import type { RunPicture } from '../../../main/api/methods/training.ts'
import { mediaOf, samplePictures } from './pictures.ts'
import { grainRanks } from './ranks.ts'

const blocks = grainRanks.map(({ block }) => block)
const worst = [3, 11, 17, 5, 8, 14, 2, 20, 6, 9]

export const fakeDiagnosis = (last: number, set: string): Diagnosis => ({
  looks: Array.from({ length: Math.floor(last / 50) }, (_, n) => ({
    step: 50 * (n + 1),
    blocks: blocks.map((block, i) => ({
      block,
      gradNorm: (0.02 + 0.2 * Math.exp(-((i - 9) ** 2) / 20)) * Math.exp(-n / 8) * (1 + 0.3 * Math.sin(3 * n + i)),
      update: block === 'IN01' ? 0.00002 : 0.02 * Math.exp(-n / 4) * (0.4 + 0.6 * Math.exp(-((i - 9) ** 2) / 30)),
    })),
  })),
  rankUse: {
    step: last,
    rank: 32,
    used: 11.3,
    layers: grainRanks.flatMap(({ block, ranks }) =>
      Object.entries(ranks).map(([layer, rank]) => ({ layer: `unet.${layer}`, block, rank: 32, used: Math.max(1, 1.6 * rank) })),
    ),
  },
  pictures: {
    step: last,
    pictures: worst.map((n, i) => ({ path: namesOf(set)[n] ?? `${n}.png`, loss: 0.98 + 2 * Math.exp(-i / 2.5), draws: 12 + i })),
  },
  dead: { step: 100, dead: 2, layers: 150, names: ['down_blocks.0.attentions.0.to_q', 'down_blocks.0.attentions.0.to_k'] },
})

const namesOf = (set: string): string[] => samplePictures.flatMap((one) => (one.set === set ? one.name : []))

/** As the host finds them; one is gone since. */
export const fakeRunPictures = (paths: readonly string[], dataset: string, set: string): RunPicture[] =>
  paths.flatMap((path, i) => {
    const at = namesOf(set).indexOf(path)
    if (at < 0 || i === 5) return []
    const caption = samplePictures.find((one) => one.set === set && one.name === path)?.caption ?? ''
    return [{ path, dataset, within: path, media: mediaOf(at, set), caption }]
  })
