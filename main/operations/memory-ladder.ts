// Where memory does not suffice, the same is done again with less of it, one rung of a ladder after the other, and a person is told of each.
import { lastSize } from '../../engine/conditions/chosen.ts'
import { nextRungs, type TakenRungs } from '../../engine/memory-rungs.ts'
import { PigmentError, errorRecord } from '../../engine/requests/error.ts'
import type { GenerateRequest } from '../../engine/requests/generate.ts'
import type { TrainRequest } from '../../engine/requests/train.ts'
import { saysOutOfMemory } from '../../engine/runtime/out-of-memory.ts'
import { keepsBits, nextEconomy, type Economy } from '../../engine/sessions/economy.ts'
import type { Model } from '../../engine/sessions/open-model.ts'
import type { WarningEvent } from './events.ts'

/** What an error brings along where there is something left to try. */
export interface Rung {
  /** Of a drawing. What a training does with less, its folder says. */
  readonly economy?: Economy
  /** By the names of what it does: words of screens stand under `rung.<name>`. */
  readonly takes: readonly string[]
  /** What comes of it is the same to the last bit. */
  readonly same: boolean
}

/** In which network memory did not suffice, empty where it was elsewhere; undefined for other errors. */
export function wantOfMemory(error: unknown): string | undefined {
  const { code, message, facts } = errorRecord(error)
  if (code === 'out-of-memory') return typeof facts.graph === 'string' ? facts.graph : ''
  return !(error instanceof PigmentError) && saysOutOfMemory(message) ? '' : undefined
}

/** The error with what is to be tried next. */
export function withRung(error: unknown, rung: Rung | undefined): unknown {
  if (!rung) return error
  const { message, facts } = errorRecord(error)
  return new PigmentError('out-of-memory', message, { ...facts, rung }, error)
}

/** What a training tries next. Those who train together share a step out by its parts, which must be the same for all of them: none goes down alone. */
export function trainingRung(error: unknown, rungs: TakenRungs, request: TrainRequest, together: boolean): ReturnType<typeof nextRungs> {
  const graph = wantOfMemory(error)
  if (graph === undefined || together) return undefined
  return nextRungs(rungs, request, { graph, step: Number(errorRecord(error).facts.checkpoint ?? 0) })
}

/** Draws; a want of memory brings along the next rung of the model's economy. `cells`: the longer side of the latents. */
export async function orRung<T>(model: Model, cells: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const graph = wantOfMemory(error)
    const economy = graph === undefined ? undefined : nextEconomy(model.economy, model, graph, cells)
    if (!economy) throw error
    throw withRung(error, { economy, takes: Object.keys(economy).filter((name) => !(name in model.economy)), same: keepsBits(economy) })
  }
}

/** Of the latents of a picture, in cells, where they are largest. */
export function longerSide(
  { defaultSide, pixelFactor }: Pick<Model, 'defaultSide' | 'pixelFactor'>,
  { width = defaultSide, height = defaultSide, conditions }: Pick<GenerateRequest, 'width' | 'height' | 'conditions'>,
): number {
  const last = lastSize({ width, height }, conditions, pixelFactor)
  return Math.max(last.width, last.height) / pixelFactor
}

interface Ladder {
  /** The next attempt begins in a process in which nothing was done yet: after a want of memory a runtime keeps what it had, or is broken. */
  readonly renew: () => void | Promise<void>
  readonly tell: (event: WarningEvent) => void
  readonly signal?: AbortSignal | undefined
}

/** Attempts it until it is done, or until nothing is left to try; then throws what the last attempt threw. */
export async function downLadder<T>(attempt: (economy: Economy) => Promise<T>, { renew, tell, signal }: Ladder): Promise<T> {
  let economy: Economy = {}
  for (;;) {
    try {
      return await attempt(economy)
    } catch (error) {
      const { code, facts } = errorRecord(error)
      const rung = code === 'out-of-memory' ? (facts.rung as Rung | undefined) : undefined
      if (!rung || signal?.aborted) throw error
      economy = rung.economy ?? economy
      await renew()
      tell(toldRung(rung, facts))
    }
  }
}

function toldRung({ takes, same }: Rung, facts: Readonly<Record<string, unknown>>): WarningEvent {
  const graph = typeof facts.graph === 'string' ? facts.graph : ''
  const { code, what } = rungs[takes[0] ?? ''] ?? { code: 'memory-rung', what: takes.join(', ') }
  const result = same ? 'what comes of it is the same' : 'what comes of it differs a little from what more memory would have given'
  const message = `Memory did not suffice${graph ? ` for "${graph}"` : ''}. Trying again with less: ${what}; ${result}.`
  return { type: 'warning', code, message, facts: { graph, takes, same } }
}

const rungs: Readonly<Record<string, { readonly code: string; readonly what: string }>> = {
  alone: { code: 'memory-rung-alone', what: 'one network in memory at a time' },
  byRow: { code: 'memory-rung-rows', what: 'one prompt of a step at a time' },
  tiles: { code: 'memory-rung-tiles', what: 'the autoencoder in parts that overlap' },
  half: { code: 'memory-rung-half', what: 'in fp16' },
  recompute: { code: 'memory-rung-recompute', what: 'activations are computed again (recompute)' },
  batch: { code: 'memory-rung-batch', what: 'smaller micro-batches, more of them' },
  baseWeights: { code: 'memory-rung-nf4', what: "the model's weights in 4 bits (NF4)" },
}
