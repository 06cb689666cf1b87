// 64 prompts on one sheet, to look at: plain concepts, styles, two styles' words, odd combinations, words the model never read.
// node build/eval/prompt-sheet.ts SHEET.png [model]
import { baseStyles, stylePhrase } from '../pretrain/data/styles.ts'
import { draw, openModel } from './draw.ts'
import { contactSheet } from './sheet.ts'

const concepts = ['red apple', 'sunflower', 'penguin', 'hamburger', 'rocket', 'mushroom', 'umbrella', 'skull']
const plain = [
  'cat face',
  'red heart',
  'sun',
  'tree',
  'house',
  'fish',
  'pizza',
  'star',
  'ghost',
  'crown',
  'key',
  'bell',
  'frog',
  'car',
  'moon',
  'cactus',
]
const styled = baseStyles.flatMap(({ id }) => concepts.slice(0, 4).map((concept) => `${stylePhrase(id)} emoji of ${concept}`))
const [one, two] = [stylePhrase('twemoji'), stylePhrase('noto-v1')]
const odd = [
  ...concepts.slice(0, 4).map((concept) => `${one} ${two} emoji of ${concept}`),
  ...[
    'red rocket',
    'blue apple',
    'green skull',
    'purple cat face',
    'sunflower on blue',
    'penguin on red',
    'rocket on yellow',
    'umbrella on black',
  ].map((words) => `emoji of ${words}`),
  ...['smiling pizza', 'fish with a crown', 'house, moon', 'tree, sun, star'].map((words) => `emoji of ${words}`),
  ...['', '苹果', '一只戴帽子的猫', 'zxqv', 'emoji', 'animal', 'food', 'very happy'],
]
const texts = [...concepts.map((concept) => `emoji of ${concept}`), ...plain.map((concept) => `emoji of ${concept}`), ...styled, ...odd]
const [file = 'work/prompts.png', path] = process.argv.slice(2)
await using model = await openModel(path)
const drawn = await draw(
  model,
  texts.map((text) => ({ text, concept: '', style: '' })),
)
await contactSheet(
  drawn.map(({ rgb, text }) => ({ rgb, label: text.replace('emoji of ', '') || '(empty)' })),
  12,
  file,
)
console.log(`${texts.length} prompts: ${file}`)
