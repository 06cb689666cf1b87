// Settings of training side by side on the styles of unseen-styles.ts: is the style there on concepts that no set shows, is the concept still right, and
// are prompts in the base's own styles, which do not call the adapter, drawn as before?
// node build/eval/presets.ts DESIGN.json --out DIR [--styles neon,print] [--weights 1,0.7] [--sheets]
// DESIGN.json: {"name": {"steps": 125, …}}, values over the schema's own. What is trained and measured is kept in DIR: a run that was cut goes on.
import { existsSync, readFileSync } from 'node:fs'
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readAdapter } from '../../engine/adapter-formats/read.ts'
import type { StackEntry } from '../../engine/adapters/stack.ts'
import { generateTogether } from '../../engine/generate.ts'
import { generateRequest, type GuidanceSettings } from '../../engine/requests/generate.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import type { Model } from '../../engine/sessions/open-model.ts'
import { drain } from '../../main/operations/drain.ts'
import { train } from '../../main/operations/engine/train.ts'
import { pictureFeatures } from '../../main/operations/style-score.ts'
import { embeddedDefaults } from '../../main/places/embedded-defaults.ts'
import { embeddedPath } from '../../main/places/embedded.ts'
import { captionName } from '../pretrain/data/captions.ts'
import { loadIcons } from '../pretrain/data/icons.ts'
import { seededRandom } from '../pretrain/data/random.ts'
import { renderIcon } from '../pretrain/data/render.ts'
import { baseStyles } from '../pretrain/data/styles.ts'
import { degrade } from './degrade.ts'
import { openModel, threads } from './draw.ts'
import { meanReciprocalRank, topOne } from './retrieval.ts'
import { contactSheet } from './sheet.ts'
import { trainNetwork, type Example, type Layers } from './small-network.ts'
import {
  judgedConcepts,
  measuredConcepts,
  measuredSide,
  phraseOf,
  redrawn,
  unseenStyles,
  writeSet,
  type UnseenStyle,
} from './unseen-styles.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string', default: 'work/presets' },
    styles: { type: 'string', default: unseenStyles.map(({ name }) => name).join(',') },
    weights: { type: 'string', default: '1' },
    concepts: { type: 'string', default: '32' },
    others: { type: 'string', default: '15' },
    guidance: { type: 'string' },
    sheets: { type: 'boolean', default: false },
  },
})
type Design = Readonly<Record<string, Readonly<Record<string, unknown>>>>
const design = JSON.parse(await readFile(positionals[0] ?? '', 'utf8')) as Design
const out = values.out
const results = join(out, 'results.jsonl')
await mkdir(out, { recursive: true })
const concepts = measuredConcepts.slice(0, Number(values.concepts))
const styles = values.styles.split(',').map((name) => {
  const style = unseenStyles.find((one) => one.name === name)
  if (!style) throw new Error(`There is no style "${name}".`)
  return style
})
/** Ways of drawing with an adapter: "4/3.25,3/1", each cfg and adapter guidance. */
const guidances = (values.guidance?.split(',') ?? ['']).map((text): GuidanceSettings => ({
  ...embeddedDefaults.guidance.stacked,
  ...givenGuidance(text),
}))

function givenGuidance(text = ''): Partial<GuidanceSettings> {
  const [cfg, adapterGuidance] = text.split('/').map(Number)
  return text === '' ? {} : { cfg, adapterGuidance }
}

interface Asked {
  readonly text: string
  readonly seed: number
}
const steps = 12
const together = 8

async function draw(
  model: Model,
  asked: readonly Asked[],
  guided: GuidanceSettings,
  stack: readonly StackEntry[] = [],
): Promise<Uint8Array[]> {
  const request = generateRequest.parse({
    prompt: '',
    steps,
    ...guided,
    sampler: 'ddim',
  })
  const drawn: Uint8Array[] = []
  for (let i = 0; i < asked.length; i += together) {
    const pictures = asked.slice(i, i + together).map(({ text: prompt, seed }) => ({ prompt, seed }))
    for (const { rgb } of await drain(generateTogether(model, request, pictures, { stack }), () => {})) drawn.push(rgb)
  }
  return drawn
}

// A judge of the unseen styles and the base's own, of real pictures of concepts that are neither learnt nor measured.
const names = [...baseStyles.map(({ id }) => id), ...unseenStyles.map(({ name }) => name)]
const featuresOf = (data: Uint8Array): Float32Array => pictureFeatures({ width: measuredSide, height: measuredSide, data })
const iconsOf = new Map(baseStyles.map(({ id }) => [id, new Map(loadIcons(id).map(({ concept, icon }) => [captionName(concept.name), icon]))])) // prettier-ignore

async function ofBase(style: string, concept: string): Promise<Uint8Array | undefined> {
  const icon = iconsOf.get(style)?.get(concept)
  return icon && (await renderIcon(icon, measuredSide)).rgb
}

