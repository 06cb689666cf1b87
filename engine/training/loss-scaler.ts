// Dynamic loss scaling: gradients of fp16 vanish below 6e-8, so the loss is multiplied before the backward pass and the gradients are divided after it.
// A scale that is too large makes Inf or NaN: that step is skipped and the next scale is half of it. Micikevicius et al. 2018, "Mixed Precision
// Training"; torch.amp.GradScaler with its defaults (torch/amp/grad_scaler.py, ATen's _amp_update_scale_).

const first = 2 ** 16
const growth = 2
const backoff = 0.5
const growthInterval = 2000

/** Places of the state. */
const [scale, clean, skipped, inRow] = [0, 1, 2, 3] as const

export class LossScaler {
  /** Scale; clean steps since it last changed; steps skipped in all, and in a row. Checkpoints hold it; whole numbers of fp32 are exact. */
  readonly state = Float32Array.of(first, 0, 0, 0)

  get scale(): number {
    return this.#at(scale)
  }
  get skipped(): number {
    return this.#at(skipped)
  }
  get skippedInRow(): number {
    return this.#at(inRow)
  }

  /** Divides the gradient of a step by the scale, in place, and says whether all of it is finite. The scale of the next step follows from that. */
  unscale(gradient: Float32Array): boolean {
    const factor = 1 / this.scale
    let finite = true
    for (let i = 0; i < gradient.length; i++) {
      const value = (gradient[i] as number) * factor
      gradient[i] = value
      if (!Number.isFinite(value)) finite = false
    }
    this.update(finite)
    return finite
  }

  /** After a step whose gradient was finite, or was not. */
  update(finite: boolean): void {
    const { state } = this
    if (!finite) {
      state[scale] = this.scale * backoff
      state[clean] = 0
      state[skipped] = this.skipped + 1
      state[inRow] = this.skippedInRow + 1
      return
    }
    state[inRow] = 0
    state[clean] = this.#at(clean) + 1
    if (this.#at(clean) < growthInterval) return
    state[clean] = 0
    const next = Math.fround(this.scale * growth)
    if (Number.isFinite(next)) state[scale] = next
  }

  #at(place: number): number {
    return this.state[place] as number
  }
}
