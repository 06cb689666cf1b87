import { expect, test } from 'vitest'
import type { Component } from './adapter.ts'
import { loraModule } from './variants/lora.ts'
import { activeModules, acts, type StackEntry } from './stack.ts'

const module = (component: Component) =>
  loraModule(
    { component, path: 'a' },
    { down: { shape: [1, 2], data: new Float32Array(2) }, up: { shape: [2, 1], data: new Float32Array(2) }, alpha: 1 },
  )
const adapter = { name: 'one', modules: [module('unet'), module('text_encoder'), module('text_encoder_2')], metadata: {}, skipped: [] }
const weights = (given: Omit<StackEntry, 'adapter'>) =>
  (['unet', 'text_encoder', 'text_encoder_2'] as const).map((component) =>
    activeModules([{ adapter, ...given }], { component, blockOf: () => undefined })
      .get('a')
      ?.map(({ weight }) => weight),
  )

test('the text encoders may have a strength of their own, none included', () => {
  expect(weights({ weight: 0.8, enabled: true })).toEqual([[0.8], [0.8], [0.8]])
  expect(weights({ weight: 0.8, textWeight: 0.5, enabled: true })).toEqual([[0.8], [0.5], [0.5]])
  expect(weights({ weight: 0.8, textWeight: 0, enabled: true })).toEqual([[0.8], undefined, undefined])
  expect(weights({ weight: 0, textWeight: 0.5, enabled: true })).toEqual([undefined, [0.5], [0.5]])
  expect(weights({ weight: 0.8, textWeight: 0.5, enabled: false })).toEqual([undefined, undefined, undefined])
})

test('an entry acts where any of its strengths does', () => {
  const strengths = [{ weight: 1 }, { weight: 0 }, { weight: 0, textWeight: 1 }, { weight: 1, textWeight: 0 }, { weight: 0, textWeight: 0 }]
  expect(strengths.map((given) => acts({ ...given, enabled: true }))).toEqual([true, false, true, true, false])
  expect(acts({ weight: 1, enabled: false })).toBe(false)
})

test('blocks multiply the strength of their network, none of them adds the module, and layers of no block have it whole', () => {
  const at = (given: Omit<StackEntry, 'adapter'>, component: Component, block: string | undefined) =>
    activeModules([{ adapter, ...given }], { component, blockOf: () => block }).get('a')?.[0]?.weight
  const given = { weight: 0.5, textWeight: -2, enabled: true, blocks: { BASE: 0.25, IN04: -1, M00: 0 } }
  expect([at(given, 'unet', 'IN04'), at(given, 'unet', 'M00'), at(given, 'unet', 'OUT03'), at(given, 'unet', undefined)]).toEqual([
    -0.5,
    undefined,
    0.5,
    0.5,
  ])
  expect([at(given, 'text_encoder', 'BASE'), at(given, 'text_encoder_2', 'BASE')]).toEqual([-0.5, -0.5])
  expect(at({ ...given, enabled: false }, 'unet', 'IN04')).toBeUndefined()
})
