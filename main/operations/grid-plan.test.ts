import { expect, test } from 'vitest'
import { generateForm } from '../api/methods/generate.ts'
import type { GridWorld } from './axes/axis.ts'
import { axesWritten, gridPlan, inDrawingOrder, readAxis } from './grid-plan.ts'

const world: GridWorld = {
  adapters: (name) => (name === 'run' ? ['ink', 'moss'] : ['ink', 'moss'].includes(name) ? [name] : []),
  adapterTitle: (adapter) => adapter.toUpperCase(),
  model: (name) => (['m1', 'm2'].includes(name) ? name : undefined),
  modelTitle: (model) => `Model ${model}`,
}
const form = generateForm.parse({ prompt: 'a fox, a hill', negative: 'fog', stack: [{ adapter: 'ink', weight: 1 }], steps: 8 })
const forms = (x: string, y?: string, z?: string) => {
  const axes = { x: readAxis(x, form, world), ...(y ? { y: readAxis(y, form, world) } : {}), ...(z ? { z: readAxis(z, form, world) } : {}) }
  return gridPlan(form, axes, world)
}
const got = (x: string, of: (form: (typeof forms extends (...args: never) => infer P ? P : never)['cells'][number]['form']) => unknown) =>
  forms(x).cells.map((cell) => of(cell.form))

test('an axis is written by the name of a field, of A1111, or of an option of a condition', () => {
  expect(got('Steps=1-10(+3)', ({ steps }) => steps)).toEqual([1, 4, 7, 10])
  expect(got('cfg scale=1, 2.5', ({ cfg }) => cfg)).toEqual([1, 2.5])
  expect(got('Sampler="Euler a", DDIM', ({ sampler }) => sampler)).toEqual(['euler-ancestral', 'ddim'])
  expect(got('Schedule type=Karras', ({ schedule }) => schedule)).toEqual(['karras'])
  expect(got('Size=64x128, 128x64', ({ width, height }) => [width, height])).toEqual([
    [64, 128],
    [128, 64],
  ])
  expect(got('Checkpoint name=m2, m1', ({ model }) => model)).toEqual(['m2', 'm1'])
  expect(got('VAE=none, /v.safetensors', ({ vae }) => vae)).toEqual([undefined, '/v.safetensors'])
  expect(got('Hires upscale=1.5, 2', ({ conditions }) => conditions)).toEqual([{ hiresScale: 1.5 }, { hiresScale: 2 }])
  expect(got('emphasis=None, Original', ({ emphasis }) => emphasis)).toEqual(['none', 'a1111'])
  expect(got('sampler option:eta=0, 1', ({ samplerOptions }) => samplerOptions)).toEqual([{ eta: 0 }, { eta: 1 }])
  const hires = { ...form, conditions: { hiresScale: 2 } }
  expect(readAxis('Denoising strength=0.5', hires, world)).toMatchObject({ kind: 'condition', option: 'hiresStrength' })
})

test('an adapter varies in strength, in its text encoders, on and off, and in place of the stack', () => {
  expect(got('weight:ink=-1-1(+1)', ({ stack }) => stack[0]?.weight)).toEqual([-1, 0, 1])
  expect(got('TE weight=0, 0.5', ({ stack }) => stack[0]?.textWeight)).toEqual([0, 0.5])
  expect(got('LoRA on=on, off', ({ stack }) => stack[0]?.enabled)).toEqual([true, false])
  expect(got('LBW:ink=INS, "M00=0,IN04=0.5"', ({ stack }) => stack[0]?.blocks)).toMatchObject([
    { IN01: 1, M00: 0 },
    { M00: 0, IN04: 0.5 },
  ])
  expect(got('LoRA start=0.25, 4', ({ stack }) => stack[0]?.start)).toEqual([0.25, 4])
  expect(got('LoRA stop=0.5, 1', ({ stack }) => stack[0]?.stop)).toEqual([0.5, undefined])
  expect(got('LoRA stop=1, 4', ({ stack }) => stack[0]?.stop)).toEqual([1, 4])
  expect(got('LoRA curve=linear, "1@0,0.5@1"', ({ stack }) => stack[0]?.curve)).toEqual(['linear', '1@0,0.5@1'])
  expect(() => forms('LBW=MINE')).toThrow('it is no preset')
  expect(() => forms('LoRA start=2.5')).toThrow('Value 1 of the axis')
  expect(() => forms('LoRA curve=bezier')).toThrow('no way between points')
  // Another composition has options of its own.
  const composed = { ...form, composition: 'switch' as const, compositionOptions: { switchEvery: 2 } }
  const plan = gridPlan(composed, { x: readAxis('composition=switch, k-lora', composed, world) }, world)
  expect(plan.cells.map((cell) => cell.form.compositionOptions)).toEqual([{ switchEvery: 2 }, undefined])
  // A folder is each of its adapters: the checkpoints of a run; strengths are of whatever stands there by then.
  const { cells, columns } = forms('weight=0.5, 1', 'Adapter=run')
  expect(cells.map(({ form: { stack } }) => [stack[0]?.adapter, stack[0]?.weight])).toEqual([
    ['ink', 0.5],
    ['ink', 1],
    ['moss', 0.5],
    ['moss', 1],
  ])
  expect(columns).toEqual(['Weight 0.5', 'Weight 1'])
})

