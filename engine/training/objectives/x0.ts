// Ho et al. 2020, "Denoising Diffusion Probabilistic Models", 3.2: the mean of the picture in place of the noise.
import { z } from 'zod'
import type { Objective } from './objective.ts'

export const x0: Objective = {
  name: 'x0',
  title: 'x₀ (picture)',
  sentence:
    'Misses are those of the picture itself: the noisiest samples count by far the most. With ε together with min-SNR or its soft form.',
  options: z.object({}),
  ofV: (snr) => Math.sqrt(1 / (1 + snr)),
  metadata: () => ({}),
}
