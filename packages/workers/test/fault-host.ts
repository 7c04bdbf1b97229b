/** What fault-strategy.ts calls; the CPU thread brings the function itself. */
export function plantFault(_page: number): void {}
