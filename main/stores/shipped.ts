// The adapters that come with Pigment: each goes into the library once. One that a person removed stays away.
import { copyFile, readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import type { AdapterCard } from '../api/methods/library.ts'
import { JsonFile } from './json-file.ts'
import type { Library } from './library.ts'

const brought = z.object({ brought: z.array(z.string()).default([]) })

/** From a folder of `NAME.safetensors` with `NAME.png` for its cover; `folder` is the library's own. */
export async function bringShipped(library: Library, folder: string, shipped: string): Promise<readonly AdapterCard[]> {
  const record = await JsonFile.open(join(folder, 'shipped.json'), brought)
  const names = (await readdir(shipped).catch(() => [])).filter((name) => name.endsWith('.safetensors')).sort()
  const added: AdapterCard[] = []
  for (const file of names) {
    const name = basename(file, '.safetensors')
    if (record.value.brought.includes(name)) continue
    // It may be there already, if the program ended before it was written down.
    const there = (await library.twinsOf(join(shipped, file))).find((twin) => twin.name === name)
    if (there) await library.update(there.id, { source: 'shipped' })
    else {
      const cover = join(folder, `${name}.png`)
      const drawn = await copyFile(join(shipped, `${name}.png`), cover).then(
        () => ({ cover }),
        () => ({}),
      )
      added.push(await library.import(join(shipped, file), 'shipped', drawn))
    }
    await record.set({ brought: [...record.value.brought, name] })
  }
  return added
}
