// The ranks of an adapter by layer, where they differ. Plain data.

/** The layers of one block of strengths: `BASE` for text encoders, `IN00` … `OUT11` of the UNet, '' for what stands in none. */
export interface RankBlock {
  readonly block: string
  /** Rank by layer, in the order of the file; 0: nothing is left of it. Text encoders' layers have their network before, as `text_encoder/…`. */
  readonly ranks: Readonly<Record<string, number>>
}
