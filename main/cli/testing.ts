// The command line as a process of its own, as a person or a script meets it; and in this process, where a second or two of starting shows nothing.
import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { commands } from './commands.ts'
import { runCli } from './run.ts'

const entry = fileURLToPath(new URL('main.ts', import.meta.url))
const fullDisk = new URL('testing-full-disk.ts', import.meta.url).href

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly err: string
}

export interface Surroundings {
  /** The folder where the person stands. */
  readonly cwd: string
  /** Bytes that the disk takes before it is full. */
  readonly diskBytes?: number
  /** Sees all of stdout whenever some comes. */
  readonly onOutput?: (out: string, child: ChildProcess) => void
  readonly onStart?: (child: ChildProcess) => void
}

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
const surroundings = { SOURCE_DATE_EPOCH: '1000', npm_lifecycle_event: 'test' }
const onCpu = (args: readonly string[]): readonly string[] => (args.includes('--device') ? args : [...args, '--device', 'cpu'])

/** The same in this process: its paths are absolute. */
export async function pigmentHere(args: readonly string[]): Promise<Ended> {
  let [out, err] = ['', '']
  const terminal = { out: (text: string) => (out += text), err: (text: string) => (err += text), isTerminal: false, columns: 80 }
  Object.assign(process.env, surroundings)
  const code = await runCli(onCpu(args), { commands, version, terminal, signal: new AbortController().signal })
  return { code, signal: null, out, err }
}

/** Runs one command line to its end, on the CPU unless it names a device. */
export function pigment(args: readonly string[], { cwd, diskBytes, onOutput, onStart }: Surroundings): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...surroundings, PIGMENT_DISK_BYTES: String(diskBytes ?? '') }
    const preload = diskBytes === undefined ? [] : ['--import', fullDisk]
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...preload, entry, ...onCpu(args)], { cwd, env })
    onStart?.(child)
    let [out, err] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk
      onOutput?.(out, child)
    })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk))
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, out, err }))
  })
}

export interface Line {
  readonly type: string
  readonly [field: string]: unknown
}

/** Every whole line of stdout as a record; throws where one is none. A killed process may leave its last line unfinished. */
export function records(out: string): Line[] {
  return out
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line)
}
