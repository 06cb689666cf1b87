// Which fields of a file's metadata may tell more of a person than they mean to: paths, names, captions, dates, pictures.
import type { PrivateKind } from '../requests/export.ts'

const byKey: readonly (readonly [keys: RegExp, kind: PrivateKind])[] = [
  [/^(ss_tag_frequency|ss_datasets|ss_bucket_info|modelspec\.(tags|trigger_phrase|usage_hint)|pigment\.trigger_words)$/, 'captions'],
  [/^(ss_dataset_dirs|ss_reg_dataset_dirs|ss_output_name|ss_sd_model_name|ss_vae_name|ss_training_comment)$/, 'names'],
  [/^(modelspec\.(title|author|description|merged_from)|pigment\.(merge[d]?|recipe))$/, 'names'],
  [/^(ss_training_(started|finished)_at|modelspec\.date)$/, 'date'],
  [/^modelspec\.thumbnail$/, 'picture'],
  [/^(ss_session_id|ss_seed|pigment\.dataset_fingerprint)$/, 'identity'],
]

/** A folder of a person or of a disk, on any system. */
const path =
  /(^|["'\s=:(,[])(\/(home|Users|root|mnt|media|Volumes|tmp|opt|var|workspace|content)\/|[A-Za-z]:[\\/]|\\{2,4}[\w.-]+\\|~[\\/]|file:\/\/)/

/** What a field may tell, or undefined for one that says nothing of a person. */
export function tells(key: string, value: string): PrivateKind | undefined {
  if (path.test(value)) return 'path'
  return byKey.find(([keys]) => keys.test(key))?.[1]
}
