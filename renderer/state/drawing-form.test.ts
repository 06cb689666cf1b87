import { expect, test } from 'vitest'
import { freshForm, rememberedForm, requestFrom, sounds, type DrawingForm } from './drawing-form.ts'

const entry = (adapter: string, enabled = true, weight = 1) => ({ adapter, enabled, weight })
const form = (part: Partial<DrawingForm>): DrawingForm => ({ ...freshForm(), ...part })
const sounding = (one: DrawingForm): string[] => one.stack.filter((entry) => sounds(one, entry)).map(({ adapter }) => adapter)

test('solo is a state of its own: mutes stay as they are under it, and one mute is no solo', () => {
  const stack = [entry('ink'), entry('comic', false), entry('moss')]
  expect(sounding(form({ stack }))).toEqual(['ink', 'moss'])
  expect(sounding(form({ stack, solo: 'comic' }))).toEqual(['comic'])
  expect(sounding(form({ stack, solo: undefined }))).toEqual(['ink', 'moss'])
  expect(sounding(form({ stack: [entry('ink'), entry('comic', false)] }))).toEqual(['ink'])
  // The one that sounded alone was taken off.
  expect(sounding(form({ stack, solo: 'gone' }))).toEqual(['ink', 'moss'])
})

test('what is asked for leaves out adapters and models that are gone', () => {
  const known = { adapters: new Set(['ink', 'moss']), models: new Set(['sd']) }
  const stack = [entry('ink', false, 0.5), entry('gone'), entry('moss')]
  expect(requestFrom(form({ stack, model: 'sd', solo: 'gone' }), known)).toMatchObject({
    model: 'sd',
    stack: [entry('ink', false, 0.5), entry('moss')],
  })
  const told = form({ samplerOptions: { eta: 0.5, churn: 2 } })
  expect(requestFrom(told, known).samplerOptions).toEqual({ eta: 0.5, churn: 2 })
  expect(requestFrom(told, { ...known, own: { samplerOptions: new Set(['eta']) } }).samplerOptions).toEqual({ eta: 0.5 })
  expect('samplerOptions' in requestFrom(told, { ...known, own: { samplerOptions: new Set() } })).toBe(false)
  expect(requestFrom(form({ stack, solo: 'ink' }), known).stack).toEqual([entry('ink', true, 0.5), entry('moss', false)])
  const bare = requestFrom(form({ model: 'removed' }), known)
  expect(['model' in bare, 'solo' in bare]).toEqual([false, false])
})

test('a remembered form comes back whole, and what does not fit is left', () => {
  const whole = form({
    prompt: 'a fox',
    seed: 7,
    stack: [entry('ink')],
    solo: 'ink',
    model: 'sd',
    emphasis: 'none',
    samplerOptions: { eta: 1 },
  })
  expect({ ...freshForm(), ...rememberedForm(JSON.stringify(whole), freshForm()) }).toEqual(whole)
  const odd = {
    prompt: 3,
    width: 'wide',
    steps: null,
    stack: [{ adapter: 1 }],
    emphasis: 'loud',
    samplerOptions: { eta: null },
    later: true,
    model: null,
    cfg: 7,
  }
  expect(rememberedForm(JSON.stringify(odd), freshForm())).toEqual({ cfg: 7 })
  for (const text of ['', 'null', '[', '7']) expect(rememberedForm(text, freshForm())).toEqual({})
})
