import { expect, test } from 'vitest'
import { diagnosedBy, isDiagnosed, noDiagnosis, type Diagnosis } from './diagnosis.ts'

const look = (step: number) => ({ type: 'diagnostics', step, blocks: [{ block: 'M00', gradNorm: step, update: 0.01 }] })
const after = (events: readonly { readonly type: string }[]): Diagnosis => events.reduce(diagnosedBy, noDiagnosis)

test('looks follow one another by step, and those after the checkpoint that a run went back to are told anew', () => {
  const known = after([look(10), look(20), look(30), { type: 'start', step: 15 } as never, look(20)])
  expect(known.looks.map(({ step }) => step)).toEqual([10, 20])
  // What says nothing of it changes nothing, not even the object.
  for (const event of [
    { type: 'step', step: 21 },
    { type: 'start', step: 20 },
    { type: 'warning', code: 'other', facts: {} },
  ])
    expect(diagnosedBy(known, event)).toBe(known)
  expect([isDiagnosed(noDiagnosis), isDiagnosed(known)]).toEqual([false, true])
})

test('a long run keeps its first and its last look and no more than can be seen', () => {
  const { looks } = after(Array.from({ length: 5000 }, (_, n) => look(n + 1)))
  expect(looks.length).toBeLessThanOrEqual(240)
  expect([looks[0]?.step, looks.at(-1)?.step]).toEqual([1, 5000])
  expect(looks.every(({ step }, i) => i === 0 || step > (looks[i - 1]?.step ?? 0))).toBe(true)
})

test('of ranks, pictures and dead layers the last told are known', () => {
  const use = (step: number) => ({ type: 'rank-use', step, rank: 8, used: step, layers: [] })
  const dead = { type: 'warning', code: 'layers-dead', message: '', facts: { dead: 1, layers: 9, step: 4, first: 'a', names: ['a'] } }
  const worst = { type: 'picture-losses', step: 4, pictures: [{ path: 'a.png', loss: 1.5, draws: 6 }] }
  expect(after([use(2), use(4), worst, dead])).toEqual({
    looks: [],
    rankUse: { step: 4, rank: 8, used: 4, layers: [] },
    pictures: { step: 4, pictures: worst.pictures },
    dead: { step: 4, dead: 1, layers: 9, names: ['a'] },
  })
})
