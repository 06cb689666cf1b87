// A job as it lies in the journal.
import { z } from 'zod'
import { jobStates } from '../api/methods/jobs.ts'
import { gridAxis, storedForm } from '../api/methods/generate.ts'
import { trainingForm } from '../api/methods/training.ts'

const error = z.object({ code: z.string(), message: z.string(), facts: z.record(z.string(), z.unknown()) })

const work = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('train'), form: trainingForm }),
  z.object({ kind: z.literal('generate'), form: storedForm, count: z.int() }),
  z.object({ kind: z.literal('grid'), form: storedForm, x: gridAxis, y: gridAxis.optional() }),
])
export type Work = z.output<typeof work>

const preparing = z.object({
  stage: z.enum(['model', 'dataset', 'latents', 'captions', 'graph']),
  done: z.number(),
  total: z.number(),
})

export const job = z.object({
  id: z.string().regex(/^[\w-]{1,64}$/),
  title: z.string(),
  state: z.enum(jobStates),
  /** Waiting jobs run in this order, the smallest first. */
  order: z.number(),
  work,
  step: z.number().default(0),
  steps: z.number().default(0),
  seconds: z.number().default(0),
  loss: z.number().nullable().default(null),
  /** Of the running one, as the engine told it last. */
  eta: z.number().nullable().default(null),
  preparing: preparing.nullable().default(null),
  createdAt: z.number(),
  startedAt: z.number().nullable().default(null),
  endedAt: z.number().nullable().default(null),
  adapter: z.string().optional(),
  cover: z.string().optional(),
  error: error.optional(),
})
export type Job = z.output<typeof job>

export const isActive = ({ state }: Job): boolean => state === 'running' || state === 'pausing' || state === 'cancelling'
export const isOver = ({ state }: Job): boolean => state === 'done' || state === 'failed' || state === 'cancelled'
