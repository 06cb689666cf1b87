// A training run survives whatever happens to its process and its disk: the same command ends with the same bytes.
import type { ChildProcess } from 'node:child_process'
import { watch } from 'node:fs'
import { mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { moduleShapes, writeAdapter } from '../../engine/adapter-formats/read.ts'
import { optimizerNames } from '../../engine/requests/training-names.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { optimizers } from '../../engine/training/optimizers/index.ts'
import { randomAdapter, workFolder, writeDataset, writeTinyModel } from '../operations/testing.ts'
import { trainingProblems } from '../studio/training-problems.ts'
import { pigment, pigmentHere, records, type Line } from './testing.ts'

const steps = 30
const folder = await workFolder()
const [tiny, set, lora, whole] = [folder.at('tiny'), folder.at('set'), folder.at('lora.safetensors'), folder.at('whole.safetensors')]
const here = { cwd: folder.at('.') }
let start: Line = { type: '' }

/** One command for every attempt: nothing says that it resumes. */
const train = (out: string, ...more: string[]): string[] =>
  `train --json --threads 2 --model ${tiny} --dataset ${set} --resolution 64 --rank 2 --batch 2 --lr 0.001 --members 2 --ema 0.9 --flip --steps ${steps} --checkpoint-every 1 --title style`
    .split(' ')
    .concat('--out', out, ...more)

beforeAll(async () => {
  await writeTinyModel(tiny, 'sd1')
  await writeDataset(set, ['moss', 'fern', 'reed'])
  const options = { modules: moduleShapes(await openCheckpoint(tiny)), precision: 'fp32' as const }
  await writeAdapter(await randomAdapter(tiny, 'style'), 'kohya', lora, options)
  const { code, out } = await pigment(train(whole), here)
  expect(code).toBe(0)
  start = records(out).find(({ type }) => type === 'start') ?? start
})
afterAll(folder.remove)

const sameAsWhole = async (path: string): Promise<boolean> => (await readFile(path)).equals(await readFile(whole))
const checkpoints = async (run: string): Promise<string[]> => (await readdir(run)).filter((name) => /^step-\d{8}$/.test(name)).toSorted()

/** Kills the process after so many steps of its own and a moment more. */
function afterSteps(count: number, milliseconds: number): (out: string, child: ChildProcess) => void {
  let set = false
  return (out, child) => {
    if (set || out.split('"type":"step"').length <= count) return
    set = true
    setTimeout(() => child.kill('SIGKILL'), milliseconds)
  }
}

test('killed at random moments, also while a checkpoint is written, and with torn files about', async () => {
  await mkdir(folder.at('killed'))
  const [out, run] = [folder.at('killed', 'a.safetensors'), folder.at('killed', 'a.run')]
  const moments: string[] = []
  const random = (below: number): number => Math.floor(Math.random() * below)

  // Before the first step, somewhere in the preparation.
  const early = await pigment(train(out), { ...here, onStart: (child) => setTimeout(() => child.kill('SIGKILL'), random(1500)) })
  moments.push(`early: ${early.signal}`)
  for (let round = 0; round < 3; round++) {
    const [count, milliseconds] = [1 + random(6), random(40)]
    const { signal } = await pigment(train(out), { ...here, onOutput: afterSteps(count, milliseconds) })
    moments.push(`after ${count} steps and ${milliseconds} ms: ${signal}`)
  }
  // As soon as a draft of a checkpoint appears.
  const killer = watchDrafts(run)
  const drafted = await pigment(train(out), { ...here, onStart: killer.start })
  killer.stop()
  moments.push(`in a checkpoint: ${drafted.signal}`)
  expect(drafted.signal).toBe('SIGKILL')

  // What a power cut leaves: the newest checkpoint cut short, and drafts of others.
  const kept = await checkpoints(run)
  expect(kept.length).toBeGreaterThanOrEqual(2)
  const newest = `${run}/${kept.at(-1)}`
  await truncate(`${newest}/state.safetensors`, (await stat(`${newest}/state.safetensors`)).size >> 1)
  await mkdir(`${run}/step-00000029.tmp`, { recursive: true })
  await writeFile(`${run}/step-00000029.tmp/state.safetensors`, 'half of')
  await mkdir(`${run}/step-00000001.del`, { recursive: true })

  const last = await pigment(train(out), here)
  const warning = records(last.out).find(({ type, code }) => type === 'warning' && code === 'checkpoint-damaged')
  expect(warning, moments.join('\n')).toMatchObject({ facts: { name: basename(newest), step: Number(kept.at(-2)?.slice(5)) } })
  expect(records(last.out).find(({ type }) => type === 'start')).toMatchObject({ step: Number(kept.at(-2)?.slice(5)) })
  expect(last.code).toBe(0)
  expect(await sameAsWhole(out), moments.join('\n')).toBe(true)
  // What is damaged is put aside, not deleted; everything else is tidied up.
  expect(await readdir(run)).toEqual(['quarantine'])
  expect(await readdir(folder.at('killed'))).toEqual(['a.run', 'a.safetensors'])
})

/** Those that keep state in files of their own beside the checkpoints. What the others keep goes on as `resumed.test.ts` says, kill or no kill. */
const paged = optimizerNames.filter((name) => optimizers.some((one) => one.name === name && 'pageKB' in one.options.shape))
test('there are optimizers with pages', () => expect(paged).not.toEqual([]))

/** Whether a moving average goes with it. */
function averages(optimizer: (typeof optimizerNames)[number]): boolean {
  const usual = optimizers.find(({ name }) => name === optimizer)?.usual
  return trainingProblems(trainRequest.parse({ dataset: set, ...usual, optimizer, ema: 0.9 })).length === 0
}

test.each(paged)('killed under %s, it goes on with what that optimizer keeps of each member', async (optimizer) => {
  await mkdir(folder.at(optimizer))
  const [straight, killed] = [folder.at(optimizer, 'straight.safetensors'), folder.at(optimizer, 'killed.safetensors')]
  const args = (out: string): string[] => {
    const all = train(out, '--optimizer', optimizer, '--steps', '20', '--threads', '1')
    return averages(optimizer) ? all : all.toSpliced(all.indexOf('--ema'), 2)
  }
  expect((await pigmentHere(args(straight))).code).toBe(0)
  expect((await pigment(args(killed), { ...here, onOutput: afterSteps(3, 0) })).signal).toBe('SIGKILL')
  const resumed = await pigmentHere(args(killed))
  expect(resumed.code).toBe(0)
  expect(records(resumed.out).find(({ type }) => type === 'start')?.step).toBeGreaterThanOrEqual(2)
  expect((await readFile(killed)).equals(await readFile(straight))).toBe(true)
})

/** Kills the process on the third draft that it makes. */
function watchDrafts(run: string): { start: (child: ChildProcess) => void; stop: () => void } {
  const seen = new Set<string>()
  let stop = (): void => undefined
  return {
    start(child) {
      const watcher = watch(run, (_event, name) => {
        if (name?.endsWith('.tmp') && name.startsWith('step-')) seen.add(name)
        if (seen.size >= 3) child.kill('SIGKILL')
      })
      stop = () => watcher.close()
    },
    stop: () => stop(),
  }
}

test('a disk that fills up while training keeps the last checkpoint, and the run goes on once there is room', async () => {
  await mkdir(folder.at('full'))
  const [out, run] = [folder.at('full', 'a.safetensors'), folder.at('full', 'a.run')]
  // θ, both moments and the average in fp32, with a header and a manifest: room for three checkpoints and a half.
  const one = 4 * 4 * Number(start.trainable) + 600
  const full = await pigment(train(out), { ...here, diskBytes: Math.round(3.5 * one) })
  expect(full.code).toBe(4)
  expect(records(full.out).at(-1)).toMatchObject({
    type: 'error',
    code: 'disk-full',
    message: expect.stringContaining('Free some space') as unknown,
  })
  expect((await readdir(run)).toSorted()).toEqual(['started.json', 'step-00000002', 'step-00000003'])
  const resumed = await pigment(train(out), here)
  expect(records(resumed.out).find(({ type }) => type === 'start')).toMatchObject({ step: 3 })
  expect(await sameAsWhole(out)).toBe(true)
  expect(await readdir(folder.at('full'))).toEqual(['a.safetensors'])
})

test.each([
  ['generate', 'old.png', ['--prompt', 'x', '--model', tiny, '--width', '32', '--height', '32', '--steps', '1']],
  ['export', 'old.safetensors', [lora, '--model', tiny, '--to', 'kohya']],
])('%s on a full disk leaves the old file and no other', async (command, name, args) => {
  const place = folder.at(`no-room-${command}`)
  await mkdir(place)
  await writeFile(`${place}/${name}`, 'precious')
  const ended = await pigment([command, '--json', ...args, '--out', `${place}/${name}`], { ...here, diskBytes: 100 })
  expect(ended.code).toBe(4)
  expect(records(ended.out).at(-1)).toMatchObject({ type: 'error', code: 'disk-full', facts: { system: 'ENOSPC' } })
  expect(await readdir(place)).toEqual([name])
  expect(await readFile(`${place}/${name}`, 'utf8')).toBe('precious')
})
