// Reference: sd-scripts get_noisy_model_input_and_timesteps, `--timestep_sampling sigmoid`.
import { z } from 'zod'
import { timestepAt } from './level.ts'
import type { TimestepDraw } from './timestep-draw.ts'

const options = z.object({
  sigmoidScale: z.number().min(0.01).max(10).default(1).meta({ description: 'how far the levels spread from the middle', step: 0.1 }),
})

export const sigmoid: TimestepDraw<typeof options> = {
  name: 'sigmoid',
  sentence: 'The logit-normal draw with its middle fixed, by the name and scale of sd-scripts: for settings that come from there.',
  options,
  draw: (random, count, range, { sigmoidScale }) =>
    random.normal(count).map((value) => timestepAt(1 / (1 + Math.exp(-sigmoidScale * value)), range)),
  metadata: ({ sigmoidScale }) => ({ ss_timestep_sampling: 'sigmoid', ss_sigmoid_scale: String(sigmoidScale) }),
}
