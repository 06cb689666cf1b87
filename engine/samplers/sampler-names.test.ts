import { expect, test } from 'vitest'
import type { ScheduleConfig } from '../checkpoint/config.ts'
import { scheduleByName } from '../schedules/schedule-names.ts'
import { schedules } from '../schedules/index.ts'
import { samplers } from './index.ts'
import { takesSchedule } from './takes.ts'
import { samplerCalled, samplingWritten, type NamedBy } from './sampler-names.ts'
import { samplerByName } from './sampler.ts'

const config = {} as ScheduleConfig

test.each<[program: string, name: string, by: NamedBy, ours: string | undefined, unknown?: string, schedule?: string]>([
  ['A1111 ≥ 1.9', 'DPM++ 2M', { schedule: 'Karras' }, 'dpmpp-2m-karras-a1111', undefined],
  ['A1111 ≥ 1.9', 'DPM++ 2M', { schedule: 'Automatic' }, 'dpmpp-2m-karras-a1111', undefined],
  ['A1111 ≥ 1.9', 'DPM++ 2M', { schedule: 'Uniform' }, 'dpmpp-2m-a1111', undefined],
  ['A1111 ≥ 1.9', 'DPM++ 2M', { schedule: 'Exponential' }, 'dpmpp-2m-a1111', undefined, 'exponential'],
  ['A1111 ≥ 1.9', 'Euler a', { schedule: 'Automatic' }, 'euler-ancestral', undefined],
  ['A1111 ≥ 1.9', 'Euler', { schedule: 'Karras' }, 'euler', undefined, 'karras'],
  ['A1111 ≥ 1.9', 'Euler', { schedule: 'SGM Uniform' }, 'euler', undefined, 'sgm-uniform'],
  ['A1111 ≥ 1.9', 'Euler', { schedule: 'Align Your Steps' }, 'euler', undefined, 'align-your-steps'],
  ['A1111 ≥ 1.9', 'Euler', { schedule: 'Align Your Steps GITS' }, 'euler', 'Align Your Steps GITS'],
  ['A1111 ≥ 1.9', 'Heun', { schedule: 'Uniform' }, 'heun', undefined],
  ['A1111', 'DDIM', { schedule: 'Karras' }, 'ddim', undefined],
  ['A1111 < 1.9', 'DPM++ 2M', {}, 'dpmpp-2m-a1111', undefined],
  ['A1111 < 1.9', 'DPM++ 2M Karras', {}, 'dpmpp-2m-karras-a1111', undefined],
  ['A1111', 'DPM++ 2M SDE', { schedule: 'Karras' }, 'dpmpp-2m-sde', undefined, 'karras'],
  ['A1111', 'DPM++ 2M SDE', { schedule: 'Automatic' }, 'dpmpp-2m-sde', undefined],
  ['A1111', 'DPM++ 2M SDE Heun Exponential', {}, 'dpmpp-2m-sde-heun', undefined],
  ['A1111', 'DPM++ 2S a Karras', {}, 'dpmpp-2s-ancestral', undefined],
  ['A1111 < 1.9', 'DPM++ SDE', { alone: 'Uniform' }, 'dpmpp-sde', undefined, 'uniform'],
  ['A1111 < 1.9', 'DPM++ SDE Karras', { alone: 'Uniform' }, 'dpmpp-sde', undefined],
  ['A1111 < 1.9', 'Euler', { alone: 'Uniform' }, 'euler', undefined],
  ['A1111', 'DPM2 a', { schedule: 'Automatic' }, 'dpm2-ancestral', undefined],
  ['A1111', 'DPM++ 3M SDE', { schedule: 'Exponential' }, 'dpmpp-3m-sde', undefined],
  ['A1111', 'LMS', { schedule: 'Automatic' }, 'lms', undefined],
  ['A1111', 'UniPC', { schedule: 'Automatic' }, 'unipc-bh1', undefined],
  ['A1111', 'PLMS', {}, 'pndm', undefined],
  ['A1111', 'LCM', { schedule: 'Automatic' }, 'lcm', undefined],
  ['A1111', 'DPM fast', {}, undefined, 'DPM fast'],
  ['ComfyUI', 'lcm', { schedule: 'sgm_uniform' }, 'lcm', undefined, 'sgm-uniform'],
  ['ComfyUI', 'dpmpp_2m_sde_gpu', { schedule: 'karras' }, 'dpmpp-2m-sde', undefined, 'karras'],
  ['ComfyUI', 'dpm_2_ancestral', { schedule: 'normal' }, 'dpm2-ancestral', undefined, 'normal'],
  ['ComfyUI', 'uni_pc', { schedule: 'simple' }, 'unipc-bh1', undefined, 'simple'],
  ['ComfyUI', 'uni_pc_bh2', { schedule: 'simple' }, 'unipc', undefined, 'simple'],
  ['ComfyUI', 'deis', { schedule: 'normal' }, 'deis', undefined, 'normal'],
  ['InvokeAI', 'unipc', { grid: 'diffusers' }, 'unipc', undefined],
  ['InvokeAI', 'pndm', { grid: 'diffusers' }, 'pndm', undefined],
  ['InvokeAI', 'kdpm_2_a', { grid: 'diffusers' }, 'dpm2-ancestral', undefined],
  ['InvokeAI', 'lms_k', { grid: 'diffusers', levels: 'diffusers' }, 'lms', undefined, 'karras-spaced'],
  ['diffusers', 'TCDScheduler', {}, 'tcd', undefined],
  ['diffusers', 'DPMSolverSDEScheduler', {}, 'dpmpp-sde', undefined],
  ['A1111', 'DDIM', { schedule: 'Automatic' }, 'ddim', undefined],
  ['ComfyUI', 'dpmpp_2m', { schedule: 'karras', grid: 'diffusers' }, 'dpmpp-2m-karras', undefined],
  ['ComfyUI', 'euler_ancestral', { schedule: 'normal' }, 'euler-ancestral', undefined, 'normal'],
  ['ComfyUI', 'euler', { schedule: 'simple' }, 'euler', undefined, 'simple'],
  ['InvokeAI', 'euler_a', { grid: 'diffusers' }, 'euler-ancestral', undefined],
  ['InvokeAI', 'dpmpp_2m_k', { grid: 'diffusers' }, 'dpmpp-2m-karras', undefined],
  ['InvokeAI', 'dpmpp_2m', { grid: 'diffusers' }, 'dpmpp-2m', undefined],
  ['InvokeAI', 'euler_k', { grid: 'diffusers', levels: 'diffusers' }, 'euler', undefined, 'karras-spaced'],
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
])('%s: %s %o is ours', (_, name, by, ours, unknown, schedule) => {
  const found = samplerCalled(name, by)
  expect([found.sampler?.name, found.unknown, found.schedule?.name]).toEqual([ours, unknown, schedule])
})

