// One provider's self-test in a process of its own: a broken driver may take its process down. `check-provider.ts PROVIDER`, report by message.
import { checkProvider } from './self-test.ts'
import type { Provider } from './session.ts'

process.send?.(await checkProvider(process.argv[2] as Provider))
process.disconnect()
