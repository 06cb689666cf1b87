// What there is of a picture that is stopped before its end: that which its latest step believed in, as A1111 keeps it.
import type { Picture } from '../../engine/images/picture.ts'
import type { GenerateOptions } from '../../engine/generate.ts'
import { elementCount, type Tensor } from '../../engine/tensor/tensor.ts'
import type { Model } from '../../engine/sessions/open-model.ts'

/** Who is cancelled has seconds to end; who is told to skip a picture has time. */
const hurriedMilliseconds = 1500
/** Steps of a picture that its decoder takes about as long as, at most: reckoned, not measured on a large model. */
const stepsOfDecoder = 4

type AfterStep = NonNullable<GenerateOptions['afterStep']>

export class UntilNow {
  #latest:
    { readonly step: number; readonly steps: number; readonly denoised: Tensor; readonly finish: Parameters<AfterStep>[3] } | undefined
  #at = performance.now()
  #stepTime = Infinity

  see: AfterStep = (step, steps, { shape, data }, finish) => {
    const now = performance.now()
    this.#stepTime = now - this.#at
    this.#at = now
    // Samplers write into the same array again.
    const denoised = { shape, data: data.slice(0, elementCount(shape)) }
    this.#latest = { step, steps, denoised, finish }
    return Promise.resolve()
  }

  /** What a preview took is no step's. */
  goOn(): void {
    this.#at = performance.now()
  }

  /** Nothing before the first step, or where there is no time for it. */
  async picture(model: Model, hurried: boolean): Promise<{ picture: Picture; step: number; steps: number } | undefined> {
    const latest = this.#latest
    if (!latest || (hurried && this.#stepTime * stepsOfDecoder > hurriedMilliseconds)) return undefined
    const { decode } = await import('../../engine/sessions/decode.ts')
    const { rgb, width, height } = await decode(model, latest.denoised)
    return { picture: await latest.finish({ width, height, data: rgb }), step: latest.step, steps: latest.steps }
  }
}
