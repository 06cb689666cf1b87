// Commands whose operations the terminal does in its own process: no studio is opened, and none is asked.
import { fileURLToPath } from 'node:url'
import type { z } from 'zod'
import { PigmentError } from '../../engine/requests/error.ts'
import type { EngineOperations } from '../operations/engine/index.ts'
import { dataFolder } from '../places/places.ts'
import type { ToolOperations } from '../operations/tools/index.ts'
import { callsHere, type Caller } from '../processes/caller.ts'
import { forkWorkers } from '../processes/fork-worker.ts'
import { WorkerProcess } from '../processes/worker-process.ts'
import { optimizedPlaceIn } from '../stores/optimized-place.ts'
import type { EngineCommand, ToolsCommand } from '../studio/command.ts'
import type { TerminalCommand, TerminalContext } from './terminal-command.ts'

// Loaded when they are needed, so that a broken library cannot take the help with it.
const tools = callsHere<ToolOperations>(async () => (await import('../operations/tools/index.ts')).toolOperations)
const engine = callsHere<EngineOperations>(async () => (await import('../operations/engine/index.ts')).engineOperations)

/** In worker processes, of which none is left afterwards. */
async function apart<Output>(run: (engine: Caller<EngineOperations>) => Promise<Output>): Promise<Output> {
  const process = new WorkerProcess<EngineOperations>('engine', forkWorkers(fileURLToPath(new URL('../worker.ts', import.meta.url))))
  try {
    return await run(process)
  } finally {
    process.stop()
  }
}

interface Asking extends Pick<TerminalContext, 'device' | 'emit'> {
  readonly address?: string | undefined
  readonly store?: string | undefined
}

/** On whichever machine takes it from the queue. */
async function byWorkers<Output>(
  { address = '', store, device, emit }: Asking,
  run: (engine: Caller<EngineOperations>) => Promise<Output>,
): Promise<Output> {
  const { openRemote } = await import('../remote/open-remote.ts')
  if (device !== 'auto')
    throw new PigmentError('usage', '--device is the choice of each worker: give it to `pigment worker`, not beside --queue.', {
      option: '--device',
    })
  const remote = await openRemote({
    ...{ address, store, here: engine },
    onPlace: ({ state, worker }) =>
      emit({ type: 'note', message: worker ? `Taken by ${worker}.` : state === 'queued' ? 'Waits for a worker.' : `Is ${state}.` }),
  })
  try {
    return await run(remote)
  } finally {
    await remote.close()
  }
}

export function doneHere<Input extends z.ZodObject, Output>(
  command: ToolsCommand<Input, Output> | EngineCommand<Input, Output>,
): Pick<TerminalCommand<Input, Output>, 'input' | 'positional' | 'fill' | 'run'> {
  const { input, positional, fill } = command
  return {
    input,
    ...(positional === undefined ? {} : { positional }),
    ...(fill ? { fill } : {}),
    async run({ device, threads, queue = {}, emit }, given, signal) {
      const watching = { signal, onEvent: emit }
      if (command.runs === 'tools') return command.run(tools, given, watching)
      const elsewhere = { ...given, device, threads }
      if (queue.address !== undefined) return byWorkers({ ...queue, device, emit }, (workers) => command.run(workers, elsewhere, watching))
      const asked = { ...elsewhere, optimized: await optimizedPlaceIn(dataFolder()) }
      return command.apart ? apart((process) => command.run(process, asked, watching)) : command.run(engine, asked, watching)
    },
  }
}
