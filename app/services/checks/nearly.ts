/**
 * Whether somebody who wrote one name may have meant the other: the same but for the case of letters, for signs between them,
 * and for one letter that is wrong, missing, too many, or has changed places with the next.
 */
export function isNearly(written: string, meant: string): boolean {
  const [a, b] = [written, meant].map((text) => text.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')) as [string, string]
  let same = 0
  while (same < a.length && a[same] === b[same]) same++
  const [restA, restB] = [a.slice(same), b.slice(same)]
  return (
    restA.slice(1) === restB.slice(1) ||
    restA.slice(1) === restB ||
    restA === restB.slice(1) ||
    (restA.slice(2) === restB.slice(2) && restA[0] === restB[1] && restA[1] === restB[0])
  )
}
