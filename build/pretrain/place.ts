// Where pre-training computes: on the CPU, or, with PIGMENT_DEVICE=cuda (say), on a card, many steps in one run.
import type { Provider } from '../../engine/runtime/session.ts'
import type { CourseOptions } from './train-all.ts'

export const provider = (process.env.PIGMENT_DEVICE ?? 'cpu') as Provider
export const threads = Number(process.env.PIGMENT_THREADS ?? 2)
/** Steps of one run; none on the CPU, whose lanes go step by step. */
const rounds = Number(process.env.PIGMENT_ROUNDS ?? (provider === 'cpu' ? 0 : 200))
/** For a course whose length is a time: as many steps as fit before the process is so many seconds old. */
const seconds = process.env.PIGMENT_SECONDS

/** One setting for the CPU, another for a card, which wants large batches. */
export const byDevice = <T>(cpu: T, card: T): T => (rounds === 0 ? cpu : card)

export const place: Pick<CourseOptions, 'provider' | 'threads' | 'rounds' | 'seconds' | 'saveEvery'> = {
  provider,
  threads,
  ...(rounds === 0 ? {} : { rounds, saveEvery: 2000 }),
  ...(seconds ? { seconds: Number(seconds) } : {}),
}

/** Weights that Muon updates: those inside a network. What stands at its ends, reads words or tells the time is AdamW's. */
export const hidden = (name: string): boolean => !/embeddings|time_embedding|conv_in|conv_out|quant_conv|^head/.test(name)
