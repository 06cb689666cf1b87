import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { diffusion } from '../../processes/diffusion.ts'
import { stableDiffusion } from '../../processes/testing-schedule.ts'
import { generateRequest, type GenerateRequest } from '../../requests/generate.ts'
import { relativeL2 } from '../../tensor/tensor.ts'
import type { GuidedPredictor, Passes } from '../guide.ts'
import { classifierFree } from './classifier-free.ts'
import { rescale } from './rescale.ts'
import { stop } from './stop.ts'

interface Case {
  readonly timestep: number
  readonly phi: number
  readonly x: readonly number[]
  readonly prompt: readonly number[]
  readonly negative: readonly number[]
  readonly diffusers: readonly number[]
  readonly comfyui: readonly number[]
}
const { pictures, cfg, cases } = JSON.parse(readFileSync(new URL('fixtures/rescale.json', import.meta.url), 'utf8')) as {
  pictures: number
  cfg: number
  cases: Case[]
}

const processes = {
  epsilon: diffusion({ ...stableDiffusion, prediction: 'epsilon' }),
  v_prediction: diffusion({ ...stableDiffusion, prediction: 'v_prediction' }),
}

function guided({ x, prompt, negative, timestep }: Case, predicts: keyof typeof processes, given: Partial<GenerateRequest>) {
  const [p, n] = [Float32Array.from(prompt), Float32Array.from(negative)]
  const inner: GuidedPredictor = () => Promise.resolve({ output: p, prompt: p, negative: n })
  const request = generateRequest.parse({ prompt: '', cfg, ...given })
  const passes: Passes = { last: () => Promise.resolve(p), pictures, process: processes[predicts] }
  const wrapped = rescale.wrap(classifierFree.wrap(inner, request, passes), request, passes)
  return wrapped(Float32Array.from(x), timestep, 0)
}

test.each(cases)('each picture is rescaled as diffusers and as ComfyUI do it: timestep $timestep, φ $phi', async (one) => {
  const phi = { cfgRescale: one.phi }
  expect(relativeL2((await guided(one, 'epsilon', phi)).output, one.diffusers)).toBeLessThan(1e-6)
  const comfyui = await guided(one, 'epsilon', { ...phi, cfgRescaleAs: 'comfyui' })
  // float32 holds ε + s·x over α, which grows as α falls.
  expect(relativeL2(comfyui.output, one.comfyui)).toBeLessThan(5e-6)
  expect(relativeL2(comfyui.output, one.diffusers)).toBeGreaterThan(1e-3)
  // Of a model of v there is one way.
  expect(await guided(one, 'v_prediction', { ...phi, cfgRescaleAs: 'comfyui' })).toEqual(await guided(one, 'v_prediction', phi))
})

test('nothing is rescaled where φ is 0 or nothing is guided, and guidance has a first step and a last', async () => {
  const [one] = cases as [Case]
  expect((await guided(one, 'epsilon', {})).output).toEqual((await guided(one, 'epsilon', { cfgRescaleAs: 'comfyui' })).output)
  const output = new Float32Array([1])
  const passes: Passes = { last: () => Promise.resolve(new Float32Array([0])), pictures: 1, process: processes.epsilon }
  const request = generateRequest.parse({ prompt: '', steps: 10, guidanceStart: 0.25, guidanceStop: 0.6 })
  const inner: GuidedPredictor = () => Promise.resolve({ output, prompt: output })
  expect(rescale.wrap(inner, request, passes)).toBe(inner)
  const steps = stop.wrap(inner, request, passes)
  const asked = Array.from({ length: 10 }, async (_, step) => (await steps(output, 0, step)).output[0])
  // diffusers: int(start · steps) <= step < int(stop · steps).
  expect(await Promise.all(asked)).toEqual([0, 0, 1, 1, 1, 1, 0, 0, 0, 0])
})
