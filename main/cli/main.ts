// The command line: `npm run -s pigment -- <command> …`.
import '../../engine/files/threads.ts'
import { readFileSync } from 'node:fs'
import { cudaEnvironment } from '../places/cuda-environment.ts'
import { dataFolder } from '../places/places.ts'
import { commands } from './commands.ts'
import { interruption } from './interruption.ts'
import { runCli } from './run.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }

// npm runs scripts in the folder of the package; paths are meant from where the person stands.
const { npm_lifecycle_event: script, INIT_CWD: here } = process.env
if (script === 'pigment' && here) process.chdir(here)

// A terminal computes in its own process, which finds CUDA's libraries as workers do.
Object.assign(process.env, { ...cudaEnvironment(dataFolder()), ...process.env })

// The reader of a pipe may have had enough (`… | head`): then there is nobody left to tell anything.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })

process.exitCode = await runCli(process.argv.slice(2), {
  commands,
  version,
  signal: interruption(),
  terminal: {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    isTerminal: process.stderr.isTTY === true,
    get columns() {
      return process.stderr.columns || 80
    },
  },
})
