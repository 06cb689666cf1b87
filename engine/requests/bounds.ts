// What a field takes: of a form, where it is drawn from a schema, and of an input that did not fit.

export interface Bounds {
  readonly kind: 'integer' | 'number' | 'text' | 'list' | 'choice' | 'switch'
  /** The least and the most: of a number itself, of a text its letters, of a list its entries. */
  readonly min?: number
  readonly max?: number
  /** The least is not among them; `below`: the most is not. */
  readonly above?: boolean
  readonly below?: boolean
  /** For a choice. */
  readonly choices?: readonly string[]
}

/** A field of an input that does not fit: its path, as `samples.every`, and what it takes. */
export interface Misfit {
  readonly field: string
  readonly bounds: Bounds
}
