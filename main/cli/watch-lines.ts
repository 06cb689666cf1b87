// What a watched run tells, as lines for a person.
import { isReason, toldReason } from '../../engine/requests/reason.ts'
import type { WatchEvent } from '../../engine/requests/watch-events.ts'
import type { EmittedRecord } from '../api/command.ts'
import { quantity } from './units.ts'

type Lines = { readonly [T in WatchEvent['type']]: (event: Extract<WatchEvent, { readonly type: T }>) => string }

const lines: Lines = {
  validation: ({ step, heldOut, trained, gap }) =>
    `Step ${step}: held-out pictures ${heldOut.toFixed(4)}, trained ones ${trained.toFixed(4)} (gap ${gap.toFixed(4)})`,
  plateau: ({ step, best, measurements }) =>
    `Step ${step}: the last ${measurements} measurements were no better than that of step ${best}. The run ends here.`,
  recommendation: ({ reason }) => (isReason(reason) ? toldReason(reason) : ''),
  diagnostics({ step, blocks }) {
    const [least, ...more] = blocks.toSorted((a, b) => a.update - b.update)
    const most = more.at(-1) ?? least
    return least && most
      ? `Step ${step}: updates are ${quantity(most.update * 100)} % of the weights in ${most.block}, ${quantity(least.update * 100)} % in ${least.block}`
      : ''
  },
  'rank-use': ({ step, rank, used }) => `Step ${step}: of rank ${quantity(rank)}, ${quantity(used)} are used on the mean`,
  'picture-losses': ({ step, pictures }) =>
    `Step ${step}: learnt worst: ${pictures.slice(0, 3).map(({ path, loss }) => `${path} (${quantity(loss)} × the usual loss)`).join(', ')}`, // prettier-ignore
}

/** Nothing for what is not told of watching. */
export function watchLine(record: EmittedRecord): string {
  if (!Object.hasOwn(lines, record.type)) return ''
  return lines[record.type as WatchEvent['type']](record as never)
}
