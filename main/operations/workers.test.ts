import { expect, test } from 'vitest'
import { WorkerProcess } from '../processes/worker-process.ts'
import { serveCalls } from '../processes/serve-calls.ts'
import { toolOperations, type ToolOperations } from './tools/index.ts'

/** The tools in this process, with messages copied as between processes. */
function toolsHere(): WorkerProcess<ToolOperations> {
  return new WorkerProcess<ToolOperations>('tools', () => {
    let [toWorker, toOwner] = [(_message: unknown): void => undefined, (_message: unknown): void => undefined]
    const copy = (to: (message: unknown) => void) => (message: unknown) => {
      const copied: unknown = structuredClone(message)
      queueMicrotask(() => to(copied))
    }
    serveCalls({ onMessage: (listener) => (toWorker = listener), send: copy((message) => toOwner(message)) }, toolOperations)
    return {
      pid: undefined,
      send: copy((message) => toWorker(message)),
      onMessage: (listener) => (toOwner = listener),
      onExit: () => undefined,
      kill: () => undefined,
    }
  })
}

test('a call has the types of its operation from the caller and back; what is none does not compile', async () => {
  const tools = toolsHere()
  const edited: string[] = await tools.call('editCaptions', { captions: ['a', 'b'], edit: { kind: 'set', caption: 'c' } })
  expect(edited).toEqual(['c', 'c'])
  let last = 0
  const [measured] = await tools.call('measure', { paths: [import.meta.filename] }, { onEvent: ({ done }) => (last = done) })
  expect([last, measured && 'error' in measured]).toEqual([1, true])
  // @ts-expect-error: there is no such operation.
  await expect(tools.call('sing', {})).rejects.toMatchObject({ message: 'This process has no task "sing".' })
  // @ts-expect-error: it takes paths.
  await expect(tools.call('measure', { path: 'a' })).rejects.toMatchObject({ code: 'unexpected' })
  // @ts-expect-error: it gives captions.
  const _numbers: Promise<number[]> = tools.call('editCaptions', { captions: [], edit: { kind: 'set', caption: '' } })
  // @ts-expect-error: it tells what is done.
  await tools.call('measure', { paths: [] }, { onEvent: ({ pictures }) => void pictures })
})
