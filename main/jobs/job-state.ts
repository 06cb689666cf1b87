// What the journal has of every job, whatever its kind.
import { z } from 'zod'
import { jobStates, runPlaces } from '../api/methods/jobs.ts'

const error = z.object({ code: z.string(), message: z.string(), facts: z.record(z.string(), z.unknown()) })

const preparing = z.object({
  stage: z.enum(['files', 'model', 'dataset', 'latents', 'captions', 'graph']),
  done: z.number(),
  total: z.number(),
})

/** Of a job that other machines do. */
export const elsewhere = z.object({
  /** Where it was handed in, as it may be shown. */
  queue: z.string(),
  store: z.string(),
  /** What it is called there, and how far it was heard of. */
  call: z.string().optional(),
  from: z.string().default(''),
  /** It was handed in, and its end was not heard of yet. */
  open: z.boolean().default(false),
  worker: z.string().nullable().default(null),
  away: z.boolean().default(false),
})
export type Elsewhere = z.output<typeof elsewhere>

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
  on: z.enum(runPlaces).default('here'),
  elsewhere: elsewhere.optional(),
})
export type JobState = z.output<typeof jobState>
