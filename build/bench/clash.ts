// The clash report of two adapters of SDXL of rank 32 on all attention projections, random factors of the true shapes: what is measured, without reading files.
import { splitModuleKey } from '../../engine/adapter-formats/base-modules.ts'
import { moduleShapes } from '../../engine/adapter-formats/read.ts'
import type { Adapter } from '../../engine/adapters/adapter.ts'
import { measure, type Measures } from '../../engine/clash/measure.ts'
import { clashReport } from '../../engine/clash/report.ts'
import { familyCalled } from '../../engine/models/family-called.ts'
import { GramSession } from '../../engine/runtime/gram-session.ts'
import { threads } from '../eval/draw.ts'
import { median } from './bench.ts'

const rank = 32
const { published, targets } = familyCalled('sdxl')
const weights = new Map<string, never>()
const networks = { unet: { config: published.unet, weights }, textEncoders: published.textEncoders.map((config) => ({ config, weights })) }
const { shapes } = moduleShapes({ family: 'sdxl', ...networks })
const layers = [...shapes].filter(([key]) => key.startsWith('unet.') && targets.attention.test(key))

let state = 1
/** Even noise: as much work as any other. */
const noise = (length: number): Float32Array =>
  Float32Array.from({ length }, () => (state = (Math.imul(state, 1664525) + 1013904223) | 0) / 2 ** 31)
const adapter = (): Adapter => ({
  name: 'random',
  metadata: {},
  skipped: [],
  modules: layers.map(([key, [outputs = 0, inputs = 0]]) => ({
    ...splitModuleKey(key),
    variant: 'lora',
    alpha: rank,
    tensors: { down: { shape: [rank, inputs], data: noise(rank * inputs) }, up: { shape: [outputs, rank], data: noise(rank * outputs) } },
  })),
})
const adapters = [adapter(), adapter()]
const base = {
  weight: (component: string, path: string) => {
    const shape = shapes.get(`${component}.${path}`)
    return shape && { shape, read: () => Promise.reject(new Error('Only shapes are known here.')) }
  },
  blockOf: () => 'IN00',
}

async function run(gram?: GramSession['gram']): Promise<Measures> {
  const work = measure(adapters, base, { gram })
  for (;;) {
    const turn = await work.next()
    if (turn.done) return turn.value
  }
}

console.log(`${layers.length} layers, two adapters of rank ${rank}, ${threads} threads`)
for (const name of ['with the runtime', 'JavaScript alone']) {
  const times: number[] = []
  const processor: number[] = []
  for (let i = 0; i < 5; i++) {
    const [at, used] = [performance.now(), process.cpuUsage()]
    await using runtime = name === 'with the runtime' ? await GramSession.open({ threads }) : undefined
    clashReport(
      [
        { name: 'a', weight: 1 },
        { name: 'b', weight: 1 },
      ],
      await run(runtime?.gram),
      'SDXL',
    )
    times.push((performance.now() - at) / 1000)
    const { user, system } = process.cpuUsage(used)
    processor.push((user + system) / 1e6)
  }
  console.log(
    `  ${name.padEnd(18)} median ${median(times).toFixed(2)} s, best ${Math.min(...times).toFixed(2)} s; processor time ${median(processor).toFixed(2)} s`,
  )
}