test('what is written is A1111’s own name where the picture is A1111’s, and reads back as the same sampler', () => {
  const written = samplers.map((sampler) => samplingWritten({ sampler, schedule: sampler.schedule }, config))
  expect(Object.fromEntries(samplers.map(({ name }, i) => [name, written[i]]))).toMatchObject({
    ddim: { sampler: 'DDIM' },
    'dpmpp-2m': { sampler: 'DPM++ 2M (diffusers)', type: 'Uniform' },
    'dpmpp-2m-a1111': { sampler: 'DPM++ 2M', type: 'Uniform' },
    'dpmpp-2m-karras': { sampler: 'DPM++ 2M (diffusers)', type: 'Karras' },
    'dpmpp-2m-karras-a1111': { sampler: 'DPM++ 2M', type: 'Karras' },
    euler: { sampler: 'Euler', type: 'Uniform' },
    'euler-ancestral': { sampler: 'Euler a', type: 'Uniform' },
  })
  samplers.forEach((sampler, i) => {
    const { sampler: name = '', type: schedule } = written[i] ?? {}
    expect(samplerCalled(name, { schedule })).toEqual({ sampler })
    expect(samplerCalled(sampler.title)).toEqual({ sampler })
    expect(samplerByName(sampler.title)).toBe(sampler)
  })
  const euler = samplerByName('euler')
  expect(samplingWritten({ sampler: euler, schedule: euler.schedule }, { ...config, karrasSigmas: true })).toEqual({
    sampler: 'Euler',
    type: 'Karras',
  })
})

test('a sampler with another schedule is written so that it reads back as the same noise levels', () => {
  const pairs = samplers.flatMap((sampler) =>
    schedules.flatMap((schedule) => (takesSchedule(sampler, schedule) ? { sampler, schedule } : [])),
  )
  expect(pairs.length).toBeGreaterThan(80)
  for (const pair of pairs) {
    const { sampler: name, type, exactly } = samplingWritten(pair, config)
    const back = samplerCalled(name, { schedule: type })
    const levels = exactly === undefined ? (back.schedule ?? back.sampler?.schedule) : scheduleByName(exactly)
    expect([pair.sampler.name, back.sampler?.sample, levels?.name]).toEqual([pair.sampler.name, pair.sampler.sample, pair.schedule.name])
  }
  const written = (sampler: string, schedule: string) =>
    samplingWritten({ sampler: samplerByName(sampler), schedule: scheduleByName(schedule) }, config)
  expect(written('euler', 'exponential')).toEqual({ sampler: 'Euler', type: 'Exponential' })
  expect(written('euler', 'uniform')).toEqual({ sampler: 'Euler', type: 'Uniform', exactly: 'uniform' })
  expect(written('dpmpp-2m-karras-a1111', 'uniform')).toEqual({ sampler: 'DPM++ 2M', type: 'Uniform' })
})
