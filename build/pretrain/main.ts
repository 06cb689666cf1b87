// The whole recipe of the embedded model, resumable at every stage: npm run pretrain [-- --vae-steps N --unet-steps N --plain-steps N --last-steps N]
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
    'last-steps': { type: 'string', default: '4500' },
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
const [first, plain, last] = ['unet-steps', 'plain-steps', 'last-steps'].map((name) => Number(values[name as keyof typeof values]))
const second = (first ?? 0) + (plain ?? 0)
const mostlyPlain = (until: number, from: number, lr: string, share: string) =>
  stage('UNet and text encoder, mostly plain pictures', 'train-unet.ts', `${until}`, '--from', `${from}`, '--lr', lr, '--plain', share)
mostlyPlain(second, first ?? 0, '6e-4', '0.9')
mostlyPlain(second + (last ?? 0), second, '8e-4', '0.95')
stage('export', 'export.ts')
