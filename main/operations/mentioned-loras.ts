// The adapters that a prompt mentions, looked for in a folder: `<lora:ink:0.8>` is ink.safetensors there, or else the one with that title.
import { readdir } from 'node:fs/promises'
import { openAdapter } from '../../engine/adapter-formats/read.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import { strengthSaid } from '../../engine/requests/strength.ts'
import type { LoraMention } from '../api/prompt.ts'
import { blockReading } from '../places/block-presets.ts'
import { adapterMentioned, adapterName, adaptersAt } from './adapter-files.ts'
import type { LoraChoice } from './lora-choice.ts'

/** `seed`: of the picture. Throws `adapter-unknown` with the names that are there, and those of `strengthSaid`. */
export async function findMentioned(mentions: readonly LoraMention[], folder: string, seed = 0): Promise<LoraChoice[]> {
  if (mentions.length === 0) return []
  const files = (await readdir(folder).catch(() => [])).length > 0 ? (await adaptersAt([folder])).filter((path) => path !== folder) : []
  const found: LoraChoice[] = []
  for (const { name, ignored, ...said } of mentions) {
    const wanted = name.toLowerCase()
    const file =
      files.find((path) => adapterName(path) === name) ??
      files.find((path) => adapterName(path).toLowerCase() === wanted) ??
      files.find((path) => adapterName(path).toLowerCase() === adapterMentioned(wanted)) ??
      (await titled(files, wanted))
    if (file === undefined) {
      const names = files.map(adapterName)
      const there = names.length > 0 ? `There are: ${names.slice(0, 20).join(', ')}.` : 'It holds no adapter.'
      const sentence = `The prompt asks for "<lora:${name}:…>", and "${folder}" has no adapter of that name. ${there} Name another folder with --lora-folder, or the file with --lora.`
      throw new PigmentError('adapter-unknown', sentence, { name, folder, names: names.slice(0, 20) })
    }
    found.push({ file, ...strengthSaid(said, blockReading(seed, name)), ...(ignored ? { ignored } : {}), enabled: true })
  }
  return found
}

/** One that cannot be opened has no title; whoever asks for it by its file's name is told why. */
async function titled(files: readonly string[], wanted: string): Promise<string | undefined> {
  for (const path of files) {
    const opened = await openAdapter(path).catch(() => undefined)
    const { 'modelspec.title': title, ss_output_name: name } = Object.fromEntries(opened?.files[0]?.metadata ?? [])
    if ([title, name].some((one) => one?.toLowerCase() === wanted)) return path
  }
  return undefined
}
