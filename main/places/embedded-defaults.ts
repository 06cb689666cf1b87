// What the embedded model begins with. Chosen on styles that it has never seen: docs/embedded-model.md, build/eval/presets.ts.
import type { ModelDefaults } from '../../engine/requests/model-defaults.ts'

/** Its own styles in its own words; captions of photographs mean nothing to it. */
const neutral = [
  'soft shaded style emoji of cat',
  'soft shaded style emoji of house',
  'soft shaded style emoji of pear',
  'soft shaded style emoji of violin',
  'round blob style emoji of dog face',
  'round blob style emoji of cherries',
  'round blob style emoji of bus',
  'round blob style emoji of tulip',
  'flat simple style emoji of bird',
  'flat simple style emoji of hammer',
  'flat simple style emoji of watermelon',
  'flat simple style emoji of snail',
  'bright candy style emoji of fish',
  'bright candy style emoji of chair',
  'bright candy style emoji of tree',
  'bright candy style emoji of hat',
  'pastel storybook style emoji of bear',
  'pastel storybook style emoji of book',
  'pastel storybook style emoji of moon',
  'pastel storybook style emoji of shoe',
  'emoji of banana',
  'emoji of lion',
  'outlined emoji of bicycle',
  '',
].join('|')

/** Half as many rows as pictures keep what is drawn without the trigger word, and a step takes half as long again. */
const keeping = { preservation: 'output', preservationOptions: { preserve: 0.5, preserveShare: 0.5, neutral } } as const
const shared = { ...keeping, layers: 'all', captionDropout: 0.1 } as const

export const embeddedDefaults = {
  presets: {
    quick: { ...shared, steps: 60, rank: 8, alpha: 8, batch: 4, lr: 2e-3, warmup: 0, checkpointEvery: 20 },
    balanced: { ...shared, steps: 125, rank: 64, alpha: 64, members: 4, batch: 8, lr: 4e-3, warmup: 41, checkpointEvery: 25 },
    thorough: { ...shared, steps: 1500, rank: 32, alpha: 32, batch: 8, lr: 5e-4, warmup: 50, checkpointEvery: 100 },
  },
  /** It keeps its own styles best at 2; with adapters a stronger guidance by the model alone keeps what is drawn, and one of their own how. */
  guidance: {
    alone: { cfg: 2, adapterGuidance: 0, guidanceStop: 1 },
    stacked: { cfg: 4, adapterGuidance: 3.25, guidanceStop: 1 },
  },
} as const satisfies ModelDefaults
