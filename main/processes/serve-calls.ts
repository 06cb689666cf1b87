// The other end: a worker process answers calls, several at a time.
import { errorRecord } from '../../engine/requests/error.ts'
import type { Request, Response } from './channel.ts'

export interface CallContext {
  readonly signal: AbortSignal
  readonly emit: (event: unknown) => void
  /** Hears what the owner says meanwhile, e.g. `sample`. */
  onNotify(listener: (what: string) => void): void
}
export type CallHandlers = Readonly<Record<string, (input: never, context: CallContext) => Promise<unknown>>>

interface Line {
  onMessage(listener: (message: unknown) => void): void
  send(message: Response | { readonly type: 'ready' }): void
}

export function serveCalls(line: Line, handlers: CallHandlers): void {
  const running = new Map<number, { controller: AbortController; notify: (what: string) => void }>()
  line.onMessage((message) => {
    const request = message as Request
    if (request.type === 'abort') return running.get(request.call)?.controller.abort()
    if (request.type === 'notify') return running.get(request.call)?.notify(request.what)
    const { call, name, input } = request
    const controller = new AbortController()
    let listener: (what: string) => void = () => undefined
    running.set(call, { controller, notify: (what) => listener(what) })
    const context: CallContext = {
      signal: controller.signal,
      emit: (event) => line.send({ type: 'event', call, event }),
      onNotify: (given) => (listener = given),
    }
    const answer = async (): Promise<unknown> => {
      const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined
      if (!handler) throw new Error(`This process has no task "${name}".`)
      return handler(input as never, context)
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
