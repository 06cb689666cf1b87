// The whole recipe of the embedded model, resumable at every stage: npm run pretrain [-- --vae-steps N --unet-steps N …]
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { byDevice } from './place.ts'

/** Steps of each stage: what two CPU cores manage, or, with PIGMENT_DEVICE=cuda, what a card does in some minutes. None leaves a stage out. */
const { values } = parseArgs({
  options: {
    'vae-steps': { type: 'string', default: byDevice('4000', '1300') },
    'decoder-steps': { type: 'string', default: byDevice('0', '700') },
    'text-steps': { type: 'string', default: '1200' },
    'unet-steps': { type: 'string', default: byDevice('8000', '6000') },
    'second-steps': { type: 'string', default: byDevice('5500', '11000') },
    'finish-steps': { type: 'string', default: byDevice('1300', '700') },
  },
})
const here = import.meta.dirname

function stage(title: string, file: string, ...args: string[]): void {
  if (args[0] === '0') return
  console.log(`\n── ${title}`)
  const { status } = spawnSync(process.execPath, [join(here, file), ...args], { stdio: 'inherit', cwd: join(here, '../..') })
  if (status !== 0) {
    console.error(`The stage "${title}" stopped. Run the same command again to continue from its last checkpoint.`)
    process.exit(status ?? 1)
  }
}

if (!existsSync('work/pretrain/pictures.u8')) stage('render the pictures', 'data.ts')
if (!existsSync('assets/models/pigment-small/tokenizer/vocab.json')) stage('train the vocabulary', 'vocabulary.ts')
stage('autoencoder', 'train-vae.ts', values['vae-steps'])
stage('decoder', 'train-decoder.ts', values['decoder-steps'])
stage('text encoder', 'train-text.ts', values['text-steps'])
// Two courses of the UNet, each with a rate of its own that ends at nothing. The first one on a card knows plain pictures alone.
const course = (lr: string, plain: string, restyled: string) =>
  `--lr ${lr} --plain ${plain} --restyled ${restyled} --batch ${byDevice(64, 384)}`.split(' ')
const [first, second] = byDevice(
  [course('2e-3', '0.58', '0.38'), course('1.5e-3', '0.78', '0.18')],
  [course('1.2e-3', '0.85', '0'), course('1e-3', '0.6', '0.36')],
)
const [unetSteps, secondSteps] = [values['unet-steps'], values['second-steps']]
stage('UNet and text encoder', 'train-unet.ts', unetSteps, ...first)
const end = String(Number(unetSteps) + Number(secondSteps))
if (secondSteps !== '0') stage('UNet and text encoder, on from there', 'train-unet.ts', end, '--from', unetSteps, ...second)
stage('decoder, once more', 'finish-decoder.ts', values['finish-steps'])
stage('export', 'export.ts')
