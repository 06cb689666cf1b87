// The table of a race for people, in Markdown.
import { byteSize } from '../../../engine/requests/byte-size.ts'
import type { RaceResult, RaceRow } from '../../../engine/requests/race.ts'

const columns: readonly (readonly [title: string, value: (row: RaceRow) => string])[] = [
  ['method', ({ title }) => title],
  ['style', ({ style }) => (style === undefined ? '–' : `${Math.round(style * 100)} %`)],
  ['held-out loss', ({ heldOut }) => heldOut.toFixed(4)],
  ['forgetting', ({ forgetting }) => forgetting.toFixed(3)],
  ['steps', ({ training }) => String(training?.steps ?? '–')],
  ['seconds', ({ training }) => (training ? training.seconds.toFixed(0) : '–')],
  ['s/step', ({ training }) => (training ? training.secondsPerStep.toFixed(2) : '–')],
  ['peak memory', ({ training }) => (training ? byteSize(training.memoryBytes) : '–')],
  ['file', ({ training }) => (training ? byteSize(training.fileBytes) : '–')],
  ['trained', ({ training }) => (training ? `${(training.fraction * 100).toPrecision(2)} %` : '–')],
  ['rate', ({ training }) => (training ? String(Number(training.lr.toPrecision(3))) : '–')],
]

export function raceTable({ rows, absent, equal, measured }: RaceResult): string {
  const shown = columns.filter(([title]) => title !== 'style' || rows.some(({ style }) => style !== undefined))
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  const seen = measured.seen ? 'which training saw too, at noise that it did not' : 'which training did not see'
  return [
    line(shown.map(([title]) => title)),
    line(shown.map(() => '---')),
    ...rows.map((row) => line(shown.map(([, value]) => value(row)))),
    '',
    `At equal ${equal}. The held-out loss is over ${measured.pictures} pictures, ${seen}; forgetting is how far the answers to captions without the style moved.`,
    ...absent.map(({ title, reason }) => `- ${title} did not take part: ${reason}`),
    '',
  ].join('\n')
}
