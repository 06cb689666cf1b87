import { expect, test } from 'vitest'
import type { ScheduleConfig } from '../checkpoint/config.ts'
import { samplers } from './index.ts'
import { samplerCalled, samplerWritten, type NamedBy } from './sampler-names.ts'
import { samplerByName } from './sampler.ts'

const config = {} as ScheduleConfig

test.each<[program: string, name: string, by: NamedBy, ours: string | undefined, unknown: string | undefined]>([
  ['A1111 ≥ 1.9', 'DPM++ 2M', { schedule: 'Karras' }, 'dpmpp-2m-karras-a1111', undefined],
  ['A1111 ≥ 1.9', 'DPM++ 2M', { schedule: 'Automatic' }, 'dpmpp-2m-karras-a1111', undefined],
  ['A1111 ≥ 1.9', 'DPM++ 2M', { schedule: 'Uniform' }, 'dpmpp-2m-a1111', undefined],
  ['A1111 ≥ 1.9', 'DPM++ 2M', { schedule: 'Exponential' }, 'dpmpp-2m-a1111', 'Exponential'],
  ['A1111 ≥ 1.9', 'Euler a', { schedule: 'Automatic' }, 'euler-ancestral', undefined],
  ['A1111 ≥ 1.9', 'Euler', { schedule: 'Karras' }, 'euler', 'Karras'],
  ['A1111 ≥ 1.9', 'Euler', { schedule: 'SGM Uniform' }, 'euler', 'SGM Uniform'],
  ['A1111 < 1.9', 'DPM++ 2M', {}, 'dpmpp-2m-a1111', undefined],
  ['A1111 < 1.9', 'DPM++ 2M Karras', {}, 'dpmpp-2m-karras-a1111', undefined],
  ['A1111', 'DPM++ 2M SDE', { schedule: 'Karras' }, undefined, 'DPM++ 2M SDE'],
  ['A1111', 'DPM++ 2S a Karras', {}, undefined, 'DPM++ 2S a Karras'],
  ['A1111', 'DDIM', { schedule: 'Automatic' }, 'ddim', undefined],
  ['ComfyUI', 'dpmpp_2m', { schedule: 'karras', grid: 'diffusers' }, 'dpmpp-2m-karras', undefined],
  ['ComfyUI', 'euler_ancestral', { schedule: 'normal' }, 'euler-ancestral', undefined],
  ['ComfyUI', 'euler', { schedule: 'simple' }, 'euler', 'simple'],
  ['InvokeAI', 'euler_a', { grid: 'diffusers' }, 'euler-ancestral', undefined],
  ['InvokeAI', 'dpmpp_2m_k', { grid: 'diffusers' }, 'dpmpp-2m-karras', undefined],
  ['InvokeAI', 'dpmpp_2m', { grid: 'diffusers' }, 'dpmpp-2m', undefined],
  ['InvokeAI', 'euler_k', { grid: 'diffusers' }, 'euler', 'euler_k'],
  ['NovelAI', 'k_euler_ancestral', { schedule: 'native' }, 'euler-ancestral', undefined],
  ['NovelAI', 'k_dpmpp_2m', { schedule: 'karras' }, 'dpmpp-2m-karras-a1111', undefined],
  ['stable-diffusion.cpp', 'dpm++2m karras', {}, 'dpmpp-2m-karras-a1111', undefined],
  ['stable-diffusion.cpp', 'dpm++2m', {}, 'dpmpp-2m-a1111', undefined],
  ['stable-diffusion.cpp', 'euler_a discrete', {}, 'euler-ancestral', undefined],
  ['diffusers', 'EulerAncestralDiscreteScheduler', {}, 'euler-ancestral', undefined],
  ['diffusers', 'DPMSolverMultistepScheduler', {}, 'dpmpp-2m', undefined],
  ['an older Pigment', 'Euler ancestral', {}, 'euler-ancestral', undefined],
  ['an older Pigment', 'DPM++ 2M Karras', { grid: 'diffusers' }, 'dpmpp-2m-karras', undefined],
  ['nobody', 'Restart', {}, undefined, 'Restart'],
])('%s: %s %o is ours', (_, name, by, ours, unknown) => {
  const found = samplerCalled(name, by)
  expect([found.sampler?.name, found.unknown]).toEqual([ours, unknown])
})

test('what is written is A1111’s own name where the picture is A1111’s, and reads back as the same sampler', () => {
  const written = samplers.map((sampler) => samplerWritten(sampler, config))
  expect(Object.fromEntries(samplers.map(({ name }, i) => [name, written[i]]))).toMatchObject({
    ddim: { sampler: 'DDIM' },
    'dpmpp-2m': { sampler: 'DPM++ 2M (diffusers)', schedule: 'Uniform' },
    'dpmpp-2m-a1111': { sampler: 'DPM++ 2M', schedule: 'Uniform' },
    'dpmpp-2m-karras': { sampler: 'DPM++ 2M (diffusers)', schedule: 'Karras' },
    'dpmpp-2m-karras-a1111': { sampler: 'DPM++ 2M', schedule: 'Karras' },
    euler: { sampler: 'Euler', schedule: 'Uniform' },
    'euler-ancestral': { sampler: 'Euler a', schedule: 'Uniform' },
  })
  samplers.forEach((sampler, i) => {
    const { sampler: name = '', schedule } = written[i] ?? {}
    expect(samplerCalled(name, { schedule })).toEqual({ sampler })
    expect(samplerCalled(sampler.title)).toEqual({ sampler })
    expect(samplerByName(sampler.title)).toBe(sampler)
  })
  expect(samplerWritten(samplerByName('euler'), { ...config, karrasSigmas: true })).toEqual({ sampler: 'Euler', schedule: 'Karras' })
})
