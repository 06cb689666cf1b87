// A miss measured in the terms of an objective against the same by a plain loop, which turns answer and target into those terms first.
import { expect, test } from 'vitest'
import '../../ops/index.ts'
import type { Prediction } from '../../checkpoint/config.ts'
import { Graph } from '../../graph/graph.ts'
import { usualSchedule } from '../../models/prediction.ts'
import { diffusion } from '../../processes/diffusion.ts'
import { trainingExample } from '../../processes/training-example.ts'
import { trainRequest, type TrainRequest } from '../../requests/train.ts'
import { Session } from '../../runtime/session.ts'
import { randomStream } from '../../tensor/philox.ts'
import { trainingRules } from '../../training-rules.ts'
import { distanceOf } from '../distance.ts'
import { objectiveOf } from './objective.ts'
import { objectives } from './index.ts'

const timesteps = [5, 400, 999]
const shape = [3, 1, 2, 2]
const drawn = (purpose: string) => ({ shape, data: randomStream(1, purpose, 0).normal(12) })
const request = (given: object): TrainRequest => trainRequest.parse({ dataset: '/set', ...given })

/** What an answer says of ε, v and x₀. */
function termsOf(prediction: Prediction, answer: number, x: number, alpha: number, s: number): Record<string, number> {
  const epsilon = prediction === 'epsilon' ? answer : alpha * answer + s * x
  const x0 = prediction === 'epsilon' ? (x - s * answer) / alpha : alpha * x - s * answer
  return { epsilon, x0, v: alpha * epsilon - s * x0 }
}

const pairs = objectives.flatMap(({ name }) => (['epsilon', 'v_prediction'] as const).map((prediction) => [name, prediction] as const))

test.each(pairs)('misses of %s, of a network that predicts %s', async (objective, prediction) => {
  const process = diffusion(usualSchedule(prediction, false))
  const distance = distanceOf(request({ objective }))
  const { input, target } = trainingExample({ process, latents: drawn('latents'), noise: drawn('noise'), timesteps })
  const answer = { shape, data: target.data.map((value, i) => value + 0.1 * (drawn('miss').data[i] ?? 0)) }
  const graph = new Graph('objective')
  graph.output('rows', distance.of(graph.input('answer', 'float32', shape), graph.input('target', 'float32', shape), 'N'))
  await using session = await Session.create(graph, { threads: 1 })
  const feeds = distance.feeds({ process, timesteps, cells: [2, 2], masks: [] })
  const { rows } = await session.run({ answer, target, ...feeds })
  for (const [row, timestep] of timesteps.entries()) {
    const { alpha, s } = process.levelAt(timestep)
    let sum = 0
    for (let i = row * 4; i < row * 4 + 4; i++) {
      const [found, meant] = [answer, target].map(
        ({ data }) => termsOf(prediction, data[i] ?? 0, input.data[i] ?? 0, alpha, s)[objective] ?? NaN,
      )
      sum += ((found ?? NaN) - (meant ?? NaN)) ** 2 / 4
    }
    // The loop's difference of two large numbers is the worse of the two.
    expect(Math.abs(Number(rows?.data[row]) / sum - 1)).toBeLessThan(1e-4)
  }
})

test('sd-scripts scales the loss of v by SNR/(SNR + 1), and adds the loss of v to that of ε', () => {
  const scaled = objectiveOf(request({ objective: 'epsilon', objectiveOptions: { vPredLikeLoss: 0.5 } }))
  for (const snr of [0.005, 1, 900]) {
    const scale = snr / (snr + 1)
    expect((scaled?.scale(snr, 'v_prediction') ?? NaN) ** 2).toBeCloseTo(scale, 12)
    expect(scaled?.weight(snr)).toBeCloseTo(1 + 0.5 / scale, 10)
  }
  expect(scaled?.metadata).toEqual({ 'pigment.objective': 'epsilon', 'pigment.v_pred_like_loss': '0.5' })
})

test('who names none is measured by what the network answers; options of none are refused', () => {
  expect(objectiveOf(request({}))).toBeUndefined()
  const told = (given: object) => () => trainingRules.forEach((rule) => rule(request(given)))
  expect(told({ objective: 'v', objectiveOptions: { vPredLikeLoss: 1 } })).toThrow('The objective "v" has no option "vPredLikeLoss"')
  expect(told({ objective: 'x0' })).not.toThrow()
})
