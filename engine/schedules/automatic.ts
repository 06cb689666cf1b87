// A1111's `Automatic`: for some solvers Karras' or exponential levels, for the others uniform ones.
// Source: A1111 modules/sd_samplers_kdiffusion.py.
import type { Schedule } from './schedule.ts'
import { uniform } from './uniform.ts'

export const automatic: Schedule = {
  ...uniform,
  name: 'automatic',
  title: 'Automatic (A1111)',
  written: 'Automatic',
  aliases: [],
  // A sampler of whole strides has these whatever is told.
  stands: (own, theirs) => (own.kind === 'strides' ? own : (theirs ?? uniform)),
}
