// A run whose state lies in 8 bits and in pages of a file that is scratch: killed at any moments, it ends with the bytes of the one that was not.
import type { ChildProcess } from 'node:child_process'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { workFolder, writeDataset, writeTinyModel } from '../operations/testing.ts'
import { pigment, pigmentHere, records } from './testing.ts'

const folder = await workFolder()
const here = { cwd: folder.at('.') }
const options = ['budgetMB=0.0625', 'pageKB=4', 'min8bitSize=256']
const train = (out: string): string[] =>
  `train --json --threads 1 --model ${folder.at('tiny')} --dataset ${folder.at('set')} --resolution 64 --rank 64 --batch 1 --lr 0.001 --members 2 --ema 0.9 --steps 40 --checkpoint-every 1 --title style --optimizer paged-adamw-8bit --optimizer-option`
    .split(' ')
    .concat(options, '--out', out)

let whole: Buffer = Buffer.of()
beforeAll(async () => {
  await writeTinyModel(folder.at('tiny'), 'sd1')
  await writeDataset(folder.at('set'), ['moss', 'fern', 'reed'])
  const { code, out } = await pigmentHere(train(folder.at('whole.safetensors')))
  expect(code).toBe(0)
  const step = records(out).findLast(({ type }) => type === 'step') as unknown as { others: Record<string, number> }
  // It does not fit: pages come and go.
  expect(Math.min(step.others.pagesRead ?? 0, step.others.pagesWritten ?? 0)).toBeGreaterThan(2)
  whole = await readFile(folder.at('whole.safetensors'))
})
afterAll(folder.remove)

/** Kills the process a moment after its first step of its own. */
function soon(milliseconds: number): (out: string, child: ChildProcess) => void {
  let set = false
  return (out, child) => {
    if (set || !out.includes('"type":"step"')) return
    set = true
    setTimeout(() => child.kill('SIGKILL'), milliseconds)
  }
}

test.each([1, 8])('killed %i times', async (kills) => {
  await mkdir(folder.at(`killed-${kills}`))
  const out = folder.at(`killed-${kills}`, 'a.safetensors')
  const moments: string[] = []
  for (let n = 0; n < kills; n++) {
    const milliseconds = Math.floor(Math.random() * 60)
    const { signal, code } = await pigment(train(out), { ...here, onOutput: soon(milliseconds) })
    moments.push(`${milliseconds} ms: ${signal ?? code}`)
  }
  expect(moments.some((one) => one.includes('SIGKILL'))).toBe(true)
  const last = await pigmentHere(train(out))
  expect(last.code, moments.join('\n')).toBe(0)
  expect((await readFile(out)).equals(whole), moments.join('\n')).toBe(true)
  // The file of pages went with each process.
  expect(await readdir(folder.at(`killed-${kills}`))).toEqual(['a.safetensors'])
})
