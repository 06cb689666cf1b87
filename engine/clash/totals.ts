// Sums over layers of what adapters do at their strengths. Everything a report says of a block or a whole stack comes from these.
import type { ClashFigures } from '../requests/clash.ts'
import type { MeasuredLayer } from './measure.ts'
import type { Meeting, Share } from './measure-layer.ts'

/** Strength of an adapter in a layer. */
export type StrengthIn = (adapter: number, layer: MeasuredLayer) => number

/** Σ w²·‖ΔW‖² over layers. */
export const energyOf = (layers: readonly MeasuredLayer[], adapter: number, strength: StrengthIn): number =>
  sum(layers, (layer) => strength(adapter, layer) ** 2 * (shareOf(layer, adapter)?.energy ?? 0))

/** Σ w²·σ₁². */
export const peakEnergyOf = (layers: readonly MeasuredLayer[], adapter: number, strength: StrengthIn): number =>
  sum(layers, (layer) => strength(adapter, layer) ** 2 * (shareOf(layer, adapter)?.peak ?? 0) ** 2)

/** Σ wₐ·w_b·⟨ΔWₐ, ΔW_b⟩. */
export const innerOf = (layers: readonly MeasuredLayer[], a: number, b: number, strength: StrengthIn): number =>
  sum(layers, (layer) => strength(a, layer) * strength(b, layer) * (meetingOf(layer, a, b)?.inner ?? 0))

export const shareOf = ({ shares }: MeasuredLayer, adapter: number): Share | undefined => shares.find((one) => one.adapter === adapter)

export const meetingOf = ({ meetings }: MeasuredLayer, a: number, b: number): Meeting | undefined =>
  meetings.find((one) => one.a === a && one.b === b)

/**
 * Predicted interference on `own` by `other`, a < b in the stack. In a layer it is ‖w′ΔW′·ΔWᵀ‖ / ‖wΔW·ΔWᵀ‖, primed ones the other's: how strongly the other
 * answers to the inputs that this one answers to, each input counted by how strongly this one does, relative to its own answer. Over layers it is the mean,
 * each layer counted by its share of this one's ‖wΔW‖². Our own measure; held against pictures in docs/composition.md.
 */
export function interferenceOn(layers: readonly MeasuredLayer[], own: number, other: number, strength: StrengthIn): number {
  const all = energyOf(layers, own, strength)
  if (all === 0) return 0
  const disturbed = sum(layers, (layer) => {
    const share = shareOf(layer, own)
    const meeting = meetingOf(layer, Math.min(own, other), Math.max(own, other))
    if (!share || !meeting || share.answer === 0) return 0
    return Math.abs(strength(own, layer) * strength(other, layer)) * share.energy * (meeting.inputs / share.answer)
  })
  return disturbed / all
}

/**
 * How strongly `other` moves pictures as a whole, as a multiple of `own`: the mean over layers of ‖w′ΔW′·x̄‖ / ‖wΔW·x̄‖ with x̄ the mean input, over those
 * layers where it is known and both act. Null where there are none. What is added to every place alike, as a colour of the ground, shows through others.
 */
export function dominanceOn(layers: readonly MeasuredLayer[], own: number, other: number, strength: StrengthIn): number | null {
  const ratios = layers.flatMap((layer) => {
    const [mine, theirs] = [own, other].map((one) => Math.abs(strength(one, layer)) * (shareOf(layer, one)?.steady ?? 0)) as [
      number,
      number,
    ]
    return mine > 0 && theirs > 0 ? [theirs / mine] : []
  })
  return ratios.length > 0 ? ratios.reduce((total, ratio) => total + ratio, 0) / ratios.length : null
}

/** Of a pair a < b over some layers. */
export function figuresOf(layers: readonly MeasuredLayer[], a: number, b: number, strength: StrengthIn): ClashFigures {
  const both = layers.filter((layer) => meetingOf(layer, a, b) && strength(a, layer) !== 0 && strength(b, layer) !== 0)
  const norms = Math.sqrt(energyOf(layers, a, strength) * energyOf(layers, b, strength))
  /** Over layers, each counted by how much both do there. */
  const mean = (value: (meeting: Meeting) => number): number => {
    let [total, weights] = [0, 0]
    for (const layer of both) {
      const [own, theirs] = [a, b].map((one) => Math.abs(strength(one, layer)) * Math.sqrt(shareOf(layer, one)?.energy ?? 0)) as [
        number,
        number,
      ]
      const meeting = meetingOf(layer, a, b)
      if (!meeting) continue
      total += own * theirs * value(meeting)
      weights += own * theirs
    }
    return weights > 0 ? total / weights : 0
  }
  return {
    shared: both.length,
    cosine: norms > 0 ? innerOf(layers, a, b, strength) / norms : 0,
    onFirst: interferenceOn(layers, a, b, strength),
    onSecond: interferenceOn(layers, b, a, strength),
    dominanceOnFirst: dominanceOn(layers, a, b, strength),
    dominanceOnSecond: dominanceOn(layers, b, a, strength),
    inputs: mean(({ rows }) => rows.overlap),
    outputs: mean(({ columns }) => columns.overlap),
    inputAngle: degrees(mean(({ rows }) => rows.largestCosine)),
    outputAngle: degrees(mean(({ columns }) => columns.largestCosine)),
  }
}

const degrees = (cosine: number): number => (Math.acos(Math.min(1, cosine)) * 180) / Math.PI

const sum = (layers: readonly MeasuredLayer[], value: (layer: MeasuredLayer) => number): number =>
  layers.reduce((total, layer) => total + value(layer), 0)
