/**
 * A picture that cannot be drawn of what there is: which wish cannot be met, and what can be had in its place.
 */
export interface PictureErrorDetails {
  /** The member of PictureWish. */
  field: 'chart' | 'figure' | 'across' | 'at' | 'sources'
  problem: string
  value?: string
  /** The values that there are; absent: none would do. */
  known?: readonly string[]
  hint?: string
}

export class PictureError extends Error {
  override readonly name = 'PictureError'
  readonly details: PictureErrorDetails

  constructor(details: PictureErrorDetails) {
    super(`${details.field}: ${details.problem}`)
    this.details = details
  }
}
