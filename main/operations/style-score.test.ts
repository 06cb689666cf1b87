import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { styleScore } from './style-score.ts'

async function sampleSet(name: string): Promise<Uint8Array[]> {
  const folder = fileURLToPath(new URL(`../../assets/samples/${name}/`, import.meta.url))
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.png'))
    .slice(0, 32)
  return Promise.all(
    files.map(
      async (file) =>
        new Uint8Array(
          await sharp(folder + file)
            .resize(64, 64)
            .removeAlpha()
            .raw()
            .toBuffer(),
        ),
    ),
  )
}

test('each sample set is judged to be in its own style', async () => {
  const [ink, comic] = [await sampleSet('black-ink'), await sampleSet('comic-outline')]
  expect(styleScore(ink, 'fluent-emoji-high-contrast')).toBeGreaterThan(0.95)
  expect(styleScore(comic, 'streamline-emojis')).toBeGreaterThan(0.95)
  expect(styleScore(ink, 'streamline-emojis')).toBe(0)
})
