// The same concepts and seeds for every stack, called by the words of a style.
import sharp from 'sharp'
import type { Adapter } from '../../../engine/adapters/adapter.ts'
import { generateTogether } from '../../../engine/generate.ts'
import { generateRequest } from '../../../engine/requests/generate.ts'
import type { Model } from '../../../engine/sessions/open-model.ts'
import { promptOf, scoredConcepts } from '../../../main/operations/demo-styles.ts'
import { drain } from '../../../main/operations/drain.ts'
import { settings, stackedSettings } from '../draw.ts'

/** Side of the pictures that the measures take. */
const side = 64
const together = 8
/** The demo's, but for the number of steps. */
const steps = 12
const seed = 101
export const concepts = scoredConcepts.slice(0, 16)

/** RGB, 64 × 64, one a concept; larger pictures are made smaller. `embedded`: as the demo draws, else with the usual settings. */
export async function calledPictures(
  model: Model,
  call: string,
  on: readonly Adapter[],
  embedded: boolean,
): Promise<readonly Uint8Array[]> {
  const stack = on.map((adapter) => ({ adapter, weight: 1, enabled: true }))
  const request = generateRequest.parse({ prompt: '', ...(embedded ? { ...(on.length > 0 ? stackedSettings : settings), steps } : {}) })
  const pictures = concepts.map((concept, i) => ({ prompt: promptOf(concept, [{ phrase: call }]), seed: seed + i }))
  const drawn: Uint8Array[] = []
  // Large pictures one by one: memory grows with them.
  const atOnce = embedded ? together : 1
  for (let i = 0; i < pictures.length; i += atOnce)
    for (const { rgb, width, height } of await drain(generateTogether(model, request, pictures.slice(i, i + atOnce), { stack }), () => {}))
      drawn.push(await reduced(rgb, width, height))
  return drawn
}

async function reduced(rgb: Uint8Array, width: number, height: number): Promise<Uint8Array> {
  if (width === side && height === side) return rgb
  const raw = { raw: { width, height, channels: 3 as const } }
  return new Uint8Array(await sharp(rgb, raw).resize(side, side, { fit: 'fill' }).raw().toBuffer())
}
