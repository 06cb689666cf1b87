// As diffusers' Euler takes them: timesteps as the checkpoint spaces them, or Karras' noise levels between their ends where it asks for these.
import { karrasSpaced } from './karras-spaced.ts'
import type { Schedule } from './schedule.ts'
import { spaced } from './spaced.ts'

export const checkpoint: Schedule = {
  name: 'checkpoint',
  title: 'As the model asks (diffusers)',
  written: ({ karrasSigmas }) => (karrasSigmas ? 'Karras' : 'Uniform'),
  aliases: [],
  kind: 'sigmas',
  grid: (process, steps, options) => (process.asked.karrasSigmas ? karrasSpaced : spaced).grid(process, steps, options),
}
