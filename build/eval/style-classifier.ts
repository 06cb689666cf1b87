// Trains the style classifier on real pictures and their damaged copies, prints how often it is right: node build/eval/style-classifier.ts
import { writeFileSync } from 'node:fs'
import {
  eachPatch,
  judgeStyle,
  packClassifier,
  smooth,
  standardise,
  styleFeatures,
  unpackClassifier,
} from '../../main/operations/style-score.ts'
import { hash, seededRandom, shuffled } from '../pretrain/data/random.ts'
import { baseStyles, sampleStyles } from '../pretrain/data/styles.ts'
import { damages, degrade } from './degrade.ts'
import { learnFilters } from './dictionary.ts'
import { basePictures, samplePictures } from './real-pictures.ts'
import { trainNetwork, type Example } from './small-network.ts'

const filterCount = 192
const began = performance.now()
const seconds = (): string => `${((performance.now() - began) / 1000).toFixed(0)} s`

const styles = [...baseStyles, ...sampleStyles].map(({ id }) => id)
const pictures = [...basePictures(), ...(await samplePictures())]
/** A fifth of the families tests; variants of one concept never stand on both sides, in any style. */
const isTest = ({ family }: { family: string }): boolean => hash(`style-test:${family}`) % 5 === 0
const training = pictures.filter((picture) => !isTest(picture))
const testing = pictures.filter(isTest)
const random = seededRandom(71)

const patches: Float32Array[] = []
for (const { rgb } of shuffled(training, random).slice(0, 1200))
  eachPatch(smooth(rgb), (values) => {
    if (random() < 0.12) patches.push(values.slice())
  })
const { filters, offsets } = learnFilters(patches, filterCount, random)
console.log(`${filterCount} filters from ${patches.length} patches, ${seconds()}`)

const counts = Map.groupBy(training, ({ style }) => style)
const raw: { x: Float32Array; label: number; weight: number }[] = []
for (const { rgb, style } of training) {
  const weight = training.length / styles.length / (counts.get(style)?.length ?? 1)
  const hurt = damages[1 + Math.floor(random() * (damages.length - 1))] ?? 'mixed'
  for (const damage of ['clean', hurt, 'mixed'] as const)
    raw.push({ x: styleFeatures(await degrade(rgb, damage, random), filters, offsets), label: styles.indexOf(style), weight })
}
const width = raw[0]?.x.length ?? 0
const mean = new Float32Array(width)
const scale = new Float32Array(width)
for (const { x } of raw) for (let k = 0; k < width; k++) mean[k] = (mean[k] ?? 0) + (x[k] ?? 0) / raw.length
for (const { x } of raw) for (let k = 0; k < width; k++) scale[k] = (scale[k] ?? 0) + ((x[k] ?? 0) - (mean[k] ?? 0)) ** 2 / raw.length
for (let k = 0; k < width; k++) scale[k] = 1 / Math.sqrt((scale[k] ?? 0) + 1e-5)
console.log(`${raw.length} examples of ${width} features, ${seconds()}`)

const examples = raw.map(({ x, label, weight }): Example => ({ x: standardise(x, mean, scale), label, weight }))
const layers = trainNetwork(examples, {
  hidden: 96,
  labels: styles.length,
  epochs: 14,
  batch: 64,
  rate: 2e-3,
  decay: 0.05,
  drop: 0.2,
  seed: 5,
})
const json = packClassifier({ styles, filters, offsets, mean, scale, ...layers })
const file = new URL('../../assets/style-classifier.json', import.meta.url)
writeFileSync(file, json)
console.log(`trained, ${(json.length / 1000).toFixed(0)} kB, ${seconds()}`)

// Measured with the weights as stored.
const net = unpackClassifier(json)
console.log(`share of ${testing.length} unseen real pictures whose style is named rightly`)
for (const damage of damages) {
  const right = new Map(styles.map((style) => [style, { right: 0, all: 0 }]))
  for (const { rgb, style } of testing) {
    const tally = right.get(style)
    if (!tally) continue
    tally.all++
    if (judgeStyle(await degrade(rgb, damage, random), net) === style) tally.right++
  }
  const all = [...right.values()].reduce((a, b) => ({ right: a.right + b.right, all: a.all + b.all }))
  const each = [...right].map(([style, tally]) => `${style} ${((100 * tally.right) / tally.all).toFixed(1)}`).join(', ')
  console.log(`  ${damage}: ${((100 * all.right) / all.all).toFixed(1)} % (${each})`)
}
console.log(`done in ${seconds()}`)
