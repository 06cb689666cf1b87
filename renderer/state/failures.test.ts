import { expect, test } from 'vitest'
import { PigmentError } from '../../engine/requests/error.ts'
import type { Transport } from '../../main/api/transport.ts'
import { added, callOf, callOfError, settled, watched } from './failures.ts'

const error = (message: string, code = 'disk-full') => ({ code, message, facts: {} })

test('failures of a code are one card that counts; each sentence of it is told once, the newest first', () => {
  const one = added(undefined, error('a.txt'), 'a')
  const three = added(added(one, error('b.txt'), 'b'), error('a.txt'), 'a')
  expect(three).toEqual({ code: 'disk-full', errors: [error('a.txt'), error('b.txt')], times: 3, calls: ['b', 'a'] })
})

test('a card goes when all that had failed succeeded, and no sooner', () => {
  const both = added(added(undefined, error('a.txt'), 'a'), error('b.txt'), 'b')
  expect(settled(both, 'c')).toBe(both)
  expect(settled(both, 'a')?.calls).toEqual(['b'])
  expect(settled(settled(both, 'a') ?? both, 'b')).toBeUndefined()
  expect(settled(added(undefined, error('no answer', 'host-unreachable'), 'a'), 'anything')).toBeUndefined()
})

test('calls of a method about different things are different, and about the same thing the same', () => {
  const save = (item: string, caption: string) => callOf('datasets.setCaption', { dataset: 'd', item, caption })
  expect(save('a', 'one')).toBe(save('a', 'two'))
  expect(save('a', 'one')).not.toBe(save('b', 'one'))
  expect(callOf('settings.get', undefined)).toBe('settings.get')
})

test('an error knows its call, and a success is told', async () => {
  const succeeded: string[] = []
  const failing = new PigmentError('disk-full', 'The disk is full.')
  const transport = watched(
    { invoke: (method: string) => (method === 'a.good' ? Promise.resolve(1) : Promise.reject(failing)) } as Partial<Transport> as Transport,
    (call) => succeeded.push(call),
  )
  expect(await transport.invoke('a.good', {})).toBe(1)
  await expect(transport.invoke('a.bad', { job: 'j' })).rejects.toBe(failing)
  expect([succeeded, callOfError(failing), callOfError('text')]).toEqual([['a.good'], 'a.bad, job j', ''])
})
