import type { ModelProgram } from './program.ts'
import { webuiShelves } from './webui-shelves.ts'

/** lllyasviel/stable-diffusion-webui-forge and what grew from it: A1111's folders beside `modules_forge/`. */
export const forge: ModelProgram = {
  name: 'forge',
  title: 'Forge',
  called: /^(stable-diffusion-webui-(re)?forge|sd-?webui-forge(-\w+)*|(sd-)?(re)?forge(-(neo|classic))?|webui_forge\w*|webui)$/i,
  shelves: async (folder) => (folder.names.includes('modules_forge') ? webuiShelves(folder) : undefined),
}
