// What it costs to train one adapter together: gradients handed around a real Redis by one and by two processes of one thread each, CPU and wall time.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Exchange } from '../../engine/training/exchange.ts'
import { parseQueueAddress } from '../../main/redis/address.ts'
import { redisLine } from '../../main/redis/redis-exchange.ts'
import { redisMissing, startRedis } from '../../main/redis/testing-redis.ts'
import { assetPath } from '../../main/places/asset-path.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import { trainAdapter } from '../../main/operations/train.ts'

const steps = 12
interface Told {
  readonly cpu: number
  readonly wall: number
}

/** One who trains, in a process of its own: prints CPU and wall seconds a step, after the first two. */
async function one(url: string, rank: number, size: number, out: string): Promise<void> {
  let [began, cpu] = [0, process.cpuUsage()]
  const clock = (step: number): void => {
    if (step === 2) [began, cpu] = [performance.now(), process.cpuUsage()]
    if (step !== steps) return
    const { user, system } = process.cpuUsage(cpu)
    console.log(
      JSON.stringify({ cpu: (user + system) / 1e6 / (steps - 2), wall: (performance.now() - began) / 1000 / (steps - 2) } satisfies Told),
    )
  }
  const request = trainRequest.parse({
    dataset: assetPath('samples/black-ink'),
    rank: 16,
    steps,
    accumulation: 2,
    batch: 4,
    layers: 'all',
    checkpointEvery: 0,
  })
  const together = size === 1 ? {} : { together: { group: 'bench', rank, size, address: parseQueueAddress(url) } }
  await trainAdapter(
    { ...request, ...together, out, precision: 'fp32', device: 'cpu', threads: 1 },
    { signal: new AbortController().signal, emit: (event) => void (event.type === 'step' && clock(event.step)) },
  )
}

async function all(url: string, size: number, folder: string): Promise<Told[]> {
  const told = Array.from(
    { length: size },
    (_, rank) =>
      new Promise<Told>((done, fail) => {
        const entry = [import.meta.filename, '--one', url, String(rank), String(size), join(folder, `${size}-${rank}.safetensors`)]
        const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...entry], { stdio: ['ignore', 'pipe', 'inherit'] })
        let text = ''
        child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part))
        child.on('close', (code) => (code === 0 ? done(JSON.parse(text) as Told) : fail(new Error(`ended with ${code}`))))
      }),
  )
  return Promise.all(told)
}

/** Seconds to hand one gradient of so many numbers around two, without any training. */
async function handing(url: string, numbers: number): Promise<number> {
  const address = parseQueueAddress(url)
  const gradient = new Float32Array(numbers).fill(0.5)
  const rounds = 10
  const ends = await Promise.all(
    [0, 1].map(async (rank) => {
      await using line = await redisLine(address, `hand-${numbers}`, 2)
      const exchange = new Exchange(line, { rank, size: 2 })
      const compute = () => Promise.resolve({ outputs: {}, gradient })
      await exchange.gather({ step: 1, member: 0, count: 2, compute })
      const began = performance.now()
      for (let step = 2; step < 2 + rounds; step++) await exchange.gather({ step, member: 0, count: 2, compute })
      return (performance.now() - began) / 1000 / rounds
    }),
  )
  return Math.max(...ends)
}

const [flag, url = '', rank = '', size = '', out = ''] = process.argv.slice(2)
if (flag === '--one') await one(url, Number(rank), Number(size), out)
else {
  const missing = redisMissing()
  if (missing) console.log(missing)
  else {
    await using redis = await startRedis()
    const folder = await mkdtemp(join(tmpdir(), 'pigment-parallel-'))
    try {
      console.log('| processes | CPU seconds a step, each | wall seconds a step |\n| --- | --: | --: |')
      for (const count of [1, 2]) {
        const told = await all(redis.url, count, folder)
        console.log(
          `| ${count} | ${told.map(({ cpu }) => cpu.toFixed(2)).join(', ')} | ${Math.max(...told.map(({ wall }) => wall)).toFixed(2)} |`,
        )
      }
      for (const numbers of [40_000, 800_000, 3_200_000])
        console.log(
          `Handing ${numbers} numbers (${((numbers * 4) / 1e6).toFixed(1)} MB) around two: ${((await handing(redis.url, numbers)) * 1000).toFixed(0)} ms`,
        )
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
}
