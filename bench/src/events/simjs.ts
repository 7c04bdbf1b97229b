/**
 * The hold model on simjs: an entity sets a timer whose callback sets the next.
 *
 * simjs 2.0.3 is packed for browsers: it exports nothing and puts its classes on `window`.
 */
import { type HoldModel, type HoldResult, holdStates, nanoseconds, nextHold } from './hold-model.ts'

/** What is used of simjs, which comes without types. */
interface SimjsEntity {
  setTimer(duration: number): { done(callback: () => void): void }
}
interface SimjsSimulation {
  addEntity(entity: new () => SimjsEntity, name: string, ...startArguments: unknown[]): void
  simulate(endTime: number): boolean
  time(): number
}
interface Simjs {
  Entity: new () => SimjsEntity
  Sim: new () => SimjsSimulation
}

async function loadSimjs(): Promise<Simjs> {
  const scope = globalThis as { window?: { Sim?: Simjs } }
  scope.window ??= {}
  await import('simjs')
  if (scope.window.Sim === undefined) throw new Error('simjs did not put itself on window')
  return scope.window.Sim
}

export async function holdSimjs({ entities, holds }: HoldModel): Promise<HoldResult> {
  const { Entity, Sim } = await loadSimjs()
  const states = holdStates(entities)
  let events = 0
  class Holder extends Entity {
    number = 0
    left = holds
    /** One function for each entity, not one for each hold. */
    readonly held = (): void => {
      events++
      if (--this.left > 0) this.hold()
    }

    start(number: number): void {
      this.number = number
      this.hold()
    }

    hold(): void {
      this.setTimer(nextHold(states, this.number)).done(this.held)
    }
  }
  const sim = new Sim()
  for (let i = 0; i < entities; i++) sim.addEntity(Holder, `holder ${i}`, i)
  const start = nanoseconds()
  sim.simulate(Infinity)
  return { ns: nanoseconds() - start, events, clock: sim.time() }
}
