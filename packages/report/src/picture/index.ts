/**
 * @mmgather/report/picture: one chart of a report as an SVG. Loads the chart library, which a page of a report has in itself.
 */
export type { PictureWish } from './drawing.ts'
export { PictureError, type PictureErrorDetails } from './picture-error.ts'
export { reportSvg } from './picture.ts'
