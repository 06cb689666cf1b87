import { PigmentError } from '../../engine/requests/error.ts'
import type { ContentStore } from './content-store.ts'
import { contentStoreKinds } from './content-stores/index.ts'

/** Throws `store-missing`, `store-unknown`, and what a kind of store says of its addresses. */
export function openStore(address: string | undefined): ContentStore {
  if (!address)
    throw new PigmentError(
      'store-missing',
      'Files must travel between this machine and the workers: name a folder that all of them see, or s3://bucket/folder, in Settings, with --store or by PIGMENT_STORE.',
      {},
    )
  for (const kind of contentStoreKinds) {
    const store = kind.open(address)
    if (store) return store
  }
  const names = contentStoreKinds.map(({ name }) => name)
  throw new PigmentError('store-unknown', `"${address}" is no store that Pigment knows. There are: ${names.join(', ')}.`, {
    address,
    names,
  })
}
