/** The version in package.json: other versions may compute other bits. */
export const engineVersion = '0.1.0'
