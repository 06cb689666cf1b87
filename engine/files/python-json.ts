// JSON as Python writes it. Its writer puts NaN, Infinity and -Infinity where a number is none, which JSON does not have: diffusers' own configuration
// of DPMSolverMultistepScheduler holds one, and so do pictures of ComfyUI.

/** A text, closed or not, or one of the three outside of texts. Each character is looked at once. */
const token = /"(?:[^"\\]|\\[^]?)*"?|-?\bInfinity\b|\bNaN\b/g

/** What `JSON.parse` gives, with null for what is no number. Throws as it does. */
export function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const without = text.replace(token, (found) => (found.startsWith('"') ? found : 'null'))
    if (without === text) throw error
    return JSON.parse(without)
  }
}
