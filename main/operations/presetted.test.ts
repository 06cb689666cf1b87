import { expect, test } from 'vitest'
import { presetBeside } from '../../engine/requests/presets.ts'
import { train } from '../commands/train.ts'
import { embeddedDefaults } from '../places/embedded-defaults.ts'
import { fromPairs } from './option-pairs.ts'
import { presetted } from './presetted.ts'

const asked = (given: object, recipe?: string) => {
  const { preset, ...task } = fromPairs(train.input.parse({ dataset: 'd', out: 'a.safetensors', ...given }))
  return presetted({ ...task, preset: presetBeside(preset, recipe) })
}

test('the terminal begins with the balanced preset of the model, and flags win over it', async () => {
  const { presets } = embeddedDefaults
  expect(await asked({})).toMatchObject(presets.balanced)
  expect(await asked({ preset: 'quick', batch: 3 })).toMatchObject({ ...presets.quick, batch: 3 })
})

test('what goes with a choice stands before the preset', async () => {
  expect(await asked({ optimizer: 'prodigy' })).toMatchObject({ lr: 1 })
})

test('vectors of a trigger word are learnt by one member, whatever a preset says', async () => {
  expect((await asked({ trigger: 'x', triggerVectors: 2 })).members).toBe(1)
  expect((await asked({ trigger: 'x', triggerVectors: 2, members: 2 })).members).toBe(2)
})

test('an adapter that is trained further says its own shape', async () => {
  const found = await asked({ continue: 'b.safetensors' })
  for (const key of ['rank', 'alpha', 'layers'] as const) expect(found[key]).toBeUndefined()
  expect(found.members ?? 1).toBe(1)
})

test('beside a recipe nothing is taken from the model, unless a preset is asked for', async () => {
  const found = await asked({}, 'a.toml')
  expect([found.steps, found.lr]).toEqual([1000, undefined])
  expect(await asked({ preset: 'quick' }, 'a.toml')).toMatchObject(embeddedDefaults.presets.quick)
})
