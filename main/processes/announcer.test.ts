import { expect, test } from 'vitest'
import type { Envelope } from '../api/transport.ts'
import { Announcer } from './announcer.ts'

test('a listener that fails is reported, and neither the others nor the one who tells are disturbed', () => {
  const failures: unknown[] = []
  const announcer = new Announcer((error, topic) => failures.push([topic, (error as Error).message]))
  const heard: Envelope[] = []
  announcer.listen(() => {
    throw new Error('No notifications here.')
  })
  announcer.listen((envelope) => heard.push(envelope))
  announcer.announce('library', {} as never)
  announcer.announce('library', {} as never)
  expect(heard.map(({ sequence }) => sequence)).toEqual([0, 1])
  expect(failures).toEqual([
    ['library', 'No notifications here.'],
    ['library', 'No notifications here.'],
  ])
})
