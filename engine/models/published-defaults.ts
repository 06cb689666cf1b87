// What is usual with published Stable Diffusion checkpoints: the settings that most guides for sd-scripts and kohya_ss begin with.
import type { ModelDefaults, PresetValues } from '../requests/model-defaults.ts'

/** Rates of adapters of such widths; much higher ones burn the picture, much lower ones learn nothing in these steps. */
const shared = { batch: 1, lr: 1e-4, captionDropout: 0.05 } as const

/** One row of each micro-batch is kept, whatever its size, and a step takes twice as long: a quick look does without. */
const keeping = { preservation: 'output', preservationOptions: { preserve: 0.5 } } as const

export const publishedPresets = {
  quick: { ...shared, steps: 400, rank: 8, alpha: 8, layers: 'attention', warmup: 20, checkpointEvery: 100 },
  balanced: { ...shared, ...keeping, steps: 1500, rank: 16, alpha: 16, layers: 'transformer', warmup: 75, checkpointEvery: 250 },
  thorough: { ...shared, ...keeping, steps: 4000, rank: 32, alpha: 32, layers: 'all', warmup: 200, checkpointEvery: 500 },
} as const satisfies Record<string, PresetValues>

/** Published models begin as in other programs. */
export const publishedGuidance: ModelDefaults['guidance'] = {
  alone: { cfg: 5, adapterGuidance: 0, guidanceStop: 1 },
  stacked: { cfg: 5, adapterGuidance: 0, guidanceStop: 1 },
}

export const publishedDefaults: ModelDefaults = { presets: publishedPresets, guidance: publishedGuidance }
