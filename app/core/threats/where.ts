const MOST = 40

/** A name that a caller has chosen, as a log may have it: short, and of letters, digits and `_.-[]` alone. */
export const nameOf = (name: string): string => name.slice(0, MOST).replaceAll(/[^\w.[\]-]/g, '_')
