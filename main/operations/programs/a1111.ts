import type { ModelProgram } from './program.ts'
import { webuiShelves } from './webui-shelves.ts'

/** AUTOMATIC1111/stable-diffusion-webui, `modules/paths.py`; SD.Next keeps the same folders. */
export const a1111: ModelProgram = {
  name: 'a1111',
  title: 'A1111',
  called:
    /^(stable-diffusion-webui|sd-?webui|automatic(1111)?|a1111|sd\.webui|sdnext|stable-diffusion-webui-(amdgpu|directml|master)|webui)$/i,
  shelves: async (folder) =>
    folder.names.includes('webui.py') && !folder.names.includes('modules_forge') ? webuiShelves(folder) : undefined,
}
