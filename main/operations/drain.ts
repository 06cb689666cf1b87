import type { EmittedRecord } from '../api/command.ts'

/** Takes a training or a drawing to its end: every event goes to `emit`, the result comes back. */
export async function drain<Event extends EmittedRecord, Result>(
  events: AsyncGenerator<Event, Result>,
  emit: (event: Event) => void,
): Promise<Result> {
  let turn = await events.next()
  while (!turn.done) {
    emit(turn.value)
    turn = await events.next()
  }
  return turn.value
}
