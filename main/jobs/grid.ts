// The cells of a grid with what the library and the models know.
import type { AskedPrompts } from '../api/methods/generate.ts'
import type { ModelCard } from '../api/methods/models.ts'
import { drawnForm, type PromptSource } from '../operations/drawn-form.ts'
import { gridPlan, type GridAxes, type GridCell, type GridPlan } from '../operations/grid-plan.ts'
import type { GridForm, GridWorld } from '../operations/axes/axis.ts'
import type { PictureTask } from '../operations/picture-task.ts'
import { drawable } from '../stores/drawable.ts'
import type { Library } from '../stores/library.ts'
import { pictureOf, type ResolvedStack } from './stack.ts'

/** Adapters and models by their ids or names. */
export function gridWorld(library: Library, models: readonly Pick<ModelCard, 'id' | 'name'>[]): GridWorld {
  const isHere = (id: string): boolean => {
    try {
      return drawable(library, id).kind !== 'embedding'
    } catch {
      return false
    }
  }
  return {
    adapters(name) {
      const found = isHere(name) ? name : library.byName(name)?.id
      return found === undefined ? [] : [found]
    },
    adapterTitle: (id) => drawable(library, id).title,
    model: (name) => models.find((one) => one.id === name || one.name.toLowerCase() === name.toLowerCase())?.id,
    modelTitle: (id) => models.find((one) => one.id === id)?.name ?? id,
  }
}

export interface DrawnCell extends GridCell, Pick<ResolvedStack, 'adapters'> {
  readonly asked?: AskedPrompts
  readonly task: PictureTask
}
export interface DrawnGrid extends Omit<GridPlan, 'cells'> {
  readonly cells: readonly DrawnCell[]
}

/** What a grid is made of beside its form. */
export interface GridParts {
  readonly library: Library
  readonly world: GridWorld
  readonly source: PromptSource
}

/** Each cell with its own texts. */
export async function gridCells(form: GridForm, axes: GridAxes, { library, world, source }: GridParts, most?: number): Promise<DrawnGrid> {
  const { cells, ...labels } = gridPlan(form, axes, world, most)
  const drawn = cells.map(async (cell) => {
    const { form: own, asked, templates } = await drawnForm(cell.form, source)
    const { adapters, task } = pictureOf(own, library)
    return { ...cell, form: own, ...(asked ? { asked } : {}), adapters, task: { ...task, ...(templates ? { templates } : {}) } }
  })
  return { ...labels, cells: await Promise.all(drawn) }
}
