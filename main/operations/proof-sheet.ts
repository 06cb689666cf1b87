// The samples of a run as one sheet: a row for each step, a column for each prompt, which have the same seed and noise in every row.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../../engine/files/atomic.ts'
import { contactSheet } from '../../engine/images/contact-sheet.ts'
import { resizePicture } from '../../engine/images/model-range.ts'
import { readPicture, type Picture } from '../../engine/images/picture.ts'
import { writePng } from '../../engine/images/write-png.ts'
import { isOfAnother, type SamplePlan } from './training-samples.ts'

/** More rows are thinned out between the first and the last; larger pictures are made smaller. */
const mostRows = 24
const largest = 256

const sampleName = /^(\d{7})-(\d+)\.png$/

/** Writes `<stem>.proof.png` and `.proof.json`, of what lies in the folder of the samples; nothing where there is none. */
export async function writeProofSheet(stem: string, { folder, prompts, seed }: Pick<SamplePlan, 'folder' | 'prompts' | 'seed'>) {
  const files = new Map<number, Map<number, string>>()
  for (const name of await readdir(folder).catch(() => [])) {
    const [, step, prompt] = sampleName.exec(name) ?? []
    const asked = prompts[Number(prompt)]
    if (step === undefined || asked === undefined) continue
    if (await isOfAnother(join(folder, name), { prompt: asked, seed: seed + Number(prompt) }).catch(() => false)) continue
    files.set(Number(step), (files.get(Number(step)) ?? new Map<number, string>()).set(Number(prompt), name))
  }
  if (files.size === 0) return
  const steps = thinned([...files.keys()].toSorted((a, b) => a - b))
  const nameOf = (step: number, prompt: number): string | undefined => files.get(step)?.get(prompt)
  const cells = await Promise.all(
    steps.map((step) => Promise.all(prompts.map(async (_, i) => (nameOf(step, i) ? small(await readPicture(join(folder, nameOf(step, i) ?? ''))) : undefined)))), // prettier-ignore
  )
  const rows = steps.map((step) => (step === 0 ? 'before' : `step ${step}`))
  await writePng(`${stem}.proof.png`, await contactSheet(cells, { rows, columns: prompts }))
  const record = {
    prompts: prompts.map((prompt, i) => ({ prompt, seed: seed + i })),
    rows: steps.map((step) => ({ step, files: prompts.map((_, i) => nameOf(step, i) ?? null) })),
  }
  await writeFileAtomic(`${stem}.proof.json`, new TextEncoder().encode(`${JSON.stringify(record, null, 2)}\n`))
}

function thinned(steps: readonly number[]): number[] {
  const count = Math.min(mostRows, steps.length)
  return Array.from({ length: count }, (_, i) => steps[Math.round((i * (steps.length - 1)) / Math.max(1, count - 1))] ?? 0)
}

async function small(picture: Picture): Promise<Picture> {
  const share = largest / Math.max(picture.width, picture.height)
  if (share >= 1) return picture
  return resizePicture(picture, { width: Math.round(picture.width * share), height: Math.round(picture.height * share) })
}
