// Draws the two sample sets and says which concepts stay out of them: node build/pretrain/samples.ts
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import sharp from 'sharp'
import { loadData } from './data/prepare.ts'
import { plainCaption } from './data/captions.ts'
import { loadIcons } from './data/icons.ts'
import { seededRandom, shuffled } from './data/random.ts'
import { allowSvg, squareSvg } from './data/render.ts'
import { sampleStyles, stylePhrase } from './data/styles.ts'

allowSvg()
const size = 128
const perSet = 120
/** So many families may appear in samples; all others that both styles have are for measuring. */
const sampleFamilies = 150
const sets = { 'fluent-emoji-high-contrast': 'black-ink', 'streamline-emojis': 'comic-outline' } as const
const root = fileURLToPath(new URL('../../', import.meta.url))

type Drawing = ReturnType<typeof loadIcons>[number]

/** Joined families, as the base's split knows them; by name where the base has no picture. */
const joined = new Map(loadData(join(root, 'work/pretrain')).records.map((record) => [record.concept, record.family]))
const familyOf = ({ concept }: Drawing): string => joined.get(concept.name) ?? concept.family

/** One from each group in turn, so that every kind of thing is among the first. */
function interleaved(drawings: readonly Drawing[]): Drawing[] {
  const groups = Map.groupBy(drawings, ({ concept }) => concept.group)
  const longest = Math.max(...[...groups.values()].map((group) => group.length))
  return Array.from({ length: longest }, (_, i) => [...groups.values()].flatMap((group) => group[i] ?? [])).flat()
}

/** One drawing a family, at random. */
function onePerFamily(drawings: readonly Drawing[], seed: number): Drawing[] {
  const seen = new Set<string>()
  return shuffled(drawings, seededRandom(seed)).filter((drawing) => !seen.has(familyOf(drawing)) && seen.add(familyOf(drawing)))
}

const mit = `
Copyright (c) Microsoft Corporation.

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`
const ccBy = `
The licence: <https://creativecommons.org/licenses/by/4.0/>. The author does not endorse this use.
`

function attribution(style: string): string {
  const source = sampleStyles.find(({ id }) => id === style)
  if (!source) throw new Error(`No sample style "${style}".`)
  return `# ${source.title}

${perSet} drawings by ${source.author}, licence ${source.licence}, from <${source.source}> (through the package \`@iconify-json/${source.id}\`).
Changed: rendered as ${size} × ${size} px PNG on white, with a margin. The captions are CLDR short names and keywords (Unicode licence, through \`emojibase-data\`, MIT).
Trigger words: \`${source.phrase}\`.
${source.licence === 'MIT' ? mit : ccBy}`
}

const icons = new Map(Object.keys(sets).map((style) => [style, loadIcons(style)]))
const streamline = new Set(icons.get('streamline-emojis')?.map(({ concept }) => concept.name))
const both = (icons.get('fluent-emoji-high-contrast') ?? []).filter(({ concept }) => streamline.has(concept.name))
const allowed = new Set(interleaved(onePerFamily(both, 3)).slice(0, sampleFamilies).map(familyOf))
const shown = new Set<string>()

for (const [seed, [style, name]] of Object.entries(sets).entries()) {
  const folder = join(root, 'assets/samples', name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const pool = (icons.get(style) ?? []).filter((drawing) => allowed.has(familyOf(drawing)))
  let bytes = 0
  for (const { concept, icon } of interleaved(onePerFamily(pool, 11 + seed)).slice(0, perSet)) {
    shown.add(concept.name)
    const large = await sharp(squareSvg(icon, size * 2))
      .flatten({ background: 'white' })
      .png()
      .toBuffer()
    const picture = await sharp(large)
      .resize(size, size, { kernel: 'mitchell' })
      .png({ palette: true, colours: 48, dither: 0, effort: 10 })
      .toBuffer()
    const file = join(folder, concept.name.toLowerCase().replace(/[^a-z0-9]+/g, '-'))
    writeFileSync(`${file}.png`, picture)
    writeFileSync(`${file}.txt`, plainCaption({ style, concept: concept.name, keywords: concept.keywords }, 2) + '\n')
    bytes += picture.length
  }
  writeFileSync(join(folder, 'ATTRIBUTION.md'), attribution(style))
  console.log(`${name}: ${perSet} pictures, ${(bytes / 1e6).toFixed(2)} MB, "${stylePhrase(style)}"`)
}

const heldOut = both.filter((drawing) => !allowed.has(familyOf(drawing))).map(({ concept }) => concept.name)
writeFileSync(join(root, 'build/pretrain/held-out-concepts.json'), JSON.stringify(heldOut, undefined, 2) + '\n')
console.log(`${shown.size} concepts shown; ${heldOut.length} of ${both.length} that both styles have are kept out`)
