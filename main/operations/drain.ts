import type { EmittedRecord } from '../api/command.ts'

/** Runs a verb to its end: every event goes to `emit`, the result comes back. */
export async function drain<Event extends EmittedRecord, Result>(
  verb: AsyncGenerator<Event, Result>,
  emit: (event: Event) => void,
): Promise<Result> {
  let turn = await verb.next()
  while (!turn.done) {
    emit(turn.value)
    turn = await verb.next()
  }
  return turn.value
}
