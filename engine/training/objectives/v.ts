// Salimans and Ho 2022, "Progressive Distillation for Fast Sampling of Diffusion Models".
import { z } from 'zod'
import type { Objective } from './objective.ts'

export const v: Objective = {
  name: 'v',
  title: 'v (velocity)',
  sentence:
    'Misses are those of v, between noise and picture: of a model that predicts ε noisy samples, which decide composition, then count more.',
  options: z.object({}),
  ofV: () => 1,
  metadata: () => ({}),
}
