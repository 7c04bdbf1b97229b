/**
 * The public names of @mmgather/workers.
 */
export {}
