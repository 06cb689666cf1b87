// Image to image against diffusers' pipelines: the steps that are taken and the state that they begin with, on the encoded picture.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodePng } from '../../engine/images/write-png.ts'
import { fromModelRange } from '../../engine/images/model-range.ts'
import { generate, type Generated } from '../../engine/generate.ts'
import { generateRequest } from '../../engine/requests/generate.ts'
import { distance, type Measure, type Setting } from './measure.ts'
import type { Img2imgCheck } from './recorded-case.ts'

export async function img2img({ recorded, model }: Setting, check: Img2imgCheck): Promise<Measure[]> {
  const { prompt, negative, width, height, steps, sampler, guidance: cfg, strength: denoisingStrength } = check
  const { data } = await recorded.input(check, 'picture')
  const folder = await mkdtemp(join(tmpdir(), 'pigment-img2img-'))
  try {
    const initImage = join(folder, 'picture.png')
    const picture = fromModelRange(
      data.map((value) => value * 2 - 1),
      { width, height },
    )
    await writeFile(initImage, await encodePng(picture))
    const conditions = { initImage, denoisingStrength, strengthSteps: 'diffusers' }
    const request = generateRequest.parse({ prompt, negative, width, height, steps, sampler, cfg, conditions })
    const { latents, pixels } = await last(generate(model, request, { noise: await recorded.input(check, 'noise') }))
    return [
      { check: check.name, what: 'final latents', error: distance(latents, await recorded.output(check, 'final')), bar: check.tolerance },
      { check: check.name, what: 'image', error: distance(pixels, await recorded.output(check, 'image')), bar: check.tolerance },
    ]
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function last(events: ReturnType<typeof generate>): Promise<Generated> {
  for (;;) {
    const { done, value } = await events.next()
    if (done) return value
    if (value.type === 'warning') throw new Error(value.message)
  }
}
