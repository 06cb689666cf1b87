// The thread of one session: opens it, then answers run after run until it is let go.
import { parentPort, workerData } from 'node:worker_threads'
import { errorRecord } from '../requests/error.ts'
import { keepOptimizedModels } from './optimized-session.ts'
import type { Answer, Ask, ThreadTask } from './session-thread.ts'
import { Session } from './session.ts'

const { source, options, optimized } = workerData as ThreadTask
const answer = (what: Answer): void => parentPort?.postMessage(what)

keepOptimizedModels(optimized)
try {
  const session = await Session.open(source, options)
  parentPort?.on('message', (ask: Ask) => void serve(session, ask))
  answer({ outputs: {} })
} catch (error) {
  answer({ error: errorRecord(error) })
}

async function serve(session: Session, ask: Ask): Promise<void> {
  if (ask === 'dispose') {
    await session[Symbol.asyncDispose]()
    // Nothing holds the thread any more: it ends by itself.
    parentPort?.close()
    return
  }
  try {
    const outputs = await session.run(ask.feeds, ask.into)
    answer({ outputs: Object.fromEntries(Object.entries(outputs).filter(([name]) => !ask.into[name])) })
  } catch (error) {
    answer({ error: errorRecord(error) })
  }
}
