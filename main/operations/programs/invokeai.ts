import { join } from 'node:path'
import { parse } from 'yaml'
import { placed, type ModelProgram } from './program.ts'

/** invoke-ai/InvokeAI: one folder of all kinds, a folder of its own for each model or, before version 4, one by base and kind. Its database is not read. */
export const invokeai: ModelProgram = {
  name: 'invokeai',
  title: 'InvokeAI',
  called: /^invoke-?ai(-\d[\w.]*)?$/i,
  usual: ({ home, environment }) => [environment.INVOKEAI_ROOT ?? '', join(home, 'invokeai'), join(home, '.invokeai')].filter(Boolean),
  async shelves({ path, names, text, surroundings }) {
    const config = names.includes('invokeai.yaml')
    if (!config && !(names.includes('databases') && names.includes('models'))) return undefined
    const said = config ? /^\s*models_dir:.*$/m.exec(await text('invokeai.yaml'))?.[0] : undefined
    const way: unknown = said === undefined ? undefined : Object.values(asRecord(said))[0]
    const folder = placed(typeof way === 'string' && way !== '' ? way : 'models', path, surroundings)
    return [folder, join(path, 'autoimport')].map((one) => ({ path: one, holds: 'anything' as const }))
  },
}

/** One line of YAML; a line that is none says nothing. */
function asRecord(line: string): Record<string, unknown> {
  try {
    return { ...(parse(line.trim(), { logLevel: 'silent' }) as Record<string, unknown>) }
  } catch {
    return {}
  }
}
