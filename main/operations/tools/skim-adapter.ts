import { adapterFormats, openAdapter } from '../../../engine/adapter-formats/read.ts'
import { crossAttentionWidth, familyHint, inwardRoles } from '../../../engine/adapter-formats/family-hint.ts'
import type { AdapterFile } from '../../../engine/adapter-formats/format.ts'
import { keyPart } from '../../../engine/adapter-formats/key-parts.ts'
import { unwrapped } from '../../../engine/adapter-formats/group-keys.ts'
import { triggersOf } from '../../../engine/adapters/triggers.ts'
import { families } from '../../../engine/models/families/index.ts'
import type { FamilyMetadata } from '../../../engine/models/family.ts'
import type { OperationContext } from '../../processes/operation.ts'
import { sampledContent } from '../adapter-content.ts'
import { embeddedBase } from '../adapter-bases.ts'
import { inspectAdapter, titleOf, type AdapterFacts } from './inspect-adapter.ts'

/** An adapter as its header tells, in milliseconds whatever its size. Throws the engine's reason for what is none. */
export async function skimAdapter({ path }: { path: string }, context: Pick<OperationContext, 'signal'>): Promise<AdapterFacts> {
  const { files } = await openAdapter(path)
  const [first] = files
  const format = first && adapterFormats.find((one) => 'yes' in one.recognise(first))?.title
  // Whoever reads it says why it is none.
  if (format === undefined) return inspectAdapter({ path }, context)
  const metadata = Object.fromEntries(files.flatMap((file) => [...file.metadata]))
  const parts = files.flatMap(partsOf)
  const width = files.flatMap((file) => crossAttentionWidth(file) ?? [])[0] ?? 0
  return {
    kind: 'adapter',
    format,
    ...(await baseOf(files, width, metadata)),
    width,
    layers: new Set(parts.map(({ stem }) => stem)).size,
    layersByNetwork: {},
    ranks: [...new Set(parts.filter(({ part }) => inwardRoles.has(part)).map(({ shape }) => shape[0] ?? 0))].sort((a, b) => a - b),
    triggers: triggersOf(metadata),
    title: titleOf(metadata),
    metadata: Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)),
    leftOut: [],
    content: await sampledContent(files),
  }
}

/** PEFT folders hold a text encoder's layers under the names of two versions of transformers. */
const withoutWrapper = (name: string): string => unwrapped(name).replace(/^text_model\./, '')

function partsOf(file: AdapterFile) {
  const once = new Map([...file.entries.values()].map(({ name, shape }) => [withoutWrapper(name), shape]))
  return [...once].flatMap(([name, shape]) => {
    const key = keyPart(name)
    return key && 'part' in key ? [{ stem: `${file.component ?? ''} ${key.stem}`, part: key.part, shape }] : []
  })
}

/** The base model by the width of its text, and else by what the file says of itself. */
async function baseOf(files: readonly AdapterFile[], width: number, said: Readonly<Record<string, string>>) {
  const embedded = await embeddedBase()
  if (embedded && width === embedded.width) return { family: embedded.family, base: embedded.title }
  const hint = files.flatMap((file) => familyHint(file) ?? [])[0]
  const found =
    families.find(({ title }) => title === hint) ??
    (hint === undefined ? families.find(({ metadata }) => saysSo(metadata('epsilon'), said)) : undefined)
  if (found) return { family: found.name, base: found.title }
  const other = hint ?? said['ss_base_model_version'] ?? ''
  return { family: other, base: other }
}

const saysSo = ({ architecture, ss_base_model_version: version }: FamilyMetadata, said: Readonly<Record<string, string>>): boolean =>
  said['ss_base_model_version'] === version || (said['modelspec.architecture'] ?? '').startsWith(`${architecture}/`)
