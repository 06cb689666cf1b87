// `run-case.ts CASE-AS-JSON`: one case by the engine in this process. Prints what it took as JSON, and leaves its first answer in a file.
import { writeFileSync } from 'node:fs'
import type { Case } from './cases.ts'
import { runCase } from './ours.ts'

const own = JSON.parse(process.argv[2] ?? '{}') as Case
const { answer, ...figures } = await runCase(own)
if (answer) writeFileSync(own.answer, new Uint8Array(answer.data.buffer, answer.data.byteOffset, answer.data.byteLength))
console.log(JSON.stringify(figures))
// Sessions may hold the process.
process.exit(0)
