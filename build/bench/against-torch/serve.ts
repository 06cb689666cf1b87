// The engine's side of a case, stepped by lines on stdin as theirs.py is: `serve.ts CASE FOLDER ANSWER`.
import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { peakMemory } from '../bench.ts'
import { cases } from './cases.ts'
import { prepare } from './ours.ts'

const [name = '', folder = '', answerPath = ''] = process.argv.slice(2)
const own = cases[name]
if (!own) throw new Error(`There is no case "${name}".`)
const say = (facts: object): void => console.log(JSON.stringify(facts))
const cpu = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

const prepared = await prepare(own, folder, { threads: Number(process.env.PIGMENT_THREADS ?? 2) })
const answer = await prepared.step()
if (answer) writeFileSync(answerPath, new Uint8Array(answer.data.buffer, answer.data.byteOffset, answer.data.byteLength))
// The process began before its first line did.
say({ first: performance.now(), firstCpu: cpu() })
for await (const line of createInterface(process.stdin)) {
  if (line.trim() !== 'step') break
  const [wall, used] = [performance.now(), cpu()]
  await prepared.step()
  say({ wall: performance.now() - wall, cpu: cpu() - used })
}
say({ peak: peakMemory() })
process.exit(0)
