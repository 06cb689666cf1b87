// The folders of A1111's web interface and of its descendants, and those that a person named to it on its command line.
import { placed, shelvesOf, type Holding, type ProgramFolder, type Shelf } from './program.ts'

/** `webui-user.sh` and `.bat` hold `COMMANDLINE_ARGS`; flags of `modules/cmd_args.py`, of its built-in extensions and of Forge. */
const flags: readonly (readonly [flag: string, holds: Holding])[] = [
  ['ckpt-dir', 'models'],
  ['ckpt-dirs', 'models'],
  ['vae-dir', 'vaes'],
  ['lora-dir', 'adapters'],
  ['lora-dirs', 'adapters'],
  ['lyco-dir', 'adapters'],
  ['lyco-dir-backcompat', 'adapters'],
  ['embeddings-dir', 'embeddings'],
]

export async function webuiShelves(folder: ProgramFolder): Promise<readonly Shelf[]> {
  const said = (await Promise.all(['webui-user.sh', 'webui-user.bat'].map((file) => folder.text(file)))).map(withoutComments).join('\n')
  const named = (flag: string): string[] => valuesOf(flag, said).map((way) => placed(way, folder.path, folder.surroundings))
  return [
    ...[folder.path, ...named('data-dir'), ...named('forge-ref-a1111-home')].flatMap(usualShelves),
    ...named('models-dir').flatMap(modelShelves),
    ...flags.flatMap(([flag, holds]) => named(flag).map((path) => ({ path, holds }))),
  ]
}

const usualShelves = (folder: string): Shelf[] => [
  ...shelvesOf(folder, 'models', 'models/Stable-diffusion', 'models/Diffusers'),
  ...shelvesOf(folder, 'vaes', 'models/VAE'),
  ...shelvesOf(folder, 'adapters', 'models/Lora', 'models/LyCORIS'),
  ...shelvesOf(folder, 'embeddings', 'embeddings', 'models/embeddings'),
]
const modelShelves = (models: string): Shelf[] => [
  ...shelvesOf(models, 'models', 'Stable-diffusion', 'Diffusers'),
  ...shelvesOf(models, 'vaes', 'VAE'),
  ...shelvesOf(models, 'adapters', 'Lora', 'LyCORIS'),
  ...shelvesOf(models, 'embeddings', 'embeddings'),
]

/** What a person keeps as an example says nothing. */
const withoutComments = (text: string): string => text.replace(/^\s*(#|::|rem\b).*$/gim, '')

/** The values of `--flag VALUE` and `--flag=VALUE`, quoted or not; a quote that closes the whole line is none of a value's. */
function valuesOf(flag: string, text: string): string[] {
  const found = text.matchAll(new RegExp(`(?:^|[\\s"'=])--${flag}[= ]+(?:"([^"\\n]+)"|'([^'\\n]+)'|([^\\s"']+))`, 'g'))
  return [...found].map(([, double, single, bare]) => double ?? single ?? bare ?? '')
}
