/**
 * The public names of @mmgather/core.
 */
export {}
