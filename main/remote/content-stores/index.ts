// Written by build/write-indexes.ts; do not edit. Where files may lie that travel, by their addresses.
import type { ContentStoreKind } from '../content-store.ts'
import { folder } from './folder.ts'
import { s3 } from './s3.ts'

export const contentStoreKinds: readonly ContentStoreKind[] = [folder, s3]
