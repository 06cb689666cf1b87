// The curves of growth.ts as an SVG: a column for each sweep, time above, memory below; dashed is what grows in proportion from the first point on.

interface Point {
  readonly x: number
  readonly seconds: number
  readonly peak: number
}
interface Panel {
  readonly title: string
  readonly points: readonly Point[]
}

const [width, height, gap, margin] = [230, 130, 46, 44]
const round = (value: number): number => Math.round(10 * value) / 10
const label = (value: number): string => (value >= 100 ? String(Math.round(value)) : String(Math.round(100 * value) / 100))

export function growthPicture(panels: readonly Panel[]): string {
  const whole = { width: margin + panels.length * (width + gap), height: 2 * (height + gap) + 30 }
  const body = panels.flatMap(({ title, points }, i) => {
    const left = margin + i * (width + gap)
    return [
      `<text x="${left}" y="16" font-weight="bold">${title}</text>`,
      ...plot(points, ({ seconds }) => seconds, { left, top: 30, unit: 's CPU', color: '#2563ab' }),
      ...plot(points, ({ peak }) => peak / 2 ** 20, { left, top: 30 + height + gap, unit: 'MB', color: '#b4531d' }),
    ]
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${whole.width} ${whole.height}" font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="#fff"/>
${body.join('\n')}
</svg>
`
}

interface Place {
  readonly left: number
  readonly top: number
  readonly unit: string
  readonly color: string
}

function plot(points: readonly Point[], of: (point: Point) => number, { left, top, unit, color }: Place): string[] {
  const [first] = points
  const last = points.at(-1)
  if (!first || !last) return []
  const most = 1.1 * Math.max(...points.map(of))
  const x = (value: number): number => round(left + (width * value) / last.x)
  const y = (value: number): number => round(top + height - (height * Math.min(value, most)) / most)
  const path = points.map((point) => `${x(point.x)},${y(of(point))}`).join(' ')
  // Where the proportional line leaves the panel, it ends.
  const slope = first.x > 0 ? of(first) / first.x : 0
  const end = slope > 0 ? Math.min(last.x, most / slope) : last.x
  const from = slope > 0 ? 0 : of(first)
  return [
    `<path d="M${left} ${top}V${top + height}H${left + width}" fill="none" stroke="#888"/>`,
    `<path d="M${x(0)} ${y(from)}L${x(end)} ${y(slope > 0 ? slope * end : from)}" stroke="#aaa" stroke-dasharray="4 3"/>`,
    `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"/>`,
    ...points.map((point) => `<circle cx="${x(point.x)}" cy="${y(of(point))}" r="3" fill="${color}"/>`),
    ...points.map((point) => `<text x="${x(point.x)}" y="${top + height + 14}" text-anchor="middle">${label(point.x)}</text>`),
    `<text x="${left - 4}" y="${y(of(last)) + 4}" text-anchor="end">${label(of(last))}</text>`,
    `<text x="${left + 4}" y="${top + 10}" fill="${color}">${unit}</text>`,
  ]
}
