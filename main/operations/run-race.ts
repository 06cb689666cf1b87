// A race from start to end: each entrant in turn in a fresh process, then the table. What is finished is kept, so that a race that was stopped goes on.
import { errorRecord } from '../../engine/requests/error.ts'
import type { RaceAbsence, RaceGround, RaceResult, RaceRow } from '../../engine/requests/race.ts'
import { randomStream } from '../../engine/tensor/philox.ts'
import type { Caller } from '../processes/caller.ts'
import type { OperationEvent } from '../processes/operation.ts'
import type { EngineOperations } from './engine/index.ts'
import { taking, type Entrant } from './race/entrants.ts'
import type { RaceGiven, RaceTask } from './race/task.ts'

type Event = OperationEvent<EngineOperations['raceEntrant']>
export interface RaceWatching {
  readonly signal: AbortSignal
  /** `index` of `count` entrants, the model alone being the first. */
  readonly onEvent: (event: Event, at: { readonly index: number; readonly count: number; readonly title: string }) => void
}

/** A stop, or a mistake that every entrant would meet: the race ends with it. */
const ends = /^(cancelled|dataset-|file-|folder-|not-writable|disk-full|model-|checkpoint-|worker-silent)/

/** Throws what ends a race; an entrant that fails by itself is absent, with its reason. */
export async function runRace(given: RaceGiven, engine: Caller<EngineOperations>, { signal, onEvent }: RaceWatching) {
  const { in: all, absent: left } = taking(given.methods)
  const racing: (Entrant | undefined)[] = [undefined, ...all]
  const letters = lettersOf(racing.length, given.seed)
  const rows: RaceRow[] = []
  let ground: RaceGround = { prompts: [], measured: { pictures: 0, seen: true } }
  const absent: RaceAbsence[] = [...left]
  for (const [index, entrant] of racing.entries()) {
    engine.renew?.()
    const task: RaceTask = { race: given, letter: letters[index] ?? '', ...(entrant ? { entrant } : {}) }
    const at = { index, count: racing.length, title: entrant?.title ?? 'The model alone' }
    try {
      const done = await engine.call('raceEntrant', task, { signal, onEvent: (event) => onEvent(event, at) })
      rows.push(done.row)
      ground = done.ground
    } catch (error) {
      const {
        code,
        message,
        facts: { stack: _stack, ...facts },
      } = errorRecord(error)
      if (signal.aborted || ends.test(code) || !entrant) throw error
      absent.push({ name: entrant.name, title: entrant.title, code, reason: message, facts })
    }
  }
  engine.renew?.()
  const { equal, seed, out } = given
  const result: RaceResult = { equal, seed, ...ground, rows, absent }
  return { result, files: await engine.call('raceSheet', { out, result }, { signal }) }
}

/** A, B, C …, dealt out by the seed. */
function lettersOf(count: number, seed: number): string[] {
  const drawn = randomStream(seed, 'race-letters', 0).normal(count)
  const order = Array.from({ length: count }, (_, i) => i).toSorted((a, b) => (drawn[a] ?? 0) - (drawn[b] ?? 0))
  const letters: string[] = []
  for (const [place, index] of order.entries()) letters[index] = place < 26 ? String.fromCharCode(65 + place) : `Z${place - 25}`
  return letters
}
