// Written by build/write-indexes.ts; do not edit. Every command by the name that its file has.
import { average as averageCommand } from './average.ts'
import { bake as bakeCommand } from './bake.ts'
import { caption as captionCommand } from './caption.ts'
import { clash as clashCommand } from './clash.ts'
import { convert as convertCommand } from './convert.ts'
import { cuda as cudaCommand } from './cuda.ts'
import { demo as demoCommand } from './demo.ts'
import { doctor as doctorCommand } from './doctor.ts'
import { exportAdapter as exportCommand } from './export.ts'
import { extract as extractCommand } from './extract.ts'
import { fetch as fetchCommand } from './fetch.ts'
import { generate as generateCommand } from './generate.ts'
import { grid as gridCommand } from './grid.ts'
import { inspect as inspectCommand } from './inspect.ts'
import { merge as mergeCommand } from './merge.ts'
import { models as modelsCommand } from './models.ts'
import { optimized as optimizedCommand } from './optimized.ts'
import { race as raceCommand } from './race.ts'
import { recipe as recipeCommand } from './recipe.ts'
import { recommend as recommendCommand } from './recommend.ts'
import { rescale as rescaleCommand } from './rescale.ts'
import { resize as resizeCommand } from './resize.ts'
import { slice as sliceCommand } from './slice.ts'
import { train as trainCommand } from './train.ts'
import { info as appInfoCommand } from './app/info.ts'
import { licences as appLicencesCommand } from './app/licences.ts'
import { openLink as appOpenLinkCommand } from './app/open-link.ts'
import { stop as appStopCommand } from './app/stop.ts'
import { add as captioningAddCommand } from './captioning/add.ts'
import { list as captioningListCommand } from './captioning/list.ts'
import { preview as captioningPreviewCommand } from './captioning/preview.ts'
import { remove as captioningRemoveCommand } from './captioning/remove.ts'
import { start as captioningStartCommand } from './captioning/start.ts'
import { report as clashReportCommand } from './clash/report.ts'
import { fetch as cudaFetchCommand } from './cuda/fetch.ts'
import { install as cudaInstallCommand } from './cuda/install.ts'
import { offer as cudaOfferCommand } from './cuda/offer.ts'
import { remove as cudaRemoveCommand } from './cuda/remove.ts'
import { state as cudaStateCommand } from './cuda/state.ts'
import { addPictures as datasetsAddPicturesCommand } from './datasets/add-pictures.ts'
import { analyse as datasetsAnalyseCommand } from './datasets/analyse.ts'
import { applyEdit as datasetsApplyEditCommand } from './datasets/apply-edit.ts'
import { create as datasetsCreateCommand } from './datasets/create.ts'
import { crop as datasetsCropCommand } from './datasets/crop.ts'
import { deleteItems as datasetsDeleteItemsCommand } from './datasets/delete-items.ts'
import { get as datasetsGetCommand } from './datasets/get.ts'
import { items as datasetsItemsCommand } from './datasets/items.ts'
import { list as datasetsListCommand } from './datasets/list.ts'
import { previewEdit as datasetsPreviewEditCommand } from './datasets/preview-edit.ts'
import { redo as datasetsRedoCommand } from './datasets/redo.ts'
import { remove as datasetsRemoveCommand } from './datasets/remove.ts'
import { restore as datasetsRestoreCommand } from './datasets/restore.ts'
import { setCaption as datasetsSetCaptionCommand } from './datasets/set-caption.ts'
import { setRepeats as datasetsSetRepeatsCommand } from './datasets/set-repeats.ts'
import { tags as datasetsTagsCommand } from './datasets/tags.ts'
import { undo as datasetsUndoCommand } from './datasets/undo.ts'
import { update as datasetsUpdateCommand } from './datasets/update.ts'
import { offer as fetchingOfferCommand } from './fetching/offer.ts'
import { starters as fetchingStartersCommand } from './fetching/starters.ts'
import { browse as filesBrowseCommand } from './files/browse.ts'
import { choose as filesChooseCommand } from './files/choose.ts'
import { opened as filesOpenedCommand } from './files/opened.ts'
import { reveal as filesRevealCommand } from './files/reveal.ts'
import { list as galleryListCommand } from './gallery/list.ts'
import { remove as galleryRemoveCommand } from './gallery/remove.ts'
import { restore as galleryRestoreCommand } from './gallery/restore.ts'
import { star as galleryStarCommand } from './gallery/star.ts'
import { enqueue as generateEnqueueCommand } from './generate/enqueue.ts'
import { grid as generateGridCommand } from './generate/grid.ts'
import { inputPicture as generateInputPictureCommand } from './generate/input-picture.ts'
import { keepPicture as generateKeepPictureCommand } from './generate/keep-picture.ts'
import { maskRuns as generateMaskRunsCommand } from './generate/mask-runs.ts'
import { options as generateOptionsCommand } from './generate/options.ts'
import { recall as generateRecallCommand } from './generate/recall.ts'
import { seed as generateSeedCommand } from './generate/seed.ts'
import { skip as generateSkipCommand } from './generate/skip.ts'
import { cancel as jobsCancelCommand } from './jobs/cancel.ts'
import { clear as jobsClearCommand } from './jobs/clear.ts'
import { get as jobsGetCommand } from './jobs/get.ts'
import { hold as jobsHoldCommand } from './jobs/hold.ts'
import { list as jobsListCommand } from './jobs/list.ts'
import { move as jobsMoveCommand } from './jobs/move.ts'
import { pause as jobsPauseCommand } from './jobs/pause.ts'
import { restartEngine as jobsRestartEngineCommand } from './jobs/restart-engine.ts'
import { resume as jobsResumeCommand } from './jobs/resume.ts'
import { addFolder as libraryAddFolderCommand } from './library/add-folder.ts'
import { check as libraryCheckCommand } from './library/check.ts'
import { exportAdapter as libraryExportCommand } from './library/export.ts'
import { exportPreview as libraryExportPreviewCommand } from './library/export-preview.ts'
import { folders as libraryFoldersCommand } from './library/folders.ts'
import { get as libraryGetCommand } from './library/get.ts'
import { importAdapters as libraryImportCommand } from './library/import.ts'
import { list as libraryListCommand } from './library/list.ts'
import { pictures as libraryPicturesCommand } from './library/pictures.ts'
import { remove as libraryRemoveCommand } from './library/remove.ts'
import { removeFolder as libraryRemoveFolderCommand } from './library/remove-folder.ts'
import { restore as libraryRestoreCommand } from './library/restore.ts'
import { update as libraryUpdateCommand } from './library/update.ts'
import { bake as mergingBakeCommand } from './merging/bake.ts'
import { methods as mergingMethodsCommand } from './merging/methods.ts'
import { pictures as mergingPicturesCommand } from './merging/pictures.ts'
import { preview as mergingPreviewCommand } from './merging/preview.ts'
import { save as mergingSaveCommand } from './merging/save.ts'
import { add as modelsAddCommand } from './models/add.ts'
import { addPlace as modelsAddPlaceCommand } from './models/add-place.ts'
import { found as modelsFoundCommand } from './models/found.ts'
import { inspect as modelsInspectCommand } from './models/inspect.ts'
import { list as modelsListCommand } from './models/list.ts'
import { look as modelsLookCommand } from './models/look.ts'
import { memory as modelsMemoryCommand } from './models/memory.ts'
import { remove as modelsRemoveCommand } from './models/remove.ts'
import { removePlace as modelsRemovePlaceCommand } from './models/remove-place.ts'
import { count as promptsCountCommand } from './prompts/count.ts'
import { history as promptsHistoryCommand } from './prompts/history.ts'
import { wildcards as promptsWildcardsCommand } from './prompts/wildcards.ts'
import { read as recipeReadCommand } from './recipe/read.ts'
import { write as recipeWriteCommand } from './recipe/write.ts'
import { get as settingsGetCommand } from './settings/get.ts'
import { machine as settingsMachineCommand } from './settings/machine.ts'
import { optimized as settingsOptimizedCommand } from './settings/optimized.ts'
import { reset as settingsResetCommand } from './settings/reset.ts'
import { set as settingsSetCommand } from './settings/set.ts'
import { list as stylesListCommand } from './styles/list.ts'
import { remove as stylesRemoveCommand } from './styles/remove.ts'
import { save as stylesSaveCommand } from './styles/save.ts'
import { forget as tokensForgetCommand } from './tokens/forget.ts'
import { list as tokensListCommand } from './tokens/list.ts'
import { set as tokensSetCommand } from './tokens/set.ts'
import { average as trainingAverageCommand } from './training/average.ts'
import { disk as trainingDiskCommand } from './training/disk.ts'
import { listEntrants as trainingEntrantsCommand } from './training/entrants.ts'
import { forecast as trainingForecastCommand } from './training/forecast.ts'
import { keep as trainingKeepCommand } from './training/keep.ts'
import { keepPreset as trainingKeepPresetCommand } from './training/keep-preset.ts'
import { options as trainingOptionsCommand } from './training/options.ts'
import { paused as trainingPausedCommand } from './training/paused.ts'
import { pictures as trainingPicturesCommand } from './training/pictures.ts'
import { presets as trainingPresetsCommand } from './training/presets.ts'
import { race as trainingRaceCommand } from './training/race.ts'
import { raced as trainingRacedCommand } from './training/raced.ts'
import { remove as trainingRemoveCommand } from './training/remove.ts'
import { removePreset as trainingRemovePresetCommand } from './training/remove-preset.ts'
import { rename as trainingRenameCommand } from './training/rename.ts'
import { restore as trainingRestoreCommand } from './training/restore.ts'
import { run as trainingRunCommand } from './training/run.ts'
import { runs as trainingRunsCommand } from './training/runs.ts'
import { sampleNow as trainingSampleNowCommand } from './training/sample-now.ts'
import { start as trainingStartCommand } from './training/start.ts'
import { look as workersLookCommand } from './workers/look.ts'
import { set as workersSetCommand } from './workers/set.ts'
import { state as workersStateCommand } from './workers/state.ts'

