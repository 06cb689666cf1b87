// `npm run parity [-- DIR …]`: holds the engine against recorded cases of the reference programs; exit code 1 where a bar is missed.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compare } from './parity/compare.ts'
import { passes, type Measure } from './parity/measure.ts'
import { RecordedCase } from './parity/recorded-case.ts'

const committed = fileURLToPath(new URL('../engine/fixtures/reference/', import.meta.url))
const given = process.argv.slice(2)
const folders = given.length > 0 ? given : readdirSync(committed).map((name) => join(committed, name))
const threads = Number(process.env.PIGMENT_THREADS) || undefined

let [passed, failed] = [0, 0]
for (const folder of folders) {
  await using recorded = await RecordedCase.open(folder)
  for (const layout of Object.keys(recorded.layouts)) {
    console.log(`\n${recorded.name}, ${layout}`)
    for await (const measure of compare(recorded, layout, threads ? { threads } : {})) {
      console.log(line(measure))
      if (passes(measure)) passed++
      else failed++
    }
  }
}
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

function line(measure: Measure): string {
  const { check, what, error, bar } = measure
  return [
    check.padEnd(18),
    what.padEnd(96),
    error.toExponential(1).padStart(8),
    `≤ ${bar}`.padEnd(9),
    passes(measure) ? 'ok' : 'FAILED',
  ].join(' ')
}
