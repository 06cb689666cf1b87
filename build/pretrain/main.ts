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
    'unet-steps': { type: 'string', default: byDevice('12000', '6000') },
    'restyled-steps': { type: 'string', default: byDevice('0', '11000') },
    'finish-steps': { type: 'string', default: byDevice('2600', '700') },
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
const [unetSteps, restyledSteps, batch] = [values['unet-steps'], values['restyled-steps'], byDevice('64', '384')]
const shares = ['--plain', byDevice('0.58', '0.85'), '--restyled', byDevice('0.38', '0')]
stage('UNet and text encoder', 'train-unet.ts', unetSteps, ...shares, '--lr', byDevice('2e-3', '1.2e-3'), '--batch', batch)
const manners = ['--from', unetSteps, '--plain', '0.6', '--restyled', '0.36', '--lr', '1e-3', '--batch', batch]
if (restyledSteps !== '0')
  stage('UNet and text encoder, other manners', 'train-unet.ts', String(Number(unetSteps) + Number(restyledSteps)), ...manners)
stage('decoder, once more', 'finish-decoder.ts', values['finish-steps'])
stage('export', 'export.ts')
