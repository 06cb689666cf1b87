// What lanes are worth (engine/training/lanes.ts): the demo's training step with one session for all members, and with one for each, in turn.
import { join } from 'node:path'
import type { Bench } from './bench.ts'
import { embedded, training, type TrainingCase } from './embedded.ts'

const step = { batch: 8, steps: 60, layers: 'all' } as const
// One member on two threads is half of what two members would take in turn by one session.
const cases: Readonly<Record<string, TrainingCase>> = {
  'one member of rank 16, one thread': { ...step, rank: 16, threads: 1 },
  'one member of rank 16, two threads': { ...step, rank: 16, threads: 2 },
  'two members of rank 16 in turn, one thread': { ...step, rank: 32, members: 2, threads: 1 },
  'two members of rank 16 side by side, a thread each': { ...step, rank: 32, members: 2, threads: 2 },
}
const turns = [1, 2].flatMap((turn) => Object.entries(cases).map(([name, one]) => [`${name}, turn ${turn}`, one] as const))

export const members: Bench = {
  title: 'LoRA step of the embedded model, all layers, batch 8, members in turn and side by side',
  ...(embedded.missing ? { missing: embedded.missing } : {}),
  cases: Object.fromEntries(turns.map(([name, one]) => [name, (folder) => training(join(folder, name), one)])),
}
