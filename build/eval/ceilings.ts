// What the measures say of real pictures, so that figures of generated ones can be read against it: node build/eval/ceilings.ts
import { baseStyles, sampleStyles } from '../pretrain/data/styles.ts'
import { seededRandom } from '../pretrain/data/random.ts'
import { degrade } from './degrade.ts'
import { chooseConcepts } from './measures.ts'
import { basePictures, samplePictures } from './real-pictures.ts'
import { topOne } from './retrieval.ts'

const real = [...basePictures().filter(({ heldOut }) => !heldOut), ...(await samplePictures())]
const random = seededRandom(9)
const percent = (share: number): string => `${(100 * share).toFixed(0)} %`.padStart(6)
const bases = baseStyles.map(({ id }) => id)

console.log('nearest real picture among 100 training concepts is the right one')
for (const style of [...bases, ...sampleStyles.map(({ id }) => id)]) {
  const concepts = new Set(chooseConcepts(real, bases.includes(style) ? bases : [...bases, style], 100, 100))
  const among = (id: string): typeof real => real.filter((picture) => picture.style === id && concepts.has(picture.concept))
  const candidates = among(style)
  const hurt = await Promise.all(candidates.map(async (picture) => ({ ...picture, rgb: await degrade(picture.rgb, 'mixed', random) })))
  const others = bases.filter((id) => id !== style).map((id) => topOne(among(id), candidates))
  const cross = others.reduce((a, b) => a + b, 0) / others.length
  console.log(
    `  ${style.padEnd(28)} itself ${percent(topOne(candidates, candidates))}, damaged ${percent(topOne(hurt, candidates))}, drawn in another base style ${percent(cross)}`,
  )
}
