// Renders the training pictures: node build/pretrain/data.ts [folder]
import { resolve } from 'node:path'
import { prepareData } from './data/prepare.ts'

const outDir = resolve(process.argv[2] ?? 'work/pretrain')
const { records } = await prepareData(outDir, console.log)
const count = (of: (record: (typeof records)[number]) => string, among = records): number => new Set(among.map(of)).size
const heldOut = records.filter((record) => record.split === 'held-out')
console.log(`${records.length} pictures, ${count((r) => r.concept)} concepts, ${count((r) => r.family)} families`)
console.log(
  `held out: ${heldOut.length} pictures, ${count((r) => r.concept, heldOut)} concepts, ${count((r) => r.family, heldOut)} families → ${outDir}`,
)
