// From a model's logits to its most probable text: greedy, or beam search as transformers does it (`GenerationMixin._beam_search`).

export interface TextSearch {
  readonly start: number
  /** What ends a text. */
  readonly ends: ReadonlySet<number>
  /** Texts that are followed at once; 1 takes the most probable token each time. */
  readonly beams: number
  /** Tokens that a text may have. */
  readonly most: number
}
/** Logits of the token after each sequence, (V). */
export type NextToken = (sequences: readonly (readonly number[])[]) => Promise<readonly Float32Array[]>

interface Beam {
  /** With the start. */
  readonly ids: readonly number[]
  /** Sum of the logarithms of its probabilities; of finished ones, divided by its length. */
  readonly score: number
}

/** Token ids without start and end. */
export async function generateText(next: NextToken, search: TextSearch): Promise<readonly number[]> {
  const ids = search.beams === 1 ? await greedy(next, search) : await beamSearch(next, search)
  return ids.slice(1).filter((id) => !search.ends.has(id))
}

async function greedy(next: NextToken, { start, ends, most }: TextSearch): Promise<readonly number[]> {
  const ids = [start]
  while (ids.length <= most) {
    const [logits = new Float32Array()] = await next([ids])
    let best = 0
    for (let id = 1; id < logits.length; id++) if ((logits[id] ?? 0) > (logits[best] ?? 0)) best = id
    ids.push(best)
    if (ends.has(best)) break
  }
  return ids
}

async function beamSearch(next: NextToken, { start, ends, beams, most }: TextSearch): Promise<readonly number[]> {
  let running: readonly Beam[] = [{ ids: [start], score: 0 }]
  let finished: readonly Beam[] = []
  // So many that enough of them go on, whatever ends.
  const kept = Math.max(2, 1 + ends.size) * beams
  for (let length = 1; ; length++) {
    const logits = await next(running.map(({ ids }) => ids))
    const candidates = highest(
      running.flatMap((beam, i) => continued(beam, logits[i] ?? new Float32Array(), kept)),
      kept,
    )
    const ended = ({ ids }: Beam): boolean => length === most || ends.has(ids.at(-1) ?? -1)
    const done = candidates.slice(0, beams).filter(ended)
    finished = highest([...finished, ...done.map(({ ids, score }) => ({ ids, score: score / length }))], beams)
    running = candidates.filter((one) => !ended(one)).slice(0, beams)
    const worst = finished.length === beams ? (finished.at(-1)?.score ?? -Infinity) : -Infinity
    const best = running[0] ? running[0].score / length : -Infinity
    if (running.length === 0 || best <= worst) return finished[0]?.ids ?? [start]
  }
}

/** Its most probable continuations. */
function continued({ ids, score }: Beam, logits: Float32Array, kept: number): Beam[] {
  const top = logits.reduce((most, value) => Math.max(most, value), -Infinity)
  const norm = top + Math.log(logits.reduce((sum, value) => sum + Math.exp(value - top), 0))
  const best: { id: number; logit: number }[] = []
  for (const [id, logit] of logits.entries()) {
    if (best.length === kept && logit <= (best.at(-1)?.logit ?? 0)) continue
    const at = best.findIndex((one) => logit > one.logit)
    best.splice(at < 0 ? best.length : at, 0, { id, logit })
    if (best.length > kept) best.pop()
  }
  return best.map(({ id, logit }) => ({ ids: [...ids, id], score: score + logit - norm }))
}

const highest = (beams: readonly Beam[], count: number): Beam[] => beams.toSorted((a, b) => b.score - a.score).slice(0, count)
