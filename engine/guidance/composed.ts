// Prompts that are followed at once (Liu et al. 2022, "Compositional Visual Generation with Composable Diffusion Models", equation 11), as A1111 sums
// them up (modules/sd_samplers_cfg_denoiser.py, combine_denoised): ε₋ + Σ w (ε₊ − ε₋), to be guided as one prompt's.

/** Of each picture, how much each of its prompts counts. */
type Weights = readonly (readonly number[])[] | undefined

/** The predictions of the prompts as one, as they differ from the negative prompt's; undefined where there is none. */
export function composedRows(negative: Float32Array, prompts: readonly Float32Array[], weights: Weights): Float32Array | undefined {
  if (!weights) return prompts[0]
  const size = negative.length / weights.length
  return negative.map((value, i) => {
    const own = weights[Math.floor(i / size)] ?? []
    return prompts.reduce((sum, prompt, k) => sum + (own[k] ?? 0) * ((prompt[i] ?? 0) - value), value)
  })
}

/** Their mean by weight, where no negative prompt is asked. */
export function weighed(prompts: readonly Float32Array[], weights: Weights): Float32Array | undefined {
  const [first] = prompts
  if (!weights || !first) return first
  const size = first.length / weights.length
  return first.map((value, i) => {
    const own = weights[Math.floor(i / size)] ?? []
    const sum = own.reduce((a, b) => a + b, 0)
    return sum === 0 ? value : prompts.reduce((total, prompt, k) => total + ((own[k] ?? 0) / sum) * (prompt[i] ?? 0), 0)
  })
}
