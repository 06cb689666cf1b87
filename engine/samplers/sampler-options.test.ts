import { expect, test } from 'vitest'
import { diffusion } from '../processes/diffusion.ts'
import { samplers } from './index.ts'
import { generateRequest } from '../requests/generate.ts'
import { completeOptions, fittingOptions, optionsOf, optionValue } from '../requests/own-options.ts'
import { chosenSampling, ofSampler, optionsWritten, sampleWith } from './sampler-options.ts'
import { samplerByName } from './sampler.ts'

const ddim = samplerByName('ddim')
const ancestral = samplerByName('euler-ancestral')

test('an option that the sampler has not, or a value that it does not take, is refused by name', () => {
  const refused = (sampler: string, samplerOptions: Record<string, number | string>) => () => chosenSampling({ sampler, samplerOptions })
  expect(refused('ddim', { churn: 1 })).toThrow('The sampler "ddim" has no option "churn". It has: eta.')
  expect(refused('euler', { eta: 1 })).toThrow('The sampler "euler" has no option "eta". It has: s_churn, s_tmin, s_tmax, s_noise.')
  expect(refused('pndm', { eta: 1 })).toThrow('The sampler "pndm" has no option "eta". It has none.')
  expect(refused('ddim', { constructor: 1 })).toThrow('has no option "constructor"')
  expect(refused('Euler a', { eta: 1.5 })).toThrow('The option "eta" of the sampler "euler-ancestral" takes a number from 0 to 1, got 1.5.')
  expect(refused('ddim', { eta: 'much' })).toThrow('takes a number from 0 to 1, got "much"')
  expect(chosenSampling({ sampler: 'DDIM', samplerOptions: { eta: 1 } }).sampler).toBe(ddim)
})

test('a schedule is the sampler’s own or the one that is named; one that it does not take is refused with the reason', () => {
  const chosen = (sampler: string, schedule?: string, scheduleOptions?: Record<string, number>) =>
    chosenSampling({ sampler, schedule, scheduleOptions }).schedule.name
  expect([chosen('ddim'), chosen('heun'), chosen('heun', 'Karras', { rho: 5 })]).toEqual(['strided', 'uniform', 'karras'])
  expect(chosen('dpmpp-2m-karras-a1111', undefined, { rho: 5 })).toBe('karras')
  expect(() => chosen('ddim', 'karras')).toThrow(
    'The sampler "ddim" goes by strides of whole training timesteps, and the schedule "karras" gives noise levels between them.',
  )
  expect(() => chosen('euler', 'strided')).toThrow('Choose another sampler, or leave the schedule to this one.')
  expect(() => chosen('euler', 'wavy')).toThrow('There is no schedule "wavy".')
  expect(() => chosen('euler', 'simple', { rho: 5 })).toThrow('The schedule "simple" has no option "rho". It has: dialect.')
})

test('what is not given is at its default, and only what is not stands in the settings line, under A1111’s name', () => {
  expect([
    completeOptions(ofSampler, ddim),
    completeOptions(ofSampler, ancestral),
    completeOptions(ofSampler, samplerByName('pndm')),
  ]).toEqual([{ eta: 0 }, { eta: 1, s_noise: 1 }, {}])
  expect([optionsWritten(ddim, { eta: 0 }), optionsWritten(ddim, { eta: 0.5 })]).toEqual([[], [['Eta DDIM', '0.5']]])
  expect([optionsWritten(ancestral), optionsWritten(ancestral, { eta: 0 })]).toEqual([[], [['Eta', '0']]])
})

test('of a stranger’s options those that fit are taken and the others named', () => {
  expect(fittingOptions(ofSampler, ddim, { eta: 0.25, churn: 3 })).toEqual({ fitting: { eta: 0.25 }, unfit: ['churn'] })
  expect(fittingOptions(ofSampler, ddim, { eta: -1 })).toEqual({ fitting: {}, unfit: ['eta'] })
  expect(['0.5', ' -1e2 ', 'true', 'karras', '0x10'].map(optionValue)).toEqual([0.5, -100, true, 'karras', '0x10'])
})

test('every option of every sampler has a default that it takes, and words', () => {
  const described = samplers.flatMap((sampler) => optionsOf(sampler, generateRequest).map((option) => ({ sampler, ...option })))
  expect(described.length).toBeGreaterThan(1)
  for (const { sampler, key, default: usual, description } of described) {
    expect([key, completeOptions(ofSampler, sampler, { [key]: usual as number })[key]]).toEqual([key, usual])
    expect([key, description]).not.toEqual([key, ''])
  }
})

test('an option reaches the steps: without η Euler ancestral adds no noise and is Euler', async () => {
  const process = diffusion({
    trainSteps: 1000,
    betaStart: 0.00085,
    betaEnd: 0.012,
    betaSchedule: 'scaled_linear',
    prediction: 'epsilon',
    timestepSpacing: 'leading',
    stepsOffset: 1,
    zeroTerminalSnr: false,
    setAlphaToOne: false,
  })
  const end = async (name: string, given?: Record<string, number>): Promise<Float32Array> => {
    const course = sampleWith(
      samplerByName(name),
      {
        process,
        steps: 5,
        noise: Float32Array.of(1, -0.5),
        model: async (x) => x.map((value) => value * 0.9),
        stepNoise: () => Float32Array.of(3, 3),
      },
      given,
    )
    let step = await course.next()
    while (!step.done) step = await course.next()
    return step.value
  }
  expect(await end('euler-ancestral', { eta: 0 })).toEqual(await end('euler'))
  expect(await end('euler-ancestral')).toEqual(await end('euler-ancestral', { eta: 1 }))
  expect(await end('euler-ancestral')).not.toEqual(await end('euler'))
})
