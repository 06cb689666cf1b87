// The textual inversions that prompts call, looked for in a folder by the names of their files, as A1111 and ComfyUI look.
import { readdir } from 'node:fs/promises'
import { embeddingName, holdsEmbeddings } from '../../engine/embeddings/read.ts'
import { openSafetensors } from '../../engine/files/safetensors.ts'
import { adaptersAt } from './adapter-files.ts'
import { mayCall } from './may-call.ts'
import type { EmbeddingFile } from './picture-task.ts'

/** Files of embeddings in the folder whose names stand in a text. What cannot be opened is none. */
export async function filesCalled(texts: readonly string[], folder: string): Promise<EmbeddingFile[]> {
  if ((await readdir(folder).catch(() => [])).length === 0) return []
  const found: EmbeddingFile[] = []
  for (const file of await adaptersAt([folder])) {
    if (!/\.safetensors$/i.test(file) || !mayCall(texts, embeddingName(file))) continue
    const opened = await openSafetensors(file).catch(() => undefined)
    if (opened && holdsEmbeddings(opened)) found.push({ file })
  }
  return found
}
