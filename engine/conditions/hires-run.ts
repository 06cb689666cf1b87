// What the larger picture of hires fix is asked otherwise than the first: A1111's keys of its settings line. What is left out is as for the first.
import { z } from 'zod'
import { PigmentError } from '../requests/error.ts'
import { chosenSampling } from '../samplers/sampler-options.ts'
import { samplerCalled } from '../samplers/sampler-names.ts'
import { samplerByName } from '../samplers/sampler.ts'
import { scheduleByName, scheduleCalled } from '../schedules/schedule-names.ts'
import { scheduleTypeOf } from '../schedules/schedule.ts'
import type { RunAsked } from './condition.ts'

export const hiresOwn = {
  hiresSampler: z.string().max(40).optional().meta({
    description: 'sampler of the larger picture',
    placeholder: 'NAME',
    fallback: 'that of the first',
    written: 'Hires sampler',
    axis: false,
  }),
  hiresSchedule: z.string().max(40).optional().meta({
    description: 'schedule of the larger picture',
    placeholder: 'NAME',
    fallback: 'that of the first',
    written: 'Hires schedule type',
    axis: false,
  }),
  hiresCfg: z.number().min(0).max(100).optional().meta({
    description: 'how closely the larger picture follows the prompt',
    placeholder: 'X',
    fallback: 'as the first',
    step: 0.5,
    written: 'Hires CFG Scale',
  }),
  hiresPrompt: z.string().max(4096).optional().meta({
    description: 'what the larger picture is to show',
    placeholder: 'P',
    fallback: 'the prompt',
    written: 'Hires prompt',
    axis: false,
  }),
  hiresNegative: z.string().max(4096).optional().meta({
    description: 'what the larger picture is to keep away from',
    placeholder: 'Q',
    fallback: 'the negative prompt',
    written: 'Hires negative prompt',
    axis: false,
  }),
}
const schema = z.object(hiresOwn)
type Options = z.output<typeof schema>

export const hiresChecks: Readonly<Record<string, (value: string) => void>> = {
  hiresSampler: (name) => void samplerByName(name),
  hiresSchedule: (name) => void scheduleByName(name),
  hiresPrompt: (text) => refuseAdapters('hiresPrompt', text),
  hiresNegative: (text) => refuseAdapters('hiresNegative', text),
}

/** Adapters are those of the prompt in both runs. */
function refuseAdapters(option: string, text: string): void {
  const [tag] = /<(?:lora|lyco|hypernet):[^<>\n]+>/.exec(text) ?? []
  if (tag === undefined) return
  const sentence = `"${option}" calls an adapter (${tag}), and both runs of hires fix have the adapters of the prompt. Take the tag out, or write it into the prompt.`
  throw new PigmentError('hires-prompt-adapter', sentence, { option, tag })
}

export function hiresAsks(given: Options, asked: RunAsked): Partial<RunAsked> & { readonly prompt?: string } {
  const { hiresSampler: sampler, hiresSchedule: schedule, hiresCfg: cfg, hiresPrompt: prompt, hiresNegative: negative } = given
  const [other, elsewhere] = [sampler && samplerByName(sampler) !== samplerByName(asked.sampler), Boolean(schedule)]
  return {
    // Options are those of one sampler, or of one schedule.
    ...(other ? { sampler, samplerOptions: undefined } : {}),
    ...(elsewhere ? { schedule } : {}),
    ...(elsewhere || (other && asked.schedule === undefined) ? { scheduleOptions: undefined } : {}),
    ...(cfg === undefined ? {} : { cfg }),
    ...(negative ? { negative } : {}),
    ...(prompt ? { prompt } : {}),
  }
}

/** Names as A1111 has them, where they mean the same there; a sampler's own schedule too, or that of the first would be taken. */
export function hiresWritten(given: Options, asked: RunAsked): Readonly<Record<string, string>> {
  if (!given.hiresSampler && !given.hiresSchedule) return {}
  const { sampler, schedule } = chosenSampling({ ...asked, ...hiresAsks(given, asked) })
  const type = scheduleTypeOf(schedule)
  const called = samplerCalled(sampler.written)
  return {
    ...(given.hiresSampler
      ? { hiresSampler: called.sampler === sampler && called.unknown === undefined ? sampler.written : sampler.name }
      : {}),
    hiresSchedule: type !== undefined && scheduleCalled(type) === schedule ? type : schedule.name,
  }
}
