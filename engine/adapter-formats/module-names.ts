// What formats have in common when they name a module.

/** With underscores for the dots. */
export const flat = (path: string): string => path.replaceAll('.', '_')

/** transformers 5 dropped `text_model.` from a text encoder's paths, and files made with it have it no more. */
export const textPaths = (path: string): readonly string[] => [path, path.replace(/^text_model\./, '')]
