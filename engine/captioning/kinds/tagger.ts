// WD14 taggers (SmilingWolf's wd-…-tagger, v1 to v3): model.onnx gives a probability for each tag of selected_tags.csv. Reads pictures and words
// as the app of its author does (huggingface.co/spaces/SmilingWolf/wd-tagger, app.py).
import { z } from 'zod'
import type { Picture } from '../../images/picture.ts'
import { bicubic, resample } from '../../images/resample.ts'
import { PigmentError } from '../../requests/error.ts'
import type { FilePort, FileSession } from '../../runtime/file-session.ts'
import type { Captioner } from '../captioner.ts'
import { readTagList, type Tag } from '../tag-list.ts'

const share = z.number().min(0).max(1)
const options = z.object({
  threshold: share.default(0.35).meta({ description: 'probability above which a tag is taken', step: 0.01, slider: [0, 1] }),
  characterThreshold: share.default(0.85).meta({ description: 'the same for names of characters', step: 0.01, slider: [0, 1] }),
  mcut: z.boolean().default(false).meta({
    description: "find the thresholds in each picture's own probabilities, at their largest gap (MCut)",
  }),
  rating: z.boolean().default(false).meta({ description: 'add the most probable rating as the last tag' }),
  excludeTags: z
    .string()
    .max(10_000)
    .default('')
    .meta({ description: 'tags that are never taken, with commas between them', placeholder: 'TAGS' }),
  underscores: z.boolean().default(false).meta({ description: 'keep underscores instead of spaces' }),
  escape: z.boolean().default(false).meta({ description: 'write brackets as \\( and \\), as prompts of A1111 need them' }),
})
type Options = z.output<typeof options>

const categories = { general: 0, character: 4, rating: 9 } as const
/** The least threshold of characters where it is found by MCut. */
const leastOfCharacters = 0.15
/** Faces of signs, whose underscores are no spaces. */
const kaomoji = new Set('0_0 (o)_(o) +_+ +_- ._. <o>_<o> <|>_<|> =_= >_< 3_3 6_9 >_o @_@ ^_^ o_o u_u x_x |_| ||_||'.split(' '))
/** Pictures whose probabilities are kept: other thresholds need no run. */
const mostKnown = 64

export const tagger: Captioner = {
  name: 'tagger',
  title: 'Tagger (WD14)',
  files: [{ names: ['model.onnx'] }, { names: ['selected_tags.csv'] }],
  options,
  async open([model = '', list = ''], { threads }) {
    const tags = await readTagList(list)
    const { FileSession } = await import('../../runtime/file-session.ts')
    const session = await FileSession.open(model, { threads })
    try {
      const side = sideOf(session.inputs[0], model)
      const output = session.outputs[0]
      if (typeof output?.shape.at(-1) === 'number') checkCount(tags, output.shape.at(-1) as number, model)
      const known = new Map<string, Float32Array>()
      return {
        async say(one, given) {
          const probabilities = known.get(one.stamp) ?? (await probabilitiesOf(await one.picture(), session, side))
          checkCount(tags, probabilities.length, model)
          known.delete(one.stamp)
          known.set(one.stamp, probabilities)
          for (const old of [...known.keys()].slice(0, -mostKnown)) known.delete(old)
          return tagsAbove(tags, probabilities, options.parse(given)).join(', ')
        },
        [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
      }
    } catch (error) {
      await session[Symbol.asyncDispose]()
      throw error
    }
  },
}

/** Of its input (1, side, side, 3). Throws `tagger-input`. */
function sideOf(port: FilePort | undefined, model: string): number {
  const [, height, width, channels] = port?.shape ?? []
  if (port?.type === 'float32' && typeof height === 'number' && height === width && channels === 3) return height
  const got = `${port?.type ?? 'nothing'} (${port?.shape.join(', ') ?? ''})`
  throw new PigmentError(
    'tagger-input',
    `The model takes ${got}, where a WD14 tagger takes float32 pictures (N, side, side, 3). Choose a tagger of that kind, such as wd-vit-tagger-v3.`,
    { path: model, got },
  )
}

function checkCount(tags: readonly Tag[], outputs: number, model: string): void {
  if (outputs === tags.length) return
  throw new PigmentError(
    'tag-list-length',
    `selected_tags.csv has ${tags.length} tags, and the model gives ${outputs} probabilities. Take both files from the same tagger.`,
    { path: model, tags: tags.length, outputs },
  )
}

/** One for each tag. */
async function probabilitiesOf(picture: Picture, session: FileSession, side: number): Promise<Float32Array> {
  const { data } = resample(onSquare(picture), { width: side, height: side }, bicubic)
  const x = new Float32Array(data.length) // (1, side, side, 3): blue, green, red from 0 to 255
  for (let i = 0; i < data.length; i += 3) for (let c = 0; c < 3; c++) x[i + c] = data[i + 2 - c] ?? 0
  const [input, output] = [session.inputs[0]?.name ?? '', session.outputs[0]?.name ?? '']
  return (await session.run({ [input]: { type: 'float32', shape: [1, side, side, 3], data: x } }, output)).data
}

/** In the middle of a white square. */
function onSquare({ width, height, data }: Picture): Picture {
  if (width === height) return { width, height, data }
  const side = Math.max(width, height)
  const [left, top] = [(side - width) >> 1, (side - height) >> 1]
  const out = new Uint8Array(side * side * 3).fill(255)
  for (let y = 0; y < height; y++) out.set(data.subarray(y * width * 3, (y + 1) * width * 3), ((top + y) * side + left) * 3)
  return { width: side, height: side, data: out }
}

/** Characters first, then general tags, each the most probable first; the rating last. */
function tagsAbove(tags: readonly Tag[], probabilities: Float32Array, given: Options): string[] {
  const { threshold, characterThreshold, mcut, rating, underscores, escape } = given
  const spaced = (name: string): string => (underscores || kaomoji.has(name) ? name : name.replaceAll('_', ' '))
  const excluded = new Set(given.excludeTags.split(',').map((tag) => fold(tag)))
  const of = (category: number) =>
    tags.flatMap(({ name, category: own }, i) => (own === category ? [{ name, p: probabilities[i] ?? 0 }] : [])).sort((a, b) => b.p - a.p)
  const [general, characters, ratings] = [of(categories.general), of(categories.character), of(categories.rating)]
  const least = mcut ? largestGap(general) : threshold
  const leastCharacter = mcut ? Math.max(leastOfCharacters, largestGap(characters)) : characterThreshold
  const taken = [
    ...characters.filter(({ p }) => p > leastCharacter),
    ...general.filter(({ p }) => p > least),
    ...(rating ? ratings.slice(0, 1) : []),
  ]
  return taken
    .filter(({ name }) => !excluded.has(fold(name)))
    .map(({ name }) => (escape ? spaced(name).replace(/[()]/g, '\\$&') : spaced(name)))
}

const fold = (tag: string): string => tag.trim().toLowerCase().replaceAll('_', ' ')

/** In the middle of the largest gap between probabilities that lie side by side (Largeron et al. 2012). */
function largestGap(sorted: readonly { readonly p: number }[]): number {
  let [gap, middle] = [-1, 1]
  for (const [i, { p }] of sorted.entries()) {
    const next = sorted[i + 1]
    if (next && p - next.p > gap) [gap, middle] = [p - next.p, (p + next.p) / 2]
  }
  return middle
}
