// The clash report of measured adapters at given strengths: cheap, so that a moved slider needs no new measuring.
import type { Strength } from '../requests/strength.ts'
import { because, type Reason } from '../requests/reason.ts'
import type { ClashAdapter, ClashBlock, ClashFigures, ClashLayer, ClashPair, ClashReport } from '../requests/clash.ts'
import type { MeasuredLayer, Measures, Unmeasured } from './measure.ts'
import { suggestWeights, type Suggestion } from './suggest.ts'
import { energyOf, figuresOf, innerOf, interferenceOn, peakEnergyOf, shareOf, type StrengthIn } from './totals.ts'

export interface ReportedAdapter extends Strength {
  readonly name: string
}

const reasons: Readonly<Record<Unmeasured['reason'], Reason>> = {
  'needs-base': because(
    'clash-needs-base',
    'What they do depends on the weights of the base model, which is not at hand. Name its checkpoint.',
  ),
  shift: because('clash-shift', 'They shift biases and change no weight.'),
}

export function clashReport(adapters: readonly ReportedAdapter[], { layers, unmeasured }: Measures, base: string): ClashReport {
  const strength: StrengthIn = (adapter, { component, block }) => strengthIn(adapters[adapter], component === 'unet', block)
  const ids = adapters.map((_, i) => i)
  const couples = ids.flatMap((a) => ids.slice(a + 1).map((b) => [a, b] as const))
  const pairs: ClashPair[] = couples.map(([first, second]) => ({ first, second, ...whole(figuresOf(layers, first, second, strength)) }))
  const on = (own: number, other: number): number => (own === other ? 0 : interferenceOn(layers, own, other, strength))
  const interference = ids.map((own) => ids.map((other) => on(own, other)))
  const inner = ids.map((a) =>
    ids.map((b) => (a === b ? energyOf(layers, a, strength) : innerOf(layers, Math.min(a, b), Math.max(a, b), strength))),
  )
  const suggested = suggestWeights({ weights: adapters.map(({ weight }) => weight), inner, interference })
  const norms = ids.map((i) => Math.sqrt(inner[i]?.[i] ?? 0))
  const sum = norms.reduce((total, norm) => total + norm, 0)
  return {
    base,
    adapters: adapters.map(({ name, weight }, i): ClashAdapter => {
      const own = layers.flatMap((layer) => shareOf(layer, i) ?? [])
      const norm = norms[i] ?? 0
      return {
        name,
        weight,
        layers: own.length,
        norm,
        normShare: sum > 0 ? norm / sum : 0,
        peakShare: norm > 0 ? peakEnergyOf(layers, i, strength) / norm ** 2 : 0,
        disturbed: (interference[i] ?? []).reduce((total, value) => total + value, 0),
        suggested: suggested[i] as Suggestion,
        leftOut: unmeasured.flatMap(({ adapter, reason, layers: count }) =>
          adapter === i ? [{ layers: count, reason: reasons[reason] }] : [],
        ),
        lost: own.reduce((most, { lost }) => Math.max(most, lost), 0),
      }
    }),
    pairs,
    blocks: blocksOf(layers, couples, ids, strength),
    layers: layers.map((layer) => layerRow(layer, couples, ids, strength)),
  }
}

function strengthIn(given: Strength | undefined, unet: boolean, block: string | undefined): number {
  if (!given) return 0
  const { weight, textWeight = weight, blocks } = given
  return (unet ? weight : textWeight) * ((block === undefined ? undefined : blocks?.[block]) ?? 1)
}

const whole = (figures: ClashFigures): ClashFigures & { readonly interference: number } => ({
  ...figures,
  interference: (figures.onFirst + figures.onSecond) / 2,
})

type Couples = readonly (readonly [a: number, b: number])[]

/** As the model runs through them: text first, then down, the middle, up. */
function blocksOf(layers: readonly MeasuredLayer[], couples: Couples, ids: readonly number[], strength: StrengthIn): ClashBlock[] {
  const energies = ids.map((i) => energyOf(layers, i, strength))
  const place = (block: string): string => `${['BASE', 'IN', 'M', 'OUT', ''].findIndex((start) => block.startsWith(start))}${block}`
  return [...Map.groupBy(layers, ({ block = '' }) => block)]
    .sort(([a], [b]) => (place(a) < place(b) ? -1 : 1))
    .map(([block, own]) => ({
      block,
      pairs: couples.map(([a, b]) => whole(figuresOf(own, a, b, strength))),
      shares: ids.map((i) => energyOf(own, i, strength) / Math.max(energies[i] ?? 0, Number.MIN_VALUE)),
    }))
}

function layerRow(layer: MeasuredLayer, couples: Couples, ids: readonly number[], strength: StrengthIn): ClashLayer {
  const acts = (i: number): boolean => shareOf(layer, i) !== undefined && strength(i, layer) !== 0
  const at = (i: number): number => Math.abs(strength(i, layer))
  return {
    layer: `${layer.component}.${layer.path}`,
    block: layer.block ?? '',
    norms: ids.map((i) => at(i) * Math.sqrt(shareOf(layer, i)?.energy ?? 0)),
    peaks: ids.map((i) => at(i) * (shareOf(layer, i)?.peak ?? 0)),
    pairs: couples.map(([a, b]) => (acts(a) && acts(b) ? figuresOf([layer], a, b, strength) : null)),
  }
}
