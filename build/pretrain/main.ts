// The whole recipe of the embedded model, resumable at every stage: npm run pretrain [-- --vae-steps N --unet-steps N …]
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { byDevice } from './place.ts'

/** Steps of each stage: what two CPU cores manage, or, with PIGMENT_DEVICE=cuda, what a card does in some minutes. */
const { values } = parseArgs({
  options: {
    'vae-steps': { type: 'string', default: byDevice('2600', '1300') },
    'decoder-steps': { type: 'string', default: byDevice('4500', '700') },
    'text-steps': { type: 'string', default: '1200' },
    'unet-steps': { type: 'string', default: byDevice('7500', '6000') },
    'plain-steps': { type: 'string', default: '4000' },
    'more-steps': { type: 'string', default: '4500' },
    'large-steps': { type: 'string', default: '2900' },
    'last-steps': { type: 'string', default: '4150' },
    'finish-steps': { type: 'string', default: '1500' },
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
const courses = byDevice(onCores, onCard)
courses()
stage('decoder, once more', 'finish-decoder.ts', values['finish-steps'])
stage('export', 'export.ts')

/** One course of large batches. */
function onCard(): void {
  stage('UNet and text encoder', 'train-unet.ts', values['unet-steps'], '--lr', '1.2e-3', '--plain', '0.85', '--batch', '384')
}

/** Small batches first, of pictures in all forms, then larger ones of plain pictures. */
function onCores(): void {
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
}
