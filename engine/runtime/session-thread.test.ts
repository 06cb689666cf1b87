import '../ops/index.ts'
import { Worker } from 'node:worker_threads'
import { expect, test, vi } from 'vitest'
import { Graph } from '../graph/graph.ts'
import { add, mul } from '../graph/math.ts'
import { SessionThread, sharedVector } from './session-thread.ts'
import { Session, sessionsOpen, sourceOf } from './session.ts'

/** `out` = x · x + y, of any length. */
function source() {
  const graph = new Graph('sum')
  const [x, y] = ['x', 'y'].map((name) => graph.input(name, 'float32', ['N'])) as [ReturnType<Graph['input']>, ReturnType<Graph['input']>]
  graph.output('out', add(mul(x, x), y))
  graph.output('square', mul(x, x))
  return sourceOf(graph)
}

test('a thread computes what a session computes, in the order asked, and writes to shared memory where it is told', async () => {
  const before = sessionsOpen()
  const shared = { x: sharedVector(3), out: sharedVector(3) }
  shared.x.set([1, 2, 3])
  const feeds = { x: { shape: [3], data: shared.x }, y: { shape: [3], data: new Float32Array([10, 20, 30]) } }
  const expected = { out: [11, 24, 39], square: [1, 4, 9] }
  {
    await using here = await Session.open(source(), { threads: 1 })
    await using thread = await SessionThread.open(source(), { threads: 1 })
    expect(sessionsOpen()).toBe(before + 2)
    const [first, second, mine] = await Promise.all([
      thread.run(feeds, { out: { shape: [3], data: shared.out } }),
      thread.run({ ...feeds, y: { shape: [3], data: new Float32Array(3) } }),
      here.run(feeds),
    ])
    for (const outputs of [first, mine])
      expect(Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, [...data]]))).toEqual(expected)
    expect(first.out?.data).toBe(shared.out)
    expect([...(second.out?.data ?? [])]).toEqual([1, 4, 9])
  }
  expect(sessionsOpen()).toBe(before)
})

test('what a session refuses, its thread refuses alike, and goes on', async () => {
  const before = sessionsOpen()
  {
    await using thread = await SessionThread.open(source(), { threads: 1 })
    const vector = (length: number) => ({ shape: [length], data: new Float32Array(length) })
    await expect(thread.run({ x: vector(3), y: vector(2) })).rejects.toMatchObject({ code: 'runtime', facts: { graph: 'sum' } })
    expect((await thread.run({ x: vector(2), y: vector(2) })).out?.shape).toEqual([2])
  }
  // A thread that ends by itself is told of, whether it was running or not, and holds nobody up.
  {
    const asked = vi.spyOn(Worker.prototype, 'postMessage')
    await using thread = await SessionThread.open(source(), { threads: 1 })
    const vector = { shape: [1], data: new Float32Array(1) }
    await thread.run({ x: vector, y: vector })
    await (asked.mock.contexts[0] as Worker).terminate()
    asked.mockRestore()
    await expect(thread.run({ x: vector, y: vector })).rejects.toMatchObject({ code: 'thread-ended' })
  }
  const damaged = { name: 'damaged', model: new Uint8Array([1, 2, 3]) }
  await expect(SessionThread.open(damaged, { threads: 1 })).rejects.toMatchObject({ code: 'runtime' })
  expect(sessionsOpen()).toBe(before)
})
