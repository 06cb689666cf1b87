import { expect, test } from 'vitest'
import { familyCalled } from '../models/family-called.ts'
import { tinyModel } from '../models/testing.ts'
import { layerGroups } from '../requests/layer-groups.ts'
import { trainRequest } from '../requests/train.ts'
import { trainingRules } from '../training-rules.ts'
import { layerChoice } from './layer-choice.ts'

const { family, unet } = tinyModel('sd1')
const layers = [...unet.weights].flatMap(([key, { shape }]) =>
  key.endsWith('.weight') ? [{ path: key.slice(0, -'.weight'.length), weight: shape }] : [],
)

const request = (more: object) => trainRequest.parse({ dataset: 'd', ...more })
function chosen(more: object) {
  const { targets, shapeOf } = layerChoice(familyCalled(family), unet.config, request(more))
  const paths = layers.filter(({ path }) => targets.test(path))
  return new Map(paths.map(({ path, weight }) => [path, { ...shapeOf(path, weight), slides: weight.slice(2).some((side) => side > 1) }]))
}
const refused = (more: object): string[] =>
  trainingRules.flatMap((rule) => {
    try {
      return (rule(request(more)), [])
    } catch (error) {
      return [(error as { code: string }).code]
    }
  })

test('every group has layers of its own, and together they are all layers', () => {
  const groups = layerGroups.map((name) => [...chosen({ groups: name }).keys()])
  expect(groups.every((paths) => paths.length > 0)).toBe(true)
  const all = groups.flat()
  expect(all.length).toBe(new Set(all).size)
  expect(new Set(all)).toEqual(new Set(chosen({ layers: 'all' }).keys()))
  const attention = [...chosen({ layers: 'attention' }).keys()]
  expect([...chosen({ groups: 'attention' }).keys()]).toEqual(attention)
  expect([...chosen({ groups: 'q, k,v,out' }).keys()]).toEqual(attention)
  const cross = [...chosen({ groups: 'cross-k,cross-v' }).keys()]
  expect(cross.every((path) => /attn2\.to_[kv]$/.test(path))).toBe(true)
  expect([...chosen({ layers: 'all', groups: 'k,v' }).keys()].length).toBe(2 * cross.length)
})

test('convolutions have a rank and an alpha of their own, and act as strongly as the others where only the rank is told', () => {
  const shapes = [...chosen({ layers: 'all', rank: 8, alpha: 4, convRank: 2 }).values()]
  expect(new Set(shapes.map(({ rank, slides }) => `${slides} ${rank}`))).toEqual(new Set(['true 2', 'false 8']))
  expect(new Set(shapes.map(({ alpha, rank }) => alpha / rank))).toEqual(new Set([0.5]))
  const told = [...chosen({ layers: 'all', rank: 8, alpha: 4, convRank: 2, convAlpha: 5 }).values()]
  expect(new Set(told.map(({ alpha, rank }) => alpha / rank))).toEqual(new Set([0.5, 2.5]))
  const usual = [...chosen({ layers: 'all', rank: 3, alpha: 16 }).values()]
  expect(new Set(usual.map(({ alpha }) => alpha))).toEqual(new Set([16]))
})

test('rank-stabilised layers act by alpha / √rank, whatever their rank', () => {
  const shapes = [...chosen({ layers: 'all', rank: 16, alpha: 4, convRank: 4, blockRanks: 'M00=9', rsLora: true }).values()]
  for (const { rank, alpha } of shapes) expect(alpha / rank).toBeCloseTo(4 / Math.sqrt(rank), 12)
  expect(new Set(shapes.map(({ rank }) => rank))).toEqual(new Set([4, 9, 16]))
})

test('blocks have ranks and rates of their own; 0 leaves a block out', () => {
  const { block } = familyCalled(family)
  const of = (path: string) => block(path, unet.config) ?? ''
  const shapes = chosen({ layers: 'all', rank: 4, alpha: 8, blockRanks: 'IN=2,IN02=0,OUT=6', blockRates: 'OUT=0.5,M00=0' })
  const found = new Map([...shapes].map(([path, { rank, alpha, rate }]) => [of(path), [rank, alpha, rate]]))
  expect(found.has('IN02')).toBe(false)
  expect([...chosen({ layers: 'all' }).keys()].some((path) => of(path) === 'IN02')).toBe(true)
  expect([found.get('IN01'), found.get('M00'), found.get('OUT00')]).toEqual([[2, 4, 1], [4, 8, 0], [6, 12, 0.5]]) // prettier-ignore
  const list = Array.from({ length: 26 }, (_, i) => i + 1).join(',')
  expect([...chosen({ layers: 'all', blockRanks: list })].every(([path, { rank }]) => rank >= 2 && of(path) !== '')).toBe(true)
})

test('what cannot be or would do nothing is refused before a run begins', () => {
  expect(refused({ layers: 'all', convRank: 4, rsLora: true, blockRanks: 'IN04=8', blockRates: 'OUT=0' })).toEqual([])
  expect(refused({ groups: 'attention,nonsense' })).toEqual(['layer-groups'])
  expect(refused({ groups: 'toString' })).toEqual(['layer-groups'])
  for (const blockRanks of ['IN99=4', 'IN04=', 'IN04=2.5', 'IN04=1025', 'IN04=-1', '4', '1,2,3', 'IN04=1,5', 'IN04=1=2'])
    expect([blockRanks, ...refused({ blockRanks })]).toEqual([blockRanks, 'block-values'])
  expect(refused({ blockRates: 'IN04=101' })).toEqual(['block-values'])
  expect(refused({ convRank: 4 })).toEqual(['conv-unused'])
  expect(refused({ groups: 'attention', convAlpha: 4 })).toEqual(['conv-unused'])
  expect(refused({ groups: 'samplers', convAlpha: 4 })).toEqual([])
  expect(refused({ variant: 'ia3', blockRanks: 'M00=2' })).toEqual(['rank-unused'])
  expect(refused({ variant: 'oft', rsLora: true })).toEqual(['rs-lora-variant'])
  for (const more of [{ convRank: 4, layers: 'all' }, { rsLora: true }, { blockRates: 'M00=2' }])
    expect(refused({ method: 'adalora', ...more })).toEqual(['method-layers'])
})
