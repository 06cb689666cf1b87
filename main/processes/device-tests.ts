// What the `devices` process does: the self-test of one device. Its driver may take the process down.
import type { ProviderReport } from '../../engine/runtime/providers.ts'
import { selfTest } from '../../engine/runtime/self-test.ts'
import type { Provider } from '../../engine/runtime/session.ts'
import type { OperationContext } from './operation.ts'

export const deviceOperations = {
  async test(provider: Provider, { emit }: OperationContext<ProviderReport>): Promise<void> {
    for await (const report of selfTest(provider)) emit(report)
  },
}
