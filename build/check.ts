// `npm run check`: what can be said about the source without running it. Each check gives sentences; none means that it passes.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { bars, fileSizes, sizeProblems, sourceSizes } from './file-sizes.ts'
import { familyNamesTold } from './family-names.ts'
import { namedPathProblems } from './named-paths.ts'
import { roomProblems } from './rooms.ts'
import { staleIndexes } from './write-indexes.ts'

interface Check {
  readonly name: string
  readonly problems: () => Promise<readonly string[] | Measured>
}

/** What a check counted, beside what it finds too much. */
interface Measured {
  readonly figures: string
  readonly problems: readonly string[]
}

const root = join(import.meta.dirname, '..')

/** By content, so that another branch or a fresh checkout of the same text counts as known. */
const formatCache = ['--cache', '--cache-strategy', 'content', '--cache-location', 'node_modules/.cache/prettier/all']

const checks: readonly Check[] = [
  { name: 'types', problems: () => tool('typescript-native/bin/tsc', '-p', '.', '--pretty', 'false') },
  {
    name: 'types of the renderer',
    problems: async () => {
      const found = await tool('svelte-check/bin/svelte-check', '--tsconfig', 'renderer/tsconfig.json', '--output', 'machine')
      return found.map((line) => line.replace(/^\d+ /, '')).filter((line) => !/^(START|COMPLETED) /.test(line))
    },
  },
  { name: 'lint', problems: () => tool('oxlint/bin/oxlint', '--type-aware', '--deny-warnings', '--format', 'unix') },
  {
    name: 'formatting',
    problems: async () => {
      const found = await tool('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', ...formatCache, '.')
      return found.map((line) => line.replace(/^\[\w+\] /, '')).filter((line) => !/^Code style issues/.test(line))
    },
  },
  {
    name: 'rooms',
    problems: async () => {
      const { circles, problems } = await roomProblems()
      return { figures: `${circles} circles`, problems }
    },
  },
  {
    name: 'lengths of files',
    problems: async () => {
      const files = sourceSizes()
      const { count, median, ninth, longest } = fileSizes(files)
      const figures = `median ${median} lines (≤ ${bars.median}), nine of ten ≤ ${ninth} (${bars.ninth}), longest ${longest} (${bars.longest}), of ${count} files`
      return { figures, problems: sizeProblems(files) }
    },
  },
  {
    name: 'families known by name outside engine/models/families/',
    problems: () => {
      const found = familyNamesTold()
      const problems = found.map((place) => `${place} (ask the family instead: engine/models/family.ts)`)
      return Promise.resolve({ figures: String(found.length), problems })
    },
  },
  { name: 'paths in documents and comments', problems: () => Promise.resolve(namedPathProblems()) },
  { name: 'unused code', problems: () => tool('knip/bin/knip.js', '--no-progress') },
  {
    name: 'indexes',
    problems: async () => (await staleIndexes()).map((path) => `${path} is not what its folder holds. Run npm run indexes.`),
  },
]

/** Lines that a tool printed, if it failed. */
function tool(path: string, ...args: string[]): Promise<readonly string[]> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [join(root, 'node_modules', path), ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part: string) => (text += part))
    child.on('error', fail)
    child.on('close', (code) =>
      done(code === 0 ? [] : [...text.split('\n').filter((line) => line.trim() !== ''), `${path} ended with ${code}.`]),
    )
  })
}

/** Most of them are processes of one thread. */
const together = 2

/** Runs every check, prints what it finds, and counts. */
export async function runChecks(): Promise<{ readonly passed: number; readonly failed: number }> {
  let [passed, failed] = [0, 0]
  const waiting = checks.map((check) => ({ ...check, done: Promise.withResolvers<readonly string[] | Measured>() }))
  const next = waiting.values()
  // Whoever is free takes the next; what they find is printed in the order of the list.
  const lane = async (): Promise<void> => {
    for (const { problems, done } of next) await problems().then(done.resolve, done.reject)
  }
  for (let i = 0; i < together; i++) void lane()
  for (const { name, done } of waiting) {
    const told = await done.promise
    const { figures, problems: found } = 'problems' in told ? told : { figures: '', problems: told }
    if (found.length === 0) passed++
    else failed++
    console.log(`${found.length === 0 ? '✓' : '✗'} ${name}${figures && `: ${figures}`}`)
    for (const problem of found) console.log(`    ${problem}`)
  }
  return { passed, failed }
}

if (process.argv[1] === import.meta.filename) {
  const { passed, failed } = await runChecks()
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed > 0 ? 1 : 0
}
