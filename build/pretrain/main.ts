// The whole recipe of the embedded model, resumable at every stage: npm run pretrain [-- --vae-steps N --unet-steps N --plain-steps N --more-steps N --large-steps N --last-steps N]
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    'vae-steps': { type: 'string', default: '2600' },
    'decoder-steps': { type: 'string', default: '4500' },
    'text-steps': { type: 'string', default: '1200' },
    'unet-steps': { type: 'string', default: '7500' },
    'plain-steps': { type: 'string', default: '4000' },
    'more-steps': { type: 'string', default: '4500' },
    'large-steps': { type: 'string', default: '2900' },
    'last-steps': { type: 'string', default: '4150' },
  },
})
const here = import.meta.dirname

function stage(title: string, file: string, ...args: string[]): void {
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
stage('UNet and text encoder', 'train-unet.ts', values['unet-steps'])
let done = Number(values['unet-steps'])
function goOn(title: string, steps: string, ...settings: string[]): void {
  const from = done
  done += Number(steps)
  stage(`UNet and text encoder, ${title}`, 'train-unet.ts', `${done}`, '--from', `${from}`, ...settings)
}
goOn('mostly plain pictures', values['plain-steps'], '--lr', '6e-4', '--plain', '0.9')
goOn('mostly plain pictures again', values['more-steps'], '--lr', '8e-4', '--plain', '0.95')
const large = ['--lr', '1.1e-3', '--plain', '1', '--batch', '64']
goOn('plain pictures, large batches', values['large-steps'], ...large)
goOn('plain pictures, large batches again', values['last-steps'], ...large)
stage('export', 'export.ts')
