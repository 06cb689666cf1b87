// `node build/run.mjs build/bench/lock.ts [ROUNDS]`: eight processes want one data folder, a thousand times, the owner killed after each.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contend } from '../../main/stores/testing-lock.ts'

const rounds = Number(process.argv[2] ?? 1000)
const folder = mkdtempSync(join(tmpdir(), 'pigment-lock-'))
const counts = { none: 0, one: 0, several: 0, misled: 0 }
try {
  for await (const outcomes of contend(folder, 8, rounds)) {
    const owners = outcomes.filter(({ refused }) => !refused).map(({ pid }) => pid)
    counts[owners.length === 0 ? 'none' : owners.length === 1 ? 'one' : 'several']++
    counts.misled += outcomes.filter(
      ({ refused }) => refused && (refused.code !== 'already-running' || refused.process !== owners[0]),
    ).length
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(
  `${rounds} rounds of 8 processes: one owner in ${counts.one}, several in ${counts.several}, none in ${counts.none}; ${counts.misled} told of a wrong owner`,
)
process.exitCode = counts.one === rounds && counts.misled === 0 ? 0 : 1
