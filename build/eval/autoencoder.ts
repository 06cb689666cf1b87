// PSNR of the autoencoder on held-out concepts, how often their style survives it, and a sheet of originals over reconstructions: node build/eval/autoencoder.ts [sheet.png]
import { Graph } from '../../engine/graph/graph.ts'
import { contactSheet } from '../../engine/images/contact-sheet.ts'
import { writePng } from '../../engine/images/write-png.ts'
import { vaeModules } from '../../engine/models/keys/vae-modules.ts'
import { buildVaeDecoder, buildVaeEncoder } from '../../engine/models/vae.ts'
import { shapesOnly } from '../../engine/models/initialize.ts'
import { Parameters } from '../../engine/nn/parameters.ts'
import { Session } from '../../engine/runtime/session.ts'
import type { Tensor } from '../../engine/tensor/tensor.ts'
import { judgeStyle } from '../../main/operations/style-score.ts'
import { side, vae } from '../pretrain/architecture.ts'
import { loadData, pictureAt } from '../pretrain/data/prepare.ts'
import { planes } from '../pretrain/train-vae.ts'
import { trainingLatents } from '../pretrain/train-unet.ts'
import { finishedAutoencoder } from '../pretrain/trained-vae.ts'

const weights = await finishedAutoencoder((await trainingLatents()).autoencoder)
const graph = new Graph('reconstruct')
const p = new Parameters(graph, shapesOnly(vaeModules(vae)), { trainable: () => true })
const pixels = graph.input('pixels', 'float32', ['N', 3, side, side])
graph.output('out', buildVaeDecoder(p, vae, buildVaeEncoder(p, vae, pixels).mean))
await using session = await Session.create(graph, { threads: 1 })
const feeds = Object.fromEntries([...p.trained.keys()].map((key) => [key, weights.get(key) as Tensor]))

const cache = loadData('work/pretrain')
const heldOut = cache.records.flatMap((record, i) => (record.split === 'held-out' ? [i] : []))
const area = side * side
let total = 0
const named = { before: 0, after: 0 }
const shown: { width: number; height: number; data: Uint8Array }[][] = [[], [], [], []]
for (const [n, index] of heldOut.entries()) {
  const { rgb } = pictureAt(cache, index)
  const data = new Float32Array(3 * area)
  planes(rgb, data)
  const { out } = await session.run({ ...feeds, pixels: { shape: [1, 3, side, side], data } })
  const back = new Uint8Array(3 * area)
  let squares = 0
  for (let i = 0; i < area; i++)
    for (let c = 0; c < 3; c++) {
      const value = Math.min(255, Math.max(0, Math.round(((out?.data[c * area + i] ?? 0) + 1) * 127.5)))
      back[i * 3 + c] = value
      squares += (value - (rgb[i * 3 + c] ?? 0)) ** 2
    }
  const { style } = cache.records[index] as { style: string }
  if (judgeStyle(rgb) === style) named.before++
  if (judgeStyle(back) === style) named.after++
  total += 10 * Math.log10((255 * 255) / Math.max(1e-6, squares / (3 * area)))
  if (n % Math.ceil(heldOut.length / 20) === 0) {
    const row = (shown[0]?.length ?? 0) < 10 ? 0 : 2
    shown[row]?.push({ width: side, height: side, data: rgb })
    shown[row + 1]?.push({ width: side, height: side, data: back })
  }
}
console.log(`autoencoder: PSNR ${(total / heldOut.length).toFixed(2)} dB over ${heldOut.length} held-out pictures (bar: 25 dB)`)
const percent = (count: number): string => `${((100 * count) / heldOut.length).toFixed(0)} %`
console.log(`  style named rightly: originals ${percent(named.before)}, reconstructions ${percent(named.after)}`)
if (process.argv[2]) await writePng(process.argv[2], await contactSheet(shown, { title: 'Held-out pictures and their reconstructions' }))
