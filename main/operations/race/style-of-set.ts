// Whether a set is in a style that the shipped classifier knows: by its captions, wherever its folder lies.
import { sampleStyles, type SampleStyle } from '../demo-styles.ts'

/** The style whose phrase every caption begins with, on the model that the classifier was made for. */
export const styleOfSet = (captions: readonly string[]): SampleStyle | undefined =>
  captions.length === 0 ? undefined : sampleStyles.find(({ phrase }) => captions.every((caption) => caption.startsWith(phrase)))
