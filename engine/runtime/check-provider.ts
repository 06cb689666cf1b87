// One provider's self-test in a process of its own: a broken driver may take its process down. `check-provider.ts PROVIDER`.
// Reports come as messages: whether it computes correctly, and then, with its speed, the last one.
import { checkProvider, speedupOf } from './self-test.ts'
import type { Provider } from './session.ts'

const provider = process.argv[2] as Provider
const report = await checkProvider(provider)
process.send?.(report)
if (report.passed) process.send?.({ ...report, speedup: await speedupOf(provider) })
process.disconnect()
