import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bucketFitter, predefinedBuckets, trainingBuckets } from './buckets.ts'

const sd1 = { area: 512 * 512, step: 64, min: 256, max: 1024 }
const size = ({ width, height }: { width: number; height: number }): string => `${width}x${height}`

test('the SD1 buckets are those of sd-scripts', () => {
  expect(predefinedBuckets(sd1).map(size)).toEqual(
    (
      '256x832 256x896 256x960 256x1024 320x704 320x768 384x640 448x576 512x512 576x448 640x384 ' +
      '704x320 768x320 832x256 896x256 960x256 1024x256'
    ).split(' '),
  )
})

test('tiny models have buckets of step 8', () => {
  expect(predefinedBuckets({ area: 32 * 32, step: 8, min: 16, max: 64 }).map(size)).toEqual(
    '16x48 16x56 16x64 24x40 32x32 40x24 48x16 56x16 64x16'.split(' '),
  )
})

test('training keeps every side on the step of the model, whatever the resolution', () => {
  expect(trainingBuckets(512, 64)).toEqual(sd1)
  expect(trainingBuckets(64, 64)).toEqual({ area: 64 * 64, step: 64, min: 64, max: 128 })
  for (const resolution of [100, 500, 700])
    for (const { width, height } of predefinedBuckets(trainingBuckets(resolution, 64))) expect([width % 64, height % 64]).toEqual([0, 0])
})

test('a picture takes the bucket of its own size, or of the closest shape', () => {
  const fit = bucketFitter(sd1)
  expect(fit({ width: 768, height: 320 })).toEqual({ bucket: { width: 768, height: 320 }, resized: { width: 768, height: 320 } })
  expect(fit({ width: 1000, height: 1000 })).toEqual({ bucket: { width: 512, height: 512 }, resized: { width: 512, height: 512 } })
  expect(fit({ width: 1920, height: 1080 })).toEqual({ bucket: { width: 640, height: 384 }, resized: { width: 683, height: 384 } })
  expect(fit({ width: 300, height: 400 })).toEqual({ bucket: { width: 448, height: 576 }, resized: { width: 448, height: 597 } })
})

test('without upscaling small pictures stay and large ones shrink to the area', () => {
  const fit = bucketFitter({ ...sd1, noUpscale: true })
  expect(fit({ width: 300, height: 400 })).toEqual({ bucket: { width: 256, height: 384 }, resized: { width: 300, height: 400 } })
  expect(fit({ width: 1920, height: 1080 })).toEqual({ bucket: { width: 640, height: 384 }, resized: { width: 683, height: 384 } })
  expect(() => fit({ width: 40, height: 400 })).toThrow(expect.objectContaining({ code: 'picture-too-small' }))
})

test('every picture fits, covers its bucket and loses only what it must, or is refused', () => {
  const side = fc.integer({ min: 1, max: 20_000 })
  fc.assert(
    fc.property(side, side, fc.boolean(), (width, height, noUpscale) => {
      try {
        const { bucket, resized } = bucketFitter({ ...sd1, noUpscale })({ width, height })
        expect(bucket.width % 64 || bucket.height % 64).toBe(0)
        expect(resized.width >= bucket.width && resized.height >= bucket.height).toBe(true)
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^picture-too-(small|narrow)$/) as string })
      }
    }),
  )
})

test('impossible bucket options are refused', () => {
  for (const wrong of [{ step: 0 }, { min: 2000 }, { area: 100 }, { max: 0.5 }])
    expect(() => predefinedBuckets({ ...sd1, ...wrong })).toThrow(expect.objectContaining({ code: 'bucket-options' }))
})
