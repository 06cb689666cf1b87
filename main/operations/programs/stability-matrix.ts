import { join } from 'node:path'
import { shelvesOf, type ModelProgram } from './program.ts'

/** LykosAI/StabilityMatrix, `SharedFolderType`: the folders that its packages share, in `Models/` of its data folder. */
export const stabilityMatrix: ModelProgram = {
  name: 'stability-matrix',
  title: 'StabilityMatrix',
  called: /^stability-?matrix(-\w+)*$/i,
  usual: ({ home, environment }) =>
    [environment.APPDATA, environment.XDG_CONFIG_HOME, join(home, '.config'), join(home, 'AppData', 'Roaming')].flatMap((folder) =>
      folder ? [join(folder, 'StabilityMatrix')] : [],
    ),
  async shelves({ path, names, text }) {
    // A portable one has its data beside the program; an installed one says in its settings where they are.
    const elsewhere = names.includes('library.json') ? libraryPath(await text('library.json')) : undefined
    const own =
      names.includes('Models') && (names.includes('settings.json') || names.includes('.sm-portable') || names.includes('Packages'))
    const folders = [...(own ? [path] : []), ...(names.includes('Data') ? [join(path, 'Data')] : []), ...(elsewhere ? [elsewhere] : [])]
    const called = own || elsewhere !== undefined || stabilityMatrix.called.test(path.split(/[\\/]/).at(-1) ?? '')
    if (!called || folders.length === 0) return undefined
    return folders.flatMap((folder) => [
      ...shelvesOf(folder, 'models', 'Models/StableDiffusion', 'Models/Diffusers', 'Models/DiffusionModels', 'Models/Unet'),
      ...shelvesOf(folder, 'vaes', 'Models/VAE'),
      ...shelvesOf(folder, 'adapters', 'Models/Lora', 'Models/LyCORIS'),
      ...shelvesOf(folder, 'embeddings', 'Models/TextualInversion', 'Models/Embeddings'),
    ])
  },
}

function libraryPath(text: string): string | undefined {
  try {
    const { LibraryPath: path } = JSON.parse(text) as { LibraryPath?: unknown }
    return typeof path === 'string' && path !== '' ? path : undefined
  } catch {
    return undefined
  }
}