test('words of the prompts are searched and replaced, and stand in every order', () => {
  expect(got('Prompt S/R=fox, wolf, "owl, red"', ({ prompt }) => prompt)).toEqual(['a fox, a hill', 'a wolf, a hill', 'a owl, red, a hill'])
  expect(got('Prompt S/R=fog, rain', ({ negative }) => negative)).toEqual(['fog', 'rain'])
  expect(got('Prompt order=fox, hill', ({ prompt }) => prompt)).toEqual(['a fox, a hill', 'a hill, a fox'])
  // In other prompts too: they are chosen first.
  const { cells } = forms('Prompt S/R=fox, wolf', 'Prompt="red fox", "old fox"')
  expect(cells.map((cell) => cell.form.prompt)).toEqual(['red fox', 'red wolf', 'old fox', 'old wolf'])
  expect(() => forms('Prompt S/R=bear, wolf')).toThrow('Neither prompt holds "bear"')
})

test('a third axis makes sheets, and the sheet says all three as A1111 does', () => {
  const { cells, sheets } = forms('steps=1, 2', 'cfg=3', 'seed=7, 8')
  expect(sheets).toEqual(['Seed 7', 'Seed 8'])
  expect(cells.map(({ sheet, row, column, form: { seed, steps } }) => [sheet, row, column, seed, steps])).toEqual([
    [0, 0, 0, 7, 1],
    [0, 0, 1, 7, 2],
    [1, 0, 0, 8, 1],
    [1, 0, 1, 8, 2],
  ])
  const read = (text: string) => readAxis(text, form, world)
  expect(axesWritten({ x: read('steps=1,2'), y: read('S/R=a'.replace('S/R', 'Prompt S/R')), z: read('weight:ink=1') })).toEqual([
    ['Script', 'X/Y/Z plot'],
    ['X Type', 'Steps'],
    ['X Values', '1, 2'],
    ['Y Type', 'Prompt S/R'],
    ['Y Values', 'a'],
    ['Z Type', 'Adapter weight:ink'],
    ['Z Values', '1'],
  ])
})

test('a seed of -1 is thrown once, so that its cell can be drawn again', () => {
  const { values } = readAxis('Seed=-1, 5', form, world)
  expect(values[0]).toBeGreaterThanOrEqual(0)
  expect(values[1]).toBe(5)
})

test('what changes dearly changes least often', () => {
  const { cells } = forms('model=m1, m2', 'size=64x64, 128x64')
  const order = inDrawingOrder(cells, ({ model }) => String(model)).map(({ form: { model, width } }) => [model, width])
  expect(order).toEqual([
    ['m1', 64],
    ['m1', 128],
    ['m2', 64],
    ['m2', 128],
  ])
})

test('what does not fit is named with its place, before anything is drawn', () => {
  expect(() => forms('Stepz=1')).toThrow('Did you mean "Steps"?')
  expect(() => forms('Steps')).toThrow('is no axis')
  expect(() => forms('Steps=5, 0')).toThrow('Value 2 of the axis "Steps" is "0"; it takes a whole number from 1 to 1000.')
  expect(() => forms('Steps=1-')).toThrow('it has no end')
  expect(() => forms('Sampler=Euler, Eulerr')).toThrow('Value 2 of the axis "Sampler" is "Eulerr"')
  expect(() => forms('Size=64')).toThrow('two sides')
  expect(() => forms('weight:gone=1')).toThrow('of the adapter "gone", and none of that name is here')
  expect(() => forms('weight:moss=1')).toThrow('not in the stack')
  expect(() => forms('sampler option:eta=5')).toThrow('Value 1')
  expect(() => forms('mode=folded')).toThrow('no axis "mode"')
  expect(() => forms('steps=1-20', 'cfg=1-20')).toThrow('--cells 400')
})

test('what one axis says of a cell another does not take back', () => {
  expect(() => forms('Steps=1', 'cfg=2', 'steps=3')).toThrow('"Steps" is on two axes')
  expect(() => forms('weight:ink=0, 1', 'weight:ink=2')).toThrow('"Adapter weight" is on two axes')
  expect(() => forms('sampler option:eta=0', 'sampler option:eta=1')).toThrow('on two axes')
  // Words are replaced one after the other, and other options are others.
  expect(forms('Prompt S/R=fox, wolf', 'Prompt S/R=hill, lake').cells.map((cell) => cell.form.prompt)).toContain('a wolf, a lake')
  expect(forms('Hires upscale=2', 'Hires steps=4').cells[0]?.form.conditions).toEqual({ hiresScale: 2, hiresSteps: 4 })
})
