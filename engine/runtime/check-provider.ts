// One provider's self-test in a process of its own: a broken driver may take its process down. `check-provider.ts PROVIDER`.
// Reports come as messages.
import { selfTest } from './self-test.ts'
import type { Provider } from './session.ts'

for await (const report of selfTest(process.argv[2] as Provider)) process.send?.(report)
process.disconnect()
