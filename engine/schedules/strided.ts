// DDIM's: whole timesteps, each step one stride down.
import type { Schedule } from './schedule.ts'
import { roundHalfEven, timestepGrid } from './timesteps.ts'

export const strided: Schedule = {
  name: 'strided',
  title: 'Whole strides (DDIM)',
  aliases: [],
  kind: 'strides',
  grid(process, steps) {
    const stride = Math.floor(process.asked.trainSteps / steps)
    const timesteps = timestepGrid(process.asked, steps, 'leading').map(roundHalfEven)
    // Not to the next of the grid: the two differ where the stride does not divide the range.
    return { steps: timesteps.map((at) => ({ at: process.levelAt(at), next: process.levelAt(at - stride) })), pure: true }
  },
}
