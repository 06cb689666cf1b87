// A warm-up that takes much of the run leaves few steps at the rate that was asked for: a run told in epochs may have fewer steps than its form was made for.
import type { Caution } from './caution.ts'

const most = 1 / 2

export const longWarmup: Caution = {
  name: 'long-warmup',
  look({ asked }) {
    const { warmup = 0, steps = 0 } = asked ?? {}
    if (steps === 0 || warmup <= steps * most) return undefined
    const message = `The learning rate rises for ${warmup} of ${steps} steps: little is learnt at its height. Take a smaller --warmup, or train longer.`
    return { code: 'set-warmup-long', message, facts: { warmup, steps } }
  },
}