export const commands = {
  average: averageCommand,
  bake: bakeCommand,
  caption: captionCommand,
  clash: clashCommand,
  convert: convertCommand,
  cuda: cudaCommand,
  demo: demoCommand,
  doctor: doctorCommand,
  export: exportCommand,
  extract: extractCommand,
  fetch: fetchCommand,
  generate: generateCommand,
  grid: gridCommand,
  inspect: inspectCommand,
  merge: mergeCommand,
  models: modelsCommand,
  optimized: optimizedCommand,
  race: raceCommand,
  recipe: recipeCommand,
  recommend: recommendCommand,
  rescale: rescaleCommand,
  resize: resizeCommand,
  slice: sliceCommand,
  train: trainCommand,
  'app.info': appInfoCommand,
  'app.licences': appLicencesCommand,
  'app.openLink': appOpenLinkCommand,
  'app.stop': appStopCommand,
  'captioning.add': captioningAddCommand,
  'captioning.list': captioningListCommand,
  'captioning.preview': captioningPreviewCommand,
  'captioning.remove': captioningRemoveCommand,
  'captioning.start': captioningStartCommand,
  'clash.report': clashReportCommand,
  'cuda.fetch': cudaFetchCommand,
  'cuda.install': cudaInstallCommand,
  'cuda.offer': cudaOfferCommand,
  'cuda.remove': cudaRemoveCommand,
  'cuda.state': cudaStateCommand,
  'datasets.addPictures': datasetsAddPicturesCommand,
  'datasets.analyse': datasetsAnalyseCommand,
  'datasets.applyEdit': datasetsApplyEditCommand,
  'datasets.create': datasetsCreateCommand,
  'datasets.crop': datasetsCropCommand,
  'datasets.deleteItems': datasetsDeleteItemsCommand,
  'datasets.get': datasetsGetCommand,
  'datasets.items': datasetsItemsCommand,
  'datasets.list': datasetsListCommand,
  'datasets.previewEdit': datasetsPreviewEditCommand,
  'datasets.redo': datasetsRedoCommand,
  'datasets.remove': datasetsRemoveCommand,
  'datasets.restore': datasetsRestoreCommand,
  'datasets.setCaption': datasetsSetCaptionCommand,
  'datasets.setRepeats': datasetsSetRepeatsCommand,
  'datasets.tags': datasetsTagsCommand,
  'datasets.undo': datasetsUndoCommand,
  'datasets.update': datasetsUpdateCommand,
  'fetching.offer': fetchingOfferCommand,
  'fetching.starters': fetchingStartersCommand,
  'files.browse': filesBrowseCommand,
  'files.choose': filesChooseCommand,
  'files.opened': filesOpenedCommand,
  'files.reveal': filesRevealCommand,
  'gallery.list': galleryListCommand,
  'gallery.remove': galleryRemoveCommand,
  'gallery.restore': galleryRestoreCommand,
  'gallery.star': galleryStarCommand,
  'generate.enqueue': generateEnqueueCommand,
  'generate.grid': generateGridCommand,
  'generate.inputPicture': generateInputPictureCommand,
  'generate.keepPicture': generateKeepPictureCommand,
  'generate.maskRuns': generateMaskRunsCommand,
  'generate.options': generateOptionsCommand,
  'generate.recall': generateRecallCommand,
  'generate.seed': generateSeedCommand,
  'generate.skip': generateSkipCommand,
  'jobs.cancel': jobsCancelCommand,
  'jobs.clear': jobsClearCommand,
  'jobs.get': jobsGetCommand,
  'jobs.hold': jobsHoldCommand,
  'jobs.list': jobsListCommand,
  'jobs.move': jobsMoveCommand,
  'jobs.pause': jobsPauseCommand,
  'jobs.restartEngine': jobsRestartEngineCommand,
  'jobs.resume': jobsResumeCommand,
  'library.addFolder': libraryAddFolderCommand,
  'library.check': libraryCheckCommand,
  'library.export': libraryExportCommand,
  'library.exportPreview': libraryExportPreviewCommand,
  'library.folders': libraryFoldersCommand,
  'library.get': libraryGetCommand,
  'library.import': libraryImportCommand,
  'library.list': libraryListCommand,
  'library.pictures': libraryPicturesCommand,
  'library.remove': libraryRemoveCommand,
  'library.removeFolder': libraryRemoveFolderCommand,
  'library.restore': libraryRestoreCommand,
  'library.update': libraryUpdateCommand,
  'merging.bake': mergingBakeCommand,
  'merging.methods': mergingMethodsCommand,
  'merging.pictures': mergingPicturesCommand,
  'merging.preview': mergingPreviewCommand,
  'merging.save': mergingSaveCommand,
  'models.add': modelsAddCommand,
  'models.addPlace': modelsAddPlaceCommand,
  'models.found': modelsFoundCommand,
  'models.inspect': modelsInspectCommand,
  'models.list': modelsListCommand,
  'models.look': modelsLookCommand,
  'models.memory': modelsMemoryCommand,
  'models.remove': modelsRemoveCommand,
  'models.removePlace': modelsRemovePlaceCommand,
  'prompts.count': promptsCountCommand,
  'prompts.history': promptsHistoryCommand,
  'prompts.wildcards': promptsWildcardsCommand,
  'recipe.read': recipeReadCommand,
  'recipe.write': recipeWriteCommand,
  'settings.get': settingsGetCommand,
  'settings.machine': settingsMachineCommand,
  'settings.optimized': settingsOptimizedCommand,
  'settings.reset': settingsResetCommand,
  'settings.set': settingsSetCommand,
  'styles.list': stylesListCommand,
  'styles.remove': stylesRemoveCommand,
  'styles.save': stylesSaveCommand,
  'tokens.forget': tokensForgetCommand,
  'tokens.list': tokensListCommand,
  'tokens.set': tokensSetCommand,
  'training.average': trainingAverageCommand,
  'training.disk': trainingDiskCommand,
  'training.entrants': trainingEntrantsCommand,
  'training.forecast': trainingForecastCommand,
  'training.keep': trainingKeepCommand,
  'training.keepPreset': trainingKeepPresetCommand,
  'training.options': trainingOptionsCommand,
  'training.paused': trainingPausedCommand,
  'training.pictures': trainingPicturesCommand,
  'training.presets': trainingPresetsCommand,
  'training.race': trainingRaceCommand,
  'training.raced': trainingRacedCommand,
  'training.remove': trainingRemoveCommand,
  'training.removePreset': trainingRemovePresetCommand,
  'training.rename': trainingRenameCommand,
  'training.restore': trainingRestoreCommand,
  'training.run': trainingRunCommand,
  'training.runs': trainingRunsCommand,
  'training.sampleNow': trainingSampleNowCommand,
  'training.start': trainingStartCommand,
  'workers.look': workersLookCommand,
  'workers.set': workersSetCommand,
  'workers.state': workersStateCommand,
}
export type Commands = typeof commands