async function learnJudge(): Promise<Layers> {
  const kept = join(out, 'judge.json')
  if (existsSync(kept)) return Object.fromEntries(Object.entries(JSON.parse(readFileSync(kept, 'utf8')) as Record<string, number[]>).map(([key, list]) => [key, Float32Array.from(list)])) as unknown as Layers // prettier-ignore
  const random = seededRandom(3)
  const examples: Example[] = []
  for (const concept of judgedConcepts(110))
    for (const [label, name] of names.entries()) {
      const unseen = unseenStyles.find((one) => one.name === name)
      const rgb = unseen ? await redrawn(concept, unseen, measuredSide) : await ofBase(name, concept)
      if (!rgb) continue
      for (const damage of ['clean', 'blurred', 'mixed'] as const)
        examples.push({ x: featuresOf(await degrade(rgb, damage, random)), label, weight: 1 })
    }
  const layers = trainNetwork(examples, { hidden: 48, labels: names.length, epochs: 6, batch: 32, rate: 2e-3, decay: 0.05, drop: 0.2, seed: 5 }) // prettier-ignore
  await writeFile(kept, JSON.stringify(Object.fromEntries(Object.entries(layers).map(([key, list]) => [key, [...(list as Float32Array)].map((one) => Number(one.toPrecision(5)))])))) // prettier-ignore
  return layers
}
const judge = await learnJudge()

function judged(rgb: Uint8Array): string {
  const x = featuresOf(rgb)
  const row = (weight: Float32Array, bias: Float32Array, of: Float32Array): Float32Array =>
    bias.map((start, r) => of.reduce((sum, value, k) => sum + value * (weight[r * of.length + k] ?? 0), start))
  const scores = row(
    judge.output,
    judge.outputBias,
    row(judge.hidden, judge.hiddenBias, x).map((value) => Math.max(0, value)),
  )
  return names[scores.indexOf(Math.max(...scores))] ?? ''
}
const share = (right: readonly boolean[]): number => right.filter(Boolean).length / Math.max(1, right.length)
const rounded = (value: number): number => Math.round(value * 1000) / 1000

/** Prompts that call one of the base's own styles and no adapter. */
const others = Array.from({ length: Number(values.others) }, (_, n) => {
  const style = baseStyles[n % baseStyles.length] as (typeof baseStyles)[number]
  return { style: style.id, text: `${style.phrase} emoji of ${concepts[(n * 5) % concepts.length]}`, seed: 500 + n }
})
const asked = (style?: UnseenStyle): Asked[] =>
  concepts.map((concept, n) => ({ text: `${style ? `${phraseOf(style)} ` : ''}emoji of ${concept}`, seed: 100 + n }))
const withConcept = (pictures: readonly Uint8Array[]) => pictures.map((rgb, n) => ({ rgb, concept: concepts[n] ?? '' }))
const realOf = (style?: UnseenStyle) =>
  Promise.all(concepts.map(async (concept) => ({ concept, rgb: await redrawn(concept, style, measuredSide) })))

await using model = await openModel()
/** Of the base by itself: what others are held against. */
async function measureBase() {
  const kept = join(out, `base-${concepts.length}-${others.length}.json`)
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8')) as { right: number; rank: number; others: number }
  const { alone } = embeddedDefaults.guidance
  const pictures = withConcept(await draw(model, asked(), alone))
  const plain = await realOf()
  // As strongly guided as with an adapter, so that the adapter alone makes the difference.
  const inOwn = await draw(model, others, embeddedDefaults.guidance.stacked)
  const measured = {
    right: topOne(pictures, plain),
    rank: meanReciprocalRank(pictures, plain),
    others: share(inOwn.map((rgb, n) => judged(rgb) === others[n]?.style)),
  }
  await writeFile(kept, JSON.stringify(measured))
  return measured
}
const base = await measureBase()
console.log(JSON.stringify({ base }))
const known = existsSync(results) ? readFileSync(results, 'utf8') : ''

for (const [name, given] of Object.entries(design))
  for (const style of styles) {
    const file = join(out, `${name}-${style.name}.safetensors`)
    const folder = await writeSet(style, join(out, 'sets'))
    let seconds = 0
    const cpu = process.cpuUsage()
    if (!existsSync(file)) {
      const request = trainRequest.parse({ checkpointEvery: 25, captionDropout: 0.1, ...given, dataset: folder, trigger: style.trigger })
      const task = { ...request, model: embeddedPath, out: file, precision: 'fp32', device: 'cpu', threads } as const
      await train(task, { signal: new AbortController().signal, emit: () => undefined, onNotify: () => undefined })
      const { user, system } = process.cpuUsage(cpu)
      seconds = (user + system) / 1e6
    }
    const adapter = await readAdapter(file, model.modules)
    for (const [weight, stacked] of values.weights.split(',').flatMap((text) => guidances.map((one) => [Number(text), one] as const))) {
      const key = `${name}/${style.name}/${weight}/${stacked.cfg}/${stacked.adapterGuidance}/${concepts.length}`
      if (known.includes(`"${key}"`)) continue
      const stack = [{ adapter, weight, enabled: true }]
      const drawn = withConcept(await draw(model, asked(style), stacked, stack))
      const real = await realOf(style)
      const kept = await draw(model, others, stacked, stack)
      const inStyle = share(drawn.map(({ rgb }) => judged(rgb) === style.name))
      const row = {
        key,
        style: rounded(inStyle),
        content: rounded(topOne(drawn, real) / base.right),
        rank: rounded(meanReciprocalRank(drawn, real) / base.rank),
        others: rounded(share(kept.map((rgb, n) => judged(rgb) === others[n]?.style)) / base.others),
        cpuSeconds: Math.round(seconds),
      }
      console.log(JSON.stringify(row))
      await appendFile(results, JSON.stringify(row) + '\n')
      if (!values.sheets) continue
      const cells = drawn.map(({ rgb, concept }) => ({ rgb, label: concept }))
      await contactSheet([...cells, ...kept.map((rgb, n) => ({ rgb, label: others[n]?.style ?? '' }))], 8, join(out, `${key.replaceAll('/', '_')}.png`)) // prettier-ignore
    }
  }
