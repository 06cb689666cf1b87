// The other end: a worker process answers calls, several at a time.
import { errorRecord } from '../../engine/requests/error.ts'
import type { Request, Response } from './channel.ts'
import type { OperationContext, Operations } from './operation.ts'

interface Line {
  onMessage(listener: (message: unknown) => void): void
  send(message: Response | { readonly type: 'ready' }): void
}

export function serveCalls(line: Line, operations: Operations): void {
  const running = new Map<number, { controller: AbortController; notify: (what: string) => void }>()
  line.onMessage((message) => {
    const request = message as Request
    if (request.type === 'abort') return running.get(request.call)?.controller.abort()
    if (request.type === 'notify') return running.get(request.call)?.notify(request.what)
    const { call, name, input } = request
    const controller = new AbortController()
    let listener: (what: string) => void = () => undefined
    running.set(call, { controller, notify: (what) => listener(what) })
    const context: OperationContext<unknown> = {
      signal: controller.signal,
      emit: (event) => line.send({ type: 'event', call, event }),
      onNotify: (given) => (listener = given),
    }
    const answer = async (): Promise<unknown> => {
      const operation = Object.hasOwn(operations, name) ? operations[name] : undefined
      if (!operation) throw new Error(`This process has no task "${name}".`)
      // Who asks is held to the types of the operation (`WorkerProcess`); between the two there are only messages.
      return operation(input as never, context)
    }
    void answer()
      .then(
        (value) => line.send({ type: 'value', call, value: value ?? null }),
        (error: unknown) => line.send({ type: 'error', call, error: errorRecord(error) }),
      )
      .finally(() => running.delete(call))
  })
  line.send({ type: 'ready' })
}
