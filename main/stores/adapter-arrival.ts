// Files of an adapter on their way into a folder of the library, and out of it: itself, and what lies beside it under its name.
import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { copyRegular } from '../../engine/files/regular-file.ts'
import { adapterName, copyAdapter } from '../operations/adapter-files.ts'
import { seeAdapter } from './adapter-folder.ts'
import { safeName } from './safe-name.ts'

/** Copies it in whole under a free name, which it gives. Throws `disk-full` and the like. */
export async function bringIn(from: string, folder: string): Promise<string> {
  const name = await freeName(safeName(basename(from)), folder)
  await copyAdapter(from, join(folder, name))
  for (const path of await filesBeside(dirname(from), basename(from))) {
    const ending = basename(path).slice(adapterName(from).length)
    await copyRegular(path, join(folder, `${adapterName(name)}${ending}`)).catch(() => undefined) // It is no part of the adapter.
  }
  return name
}

export async function filesBeside(folder: string, file: string): Promise<string[]> {
  const { beside, preview } = await seeAdapter(folder, file)
  return [...beside, ...(preview ? [preview] : [])]
}

async function freeName(name: string, folder: string): Promise<string> {
  const stem = adapterName(name)
  const taken = new Set((await readdir(folder)).map((one) => one.toLowerCase()))
  for (let i = 1; ; i++) {
    const free = `${stem}${i === 1 ? '' : ` ${i}`}${name.slice(stem.length)}`
    if (!taken.has(free.toLowerCase())) return free
  }
}
