// What the `devices` process does: the self-test of one device. Its driver may take the process down.
import { selfTest } from '../../engine/runtime/self-test.ts'
import type { Provider } from '../../engine/runtime/session.ts'
import type { CallContext } from './serve-calls.ts'

export const deviceHandlers = {
  async test(provider: Provider, { emit }: CallContext): Promise<void> {
    for await (const report of selfTest(provider)) emit(report)
  },
}
