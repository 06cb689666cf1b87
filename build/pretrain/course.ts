// What a stage of pre-training learns, and how another thread makes the same again.
import type { Feed } from '../../engine/runtime/session.ts'
import type { TrainingGraph } from './graphs.ts'

/** A loss over samples, and what its step `n`, counted from 0, is fed with: a pure function of n. The first axis of every feed is the sample. */
export interface Course extends TrainingGraph {
  readonly feed: (step: number) => Record<string, Feed>
}

/** A module whose `course(options)` makes the same course in every thread. */
export interface CourseSource {
  readonly module: string
  readonly options: unknown
}

/**
 * The samples of each step in `count` equal parts, which lanes work on side by side: part `n % count` of step ⌊n / count⌋. Two lanes of 32 samples made
 * about 1.6 times the samples of one session on two threads; two of 16 made no more, since trained weights are packed anew in every step of every lane.
 */
export function inParts(
  feed: Course['feed'],
  count: number,
  fixed: Readonly<Record<string, Feed>> = {},
): (n: number) => Record<string, Feed> {
  let made: { readonly step: number; readonly feeds: Record<string, Feed> } | undefined
  return (n) => {
    const step = Math.floor(n / count)
    if (made?.step !== step) made = { step, feeds: feed(step) }
    return { ...fixed, ...Object.fromEntries(Object.entries(made.feeds).map(([name, whole]) => [name, part(whole, n % count, count)])) }
  }
}

function part({ shape, data }: Feed, index: number, parts: number): Feed {
  const [count = 0, ...rest] = shape
  if (count % parts !== 0) throw new RangeError(`A batch of ${count} does not split into ${parts} equal parts.`)
  const [own, each] = [count / parts, data.length / count]
  return { shape: [own, ...rest], data: data.subarray(index * own * each, (index + 1) * own * each) } as Feed
}
