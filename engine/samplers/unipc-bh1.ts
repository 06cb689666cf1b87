import { uniform } from '../schedules/uniform.ts'
import type { Sampler } from './sampler.ts'
import { uniPc, uniPcOptions } from './unipc.ts'

const options = uniPcOptions({ order: 3, solver: 'bh1' })

// By the formula that A1111 and ComfyUI begin with; both have noise levels of their own beside it.
export const uniPcBh1: Sampler<typeof options> = {
  ...uniPc,
  name: 'unipc-bh1',
  title: 'UniPC (A1111)',
  written: 'UniPC',
  schedule: uniform,
  aliases: ['UniPC', 'uni_pc'],
  options,
}
