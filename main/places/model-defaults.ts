// What a model begins with: the embedded one says its own, every other has its family's.
import { resolve } from 'node:path'
import { families } from '../../engine/models/families/index.ts'
import { publishedDefaults } from '../../engine/models/published-defaults.ts'
import type { ModelDefaults } from '../../engine/requests/model-defaults.ts'
import { embeddedDefaults } from './embedded-defaults.ts'
import { embeddedPath } from './embedded.ts'

export const isEmbedded = (path = embeddedPath): boolean => resolve(path) === resolve(embeddedPath)

/** Every model's, by what its card says of it: `embedded`, or its family. */
export const allDefaults: Readonly<Record<string, ModelDefaults>> = {
  embedded: embeddedDefaults,
  ...Object.fromEntries(families.map(({ name, defaults }) => [name, defaults])),
}

/** Of the model at a path, or of the embedded one. */
export const defaultsOf = (path: string | undefined, family: string): ModelDefaults =>
  allDefaults[isEmbedded(path) ? 'embedded' : family] ?? publishedDefaults
