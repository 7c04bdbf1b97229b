/** The hold model on simscript: an entity is an asynchronous function that awaits its delays. */
import { Entity, Simulation } from 'simscript'

import { type HoldModel, type HoldResult, holdStates, nanoseconds, nextHold } from './hold-model.ts'

export async function holdSimscript({ entities, holds }: HoldModel): Promise<HoldResult> {
  const states = holdStates(entities)
  let events = 0
  class Holder extends Entity {
    readonly #number: number

    constructor(number: number) {
      super()
      this.#number = number
    }

    override async script(): Promise<void> {
      for (let i = 0; i < holds; i++) {
        await this.delay(nextHold(states, this.#number))
        events++
      }
    }
  }
  const simulation = new Simulation()
  // it would give way to a browser's next frame
  simulation.yieldInterval = Infinity
  const finished = Promise.withResolvers<void>()
  simulation.finished.addEventListener(() => finished.resolve())
  simulation.started.addEventListener(() => {
    for (let i = 0; i < entities; i++) void simulation.activate(new Holder(i))
  })
  const start = nanoseconds()
  await simulation.start()
  await finished.promise
  return { ns: nanoseconds() - start, events, clock: simulation.timeNow }
}
