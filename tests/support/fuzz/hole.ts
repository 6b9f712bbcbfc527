/**
 * A place in a call that is filled when it is made: with something that a reply has told (`kind` says what, `number` which of
 * them, `foreign` whether another company's), or something of the caller's own.
 */
export class Hole {
  readonly kind: string
  readonly number: number
  readonly foreign: boolean
  constructor(kind: string, number: number, foreign = false) {
    this.kind = kind
    this.number = number
    this.foreign = foreign
  }
}

/** Free text. The watched company's own people put its mark into theirs, where there is room for it. */
export class Text {
  readonly text: string
  readonly longest: number
  constructor(text: string, longest: number) {
    this.text = text
    this.longest = longest
  }
}
