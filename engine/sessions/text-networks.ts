// The text encoders of a model as sessions that are made when first needed: read at one layer at a time.
import type { StackEntry } from '../adapters/stack.ts'
import { textNetwork } from '../adapter-formats/base-networks.ts'
import type { Checkpoint } from '../checkpoint/config.ts'
import { clipSkipped } from '../models/clip-skip.ts'
import type { SessionOptions } from '../runtime/session.ts'
import { AdaptableNetwork } from './adaptable-network.ts'
import type { AdaptedSession } from './adapted-session.ts'
import { textSession } from './networks.ts'

/** Another device would have what a stack folds into weights copied into it with every run. */
export const feedsWeights = ({ provider = 'cpu' }: SessionOptions): boolean => provider === 'cpu'

export class TextNetworks {
  readonly #checkpoint: Checkpoint
  readonly #options: SessionOptions
  #networks: readonly AdaptableNetwork[]
  #clipSkip = 1

  constructor(checkpoint: Checkpoint, options: SessionOptions) {
    this.#checkpoint = checkpoint
    this.#options = options
    this.#networks = this.#at(1)
  }

  /** Sessions of another layer take the place of those that are open. Throws `clip-skip-deep`. */
  async readAt(clipSkip: number): Promise<void> {
    if (clipSkip === this.#clipSkip) return
    const [last, next] = [this.#networks, this.#at(clipSkip)]
    this.#networks = next
    this.#clipSkip = clipSkip
    for (const one of last) await one.release()
  }

  session(index: number, stack: readonly StackEntry[], alone: boolean): Promise<AdaptedSession> {
    return (this.#networks[index] as AdaptableNetwork).session(stack, alone)
  }

  async release(index: number): Promise<void> {
    await this.#networks[index]?.release()
  }

  #at(clipSkip: number): AdaptableNetwork[] {
    return clipSkipped(this.#checkpoint, clipSkip).textEncoders.map(
      (encoder, i) =>
        new AdaptableNetwork({
          network: textNetwork(encoder, i),
          feedsWeights: feedsWeights(this.#options),
          make: (network) => textSession(encoder, i, this.#options, network),
        }),
    )
  }
}
