import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { generate, type Generated } from '../generate.ts'
import { encodePng } from '../images/write-png.ts'
import { readPicture, type Picture } from '../images/picture.ts'
import { soundModel, writeDiffusers } from '../models/testing.ts'
import { generateRequest, type ConditionOptions } from '../requests/generate.ts'
import { Model } from '../sessions/open-model.ts'
import { randomStream } from '../tensor/philox.ts'
import { relativeL2 } from '../tensor/tensor.ts'
import { chosenConditions } from './chosen.ts'

let folder = ''
let model: Model
let old: Picture
const size = { width: 64, height: 48 }
const at = (name: string): string => join(folder, name)
/** White where told. */
const masked = (white: (x: number, y: number) => boolean, { width, height } = size): Picture => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, k) => {
    const i = Math.floor(k / 3)
    return white(i % width, Math.floor(i / width)) ? 255 : 0
  }),
})
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigment-inpaint-'))
  await writeDiffusers(at('sd1'), soundModel('sd1'))
  model = await Model.open(at('sd1'), { threads: 1 })
  const data = Uint8Array.from(randomStream(1, 'picture', 0).normal(size.width * size.height * 3), (value) => 128 + 40 * value)
  await writeFile(at('old.png'), await encodePng({ ...size, data }))
  old = await readPicture(at('old.png'))
  await writeFile(at('right.png'), await encodePng(masked((x) => x >= 32)))
  await writeFile(at('corner.png'), await encodePng(masked((x, y) => x >= 40 && x < 48 && y < 8)))
  await writeFile(at('black.png'), await encodePng(masked(() => false)))
  await writeFile(at('small.png'), await encodePng(masked(() => true, { width: 8, height: 8 })))
})
afterAll(async () => {
  await model[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

async function drawn(conditions: ConditionOptions, more: object = {}): Promise<Generated> {
  const given = { initImage: at('old.png'), denoisingStrength: 0.8, maskBlur: 0, ...conditions }
  const making = generate(model, generateRequest.parse({ prompt: 'ab', steps: 4, seed: 3, ...size, conditions: given, ...more }))
  for (;;) {
    const { done, value } = await making.next()
    if (done) return value
  }
}
/** Which pixels are not those of the old picture. */
const changed = ({ rgb, width }: Generated, before = old.data): [x: number, y: number][] =>
  Array.from({ length: rgb.length / 3 }, (_, i) => i)
    .filter((i) => [0, 1, 2].some((c) => rgb[3 * i + c] !== before[3 * i + c]))
    .map((i) => [i % width, Math.floor(i / width)])

test.each(['euler', 'euler-ancestral', 'dpmpp-2m', 'ddim'])(
  '%s: outside the mask every byte stays, inside nearly every pixel is new',
  async (sampler) => {
    const places = changed(await drawn({ mask: at('right.png') }, { sampler }))
    expect(places.every(([x]) => x >= 32)).toBe(true)
    expect(places.length).toBeGreaterThan(0.95 * 32 * 48)
  },
)

test('the other side of the mask, and a softened border that is both', async () => {
  const other = changed(await drawn({ mask: at('right.png'), maskMode: 'unmasked' }))
  expect(other.every(([x]) => x < 32)).toBe(true)
  const soft = changed(await drawn({ mask: at('right.png'), maskBlur: 3 }))
  expect(soft.some(([x]) => x < 32)).toBe(true)
  expect(soft.every(([x]) => x > 16)).toBe(true)
})

test('latents outside the mask end as those of the picture, whatever is begun with under it', async () => {
  const contents = ['original', 'fill', 'noise', 'nothing']
  const all = await Promise.all(contents.map(async (maskContent) => drawn({ mask: at('right.png'), maskContent, denoisingStrength: 0.3 })))
  const kept = ({ latents: { shape, data } }: Generated, right: boolean): number[] => {
    const [, , , w = 1] = shape
    return [...data].filter((_, i) => i % w >= w / 2 === right)
  }
  for (const one of all.slice(2)) expect(relativeL2(kept(one, false), kept(all[0] as Generated, false))).toBeLessThan(1e-6)
  expect(new Set(all.map((one) => kept(one, true).join())).size).toBe(contents.length)
})

test('only what is masked is drawn at the full size and put back into a picture that keeps its own', async () => {
  const one = await drawn({ mask: at('corner.png'), maskArea: 'masked', maskPadding: 4 }, { width: 32, height: 32 })
  expect([one.width, one.height, one.latents.shape.slice(2)]).toEqual([64, 48, [32 / model.pixelFactor, 32 / model.pixelFactor]])
  const places = changed(one)
  expect(places.length).toBeGreaterThan(50)
  expect(places.every(([x, y]) => x >= 40 && x < 48 && y < 8)).toBe(true)
})

test('a mask of another size, an empty one, and one without a picture are refused with what to do', async () => {
  await expect(drawn({ mask: at('small.png') })).rejects.toMatchObject({
    code: 'inpaint-mask-size',
    facts: { got: '8×8', expected: '64×48' },
  })
  await expect(drawn({ mask: at('black.png') })).rejects.toMatchObject({ code: 'inpaint-mask-empty' })
  await expect(drawn({ mask: at('none.png') })).rejects.toMatchObject({ code: 'picture-missing' })
  expect(() => chosenConditions({ mask: 'a.png' })).toThrow('"mask" does nothing without "initImage"')
  expect(() => chosenConditions({ initImage: 'a.png', maskBlur: 2 })).toThrow('"maskBlur" does nothing without "mask"')
})
