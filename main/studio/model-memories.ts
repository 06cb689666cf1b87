// What each model takes on this machine: the forecast builds a graph, which is done once for all models of one family and size.
import { availableParallelism } from 'node:os'
import type { Family } from '../../engine/checkpoint/config.ts'
import { memoryRoom } from '../../engine/runtime/memory-room.ts'
import type { ModelMemories } from '../api/methods/found.ts'
import type { Parts } from './parts.ts'

interface Facts {
  readonly family: string
  readonly side?: number | undefined
  readonly parameters?: number | undefined
}
const sizeOf = ({ family, side, parameters }: Facts): string => `${family} ${side} ${parameters}`

type Memory = ModelMemories['of'][string]
const known = new Map<string, Memory>()

/** What a published model of a family takes; undefined where it cannot be told. */
export async function publishedMemory(tools: Parts['tools'], family: Family): Promise<Memory | undefined> {
  const name = `published ${family}`
  const memory = known.get(name) ?? (await tools.call('modelMemory', { family, threads: availableParallelism() }).catch(() => undefined))
  if (memory) known.set(name, memory)
  return memory
}

export async function modelMemories({ found, models, tools }: Pick<Parts, 'found' | 'models' | 'tools'>): Promise<ModelMemories> {
  const listed = (await models.list()).filter(({ error }) => !error)
  const all = [...listed.map((card) => ({ id: card.id, path: card.path, facts: card as Facts })), ...found.checkpoints()]
  const of: Record<string, Memory> = {}
  for (const { id, path, facts } of all) {
    const size = sizeOf(facts)
    // One that is away since, or broken, is told as such elsewhere; another of its size may be there.
    const memory = known.get(size) ?? (await tools.call('modelMemory', { path, threads: availableParallelism() }).catch(() => undefined))
    if (!memory) continue
    known.set(size, memory)
    of[id] = memory
  }
  return { total: memoryRoom().total, of }
}
