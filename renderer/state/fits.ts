// Whether a value is one that its field takes. The host asks the same of the same schema; here it is told while it is typed.
import type { Bounds } from '../../engine/requests/bounds.ts'

export function fits({ kind, min, max, above, below, choices }: Bounds, value: unknown): boolean {
  const inside = (size: number): boolean =>
    (min === undefined || (above ? size > min : size >= min)) && (max === undefined || (below ? size < max : size <= max))
  switch (kind) {
    case 'integer':
      return typeof value === 'number' && Number.isSafeInteger(value) && inside(value)
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) && inside(value)
    case 'text':
      return typeof value === 'string' && inside(value.length)
    case 'list':
      return Array.isArray(value) && inside(value.length)
    case 'choice':
      return typeof value === 'string' && (choices ?? []).includes(value)
    case 'switch':
      return typeof value === 'boolean'
  }
}
