import { mergeForm, type MergePreview } from '../../api/methods/merging.ts'
import { hostCommand } from '../../studio/command.ts'
import { mergedOfLibrary } from '../../studio/merging.ts'

/** What a merge would be, without writing it. */
export const preview = hostCommand({
  input: mergeForm,
  run: (studio, form): Promise<MergePreview> => studio.tasks.run(form.task, (running) => mergedOfLibrary(studio, form, running)),
})
