import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { errorRecord } from '../../engine/requests/error.ts'
import { parseQueueAddress, withoutPassword } from './address.ts'

test('an address in its parts; what is shown of it has no password', () => {
  expect(parseQueueAddress('rediss://me:p%40ss%2Fword@[::1]:7000/3')).toEqual({
    ...{ host: '::1', port: 7000, username: 'me', password: 'p@ss/word', database: 3, encrypted: true },
    shown: 'rediss://me:…@[::1]:7000/3',
  })
  expect(parseQueueAddress('redis://cards')).toEqual({ host: 'cards', port: 6379, database: 0, encrypted: false, shown: 'redis://cards' })
  for (const wrong of ['http://me:secret@cards', 'redis://me:secret@cards/jobs', 'redis://me:sec@ret@', 'me:secret@cards', 'redis://']) {
    const error = errorRecord(thrown(() => parseQueueAddress(wrong)))
    expect(error.code).toBe('queue-address')
    if (wrong.includes('//')) expect(inspect(error)).not.toMatch(/sec/)
  }
})

test('a password is taken out of any text', () => {
  expect(withoutPassword('--queue redis://:a:b@c@host:1/0 and redis://host:6379 rediss://u:x@h')).toBe(
    '--queue redis://:…@host:1/0 and redis://host:6379 rediss://u:…@h',
  )
})

function thrown(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}
