// What the journal has of every job, whatever its kind.
import { z } from 'zod'
import { jobStates } from '../api/methods/jobs.ts'

const error = z.object({ code: z.string(), message: z.string(), facts: z.record(z.string(), z.unknown()) })

const preparing = z.object({
  stage: z.enum(['model', 'dataset', 'latents', 'captions', 'graph']),
  done: z.number(),
  total: z.number(),
})

export const jobState = z.object({
  id: z.string().regex(/^[\w-]{1,64}$/),
  title: z.string(),
  state: z.enum(jobStates),
  /** Waiting jobs run in this order, the smallest first. */
  order: z.number(),
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
  model: z.string().optional(),
  cover: z.string().optional(),
  error: error.optional(),
})
export type JobState = z.output<typeof jobState>
