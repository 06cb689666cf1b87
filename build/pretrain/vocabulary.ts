// Trains the embedded model's tokenizer over its captions: node build/pretrain/vocabulary.ts [pictures folder] [output folder]
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { addWholeWords, encodeWord, endToken, startToken, trainMerges, vocabularyOf, words } from './bpe.ts'
import { backgrounds } from './data/augment.ts'
import { caption, plainCaption } from './data/captions.ts'
import { loadData } from './data/prepare.ts'
import { seededRandom } from './data/random.ts'
import { sampleStyles } from './data/styles.ts'

const mergeCount = 2500
const maxTokens = 32

/** Words that no caption of the base uses: one token each, for the styles that people train. */
export const triggerWords = [
  'blackink', 'comicline', 'mystyle', 'myperson', 'mything', 'mypet', 'zsty', 'zobj', 'zchr', 'sksx', 'ohwx', 'stylea', 'styleb', 'stylec', 'inkline', 'pixelart', 'watercolor', 'papercut', 'neonline', 'chalkline',
] // prettier-ignore

const data = loadData(resolve(process.argv[2] ?? 'work/pretrain'))
const outDir = resolve(process.argv[3] ?? 'assets/models/pigment-small/tokenizer')
const random = seededRandom(20)
const colours = Object.keys(backgrounds)
const captions = data.records.flatMap((record) =>
  [undefined, undefined, colours[Math.floor(random() * colours.length)]].map((colour) => caption(record, random, { background: colour })),
)
const counts = new Map<string, number>()
// Every short name at least once, whatever was dropped; colours and the sample captions' own words too.
for (const text of [...captions, ...data.records.map((record) => plainCaption(record, 6)), ...colours, 'white', 'brown'])
  for (const word of words(text)) counts.set(word, (counts.get(word) ?? 0) + 1)

const trained = trainMerges(counts, mergeCount)
const merges = addWholeWords(trained, [
  ...triggerWords,
  ...sampleStyles.flatMap((style) => words(style.phrase)),
  ...colours,
  'white',
  'brown',
])
const ranks = new Map(merges.map((pair, rank) => [pair.join(' '), rank]))
const vocabulary = vocabularyOf(merges)

mkdirSync(outDir, { recursive: true })
writeFileSync(join(outDir, 'vocab.json'), JSON.stringify(vocabulary) + '\n')
writeFileSync(join(outDir, 'merges.txt'), ['#version: 0.2', ...merges.map((pair) => pair.join(' '))].join('\n') + '\n')
const special = { bos_token: startToken, eos_token: endToken, pad_token: endToken, unk_token: endToken }
writeFileSync(join(outDir, 'special_tokens_map.json'), JSON.stringify(special, undefined, 2) + '\n')
const settings = {
  add_prefix_space: false,
  ...special,
  do_lower_case: true,
  errors: 'replace',
  model_max_length: maxTokens,
  tokenizer_class: 'CLIPTokenizer',
}
writeFileSync(join(outDir, 'tokenizer_config.json'), JSON.stringify(settings, undefined, 2) + '\n')

const lengthOf = (text: string): number => words(text).reduce((sum, word) => sum + encodeWord(word, ranks).length, 0)
const lengths = captions.filter((text) => text !== '').map(lengthOf)
const single = [...counts].filter(([word]) => encodeWord(word, ranks).length === 1)
const share = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`
const total = [...counts.values()].reduce((a, b) => a + b, 0)
console.log(`${Object.keys(vocabulary).length} entries, ${merges.length} merges → ${outDir}`)
console.log(
  `${counts.size} words, single tokens: ${share(single.length, counts.size)} of words, ${share(
    single.reduce((a, [, uses]) => a + uses, 0),
    total,
  )} of their uses`,
)
console.log(
  `tokens in a caption: mean ${(lengths.reduce((a, b) => a + b, 0) / lengths.length).toFixed(2)}, most ${Math.max(...lengths)}, ≤ ${maxTokens - 2}: ${share(lengths.filter((n) => n <= maxTokens - 2).length, lengths.length)}`,
)
const broken = [...counts].filter(([word]) => encodeWord(word, ranks).length > 1).sort((a, b) => b[1] - a[1])
console.log(
  `commonest words in parts: ${broken
    .slice(0, 12)
    .map(([word]) => encodeWord(word, ranks).join('·'))
    .join(' ')}`,
)
