// What memory in large pages is worth (main/processes/large-pages.ts): the same training steps without and with, in turn.
import { join } from 'node:path'
import { embedded, training } from './embedded.ts'
import type { Bench } from './bench.ts'

const turns = [1, 2, 3].flatMap((turn) =>
  [0, 1].map((large) => [`${large ? 'large' : 'usual'} pages, turn ${turn}`, { GLIBC_TUNABLES: `glibc.malloc.hugetlb=${large}` }] as const),
)

export const pages: Bench = {
  title: 'LoRA step of the embedded model, rank 8, batch 8, without and with large pages',
  ...(embedded.missing ? { missing: embedded.missing } : {}),
  cases: Object.fromEntries(turns.map(([name]) => [name, (folder) => training(join(folder, name), { batch: 8, steps: 60 })])),
  environments: Object.fromEntries(turns),
}
