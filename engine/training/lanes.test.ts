import '../ops/index.ts'
import { afterEach, expect, test, vi } from 'vitest'
import { Graph } from '../graph/graph.ts'
import { mul } from '../graph/math.ts'
import { SessionThread } from '../runtime/session-thread.ts'
import { sessionsOpen } from '../runtime/session.ts'
import { PigmentError } from '../requests/error.ts'
import { laneShape } from '../requests/members.ts'
import { Lanes } from './lanes.ts'

afterEach(() => void vi.restoreAllMocks())

const square = (): Graph => {
  const graph = new Graph('square')
  const x = graph.input('x', 'float32', ['N'])
  graph.output('out', mul(x, x))
  return graph
}
const small = { count: 2, threads: 1, session: {} }
const three = { x: { shape: [1], data: new Float32Array([3]) } }

test('small networks get a lane for each member while there are threads, others one', () => {
  const facts = { members: 2, parameters: 1e6, provider: 'cpu', threads: 2 }
  expect(laneShape(facts)).toEqual({ count: 2, threads: 1 })
  expect(laneShape({ ...facts, threads: 9 })).toEqual({ count: 2, threads: 4 })
  expect(laneShape({ ...facts, members: 5, threads: 3 })).toEqual({ count: 3, threads: 1 })
  expect(laneShape({ ...facts, threads: 1 })).toEqual({ count: 1, threads: 1 })
  expect(laneShape({ ...facts, parameters: 860e6, threads: 8 })).toEqual({ count: 1, threads: 8 })
  expect(laneShape({ ...facts, provider: 'cuda' })).toEqual({ count: 1, threads: 2 })
})

test('threads that do not start leave one lane, and say why; what the runtime refuses is refused', async () => {
  const before = sessionsOpen()
  const [open, reason] = [vi.spyOn(SessionThread, 'open'), new PigmentError('thread-ended', 'It ended (code 1).')]
  open.mockRejectedValueOnce(reason)
  {
    await using lanes = await Lanes.open(square(), small)
    expect([lanes.sessions.length, lanes.refused]).toEqual([1, reason])
    expect([...((await lanes.sessions[0]?.run(three))?.out?.data ?? [])]).toEqual([9])
  }
  {
    await using lanes = await Lanes.open(square(), small)
    expect([lanes.sessions.length, lanes.refused]).toEqual([2, undefined])
    for (const one of lanes.sessions) expect([...((await one.run(three)).out?.data ?? [])]).toEqual([9])
  }
  open.mockRejectedValueOnce(new PigmentError('out-of-memory', 'No memory.'))
  await expect(Lanes.open(square(), small)).rejects.toMatchObject({ code: 'out-of-memory' })
  expect(sessionsOpen()).toBe(before)
})
