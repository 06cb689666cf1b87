/** Unix seconds; `SOURCE_DATE_EPOCH` replaces them, so that equal runs can give equal files (reproducible-builds.org). */
export function unixTime(): number {
  const fixed = process.env.SOURCE_DATE_EPOCH
  return fixed !== undefined && /^\d{1,12}$/.test(fixed) ? Number(fixed) : Math.floor(Date.now() / 1000)
}
