// A process of its own that reads the adapters named by its arguments, one after the other, and tells the code each ended with and the most memory it held.
import { readAdapter } from './read.ts'
import { fixtureBase } from './fixtures/load.ts'

const base = fixtureBase('sd1')
const codes: string[] = []
for (const path of process.argv.slice(2)) {
  const code = await readAdapter(path, base).then(
    () => 'read',
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
  )
  codes.push(code)
}
process.stdout.write(JSON.stringify({ codes, kilobytes: process.resourceUsage().maxRSS }))
