import { readFileSync } from 'node:fs'
import { beforeEach, expect, test } from 'vitest'
import { knownOps } from '../../engine/graph/op.ts'
import { swiftShaderMissing } from '../../engine/runtime/testing-swiftshader.ts'
import '../../engine/ops/index.ts'
import { documentPath, outcomes, rowOf } from './table.ts'

const rows = readFileSync(documentPath, 'utf8')
  .split('\n')
  .flatMap((line) => (/^\| [A-Z]/.test(line) ? [line.replaceAll(/\s+/g, ' ').trim()] : []))
const missing = swiftShaderMissing()
beforeEach(({ skip, task }) => void (task.name.startsWith('what') && missing && skip(missing)))

test('the table has a row for every operator', () => {
  expect(rows.map((row) => row.split(' ')[1])).toEqual(knownOps().map(({ name }) => name))
})

test('what it says is so: of an operator that the device has, of one that it leaves to the CPU, and of one that ends the process over nothing', async () => {
  const names = ['Concat', 'Abs', 'Flatten']
  const found = await outcomes(names)
  for (const name of names) expect(rows).toContain(rowOf(name, found))
  expect(rowOf('Flatten', found)).toContain('ends the process')
})
