/** Runs the cases in the page or in a worker, whichever loads it, and posts the reports' texts. */
import { findProfile, overrideScenario, parseScenarioText, runVirtual } from './core.js'

const where = new URL(import.meta.url).search.slice(1)
const post = (name, body) => fetch(`/posts/${name}`, { method: 'POST', body })

function reportOf({ text, overrides, profile, options }) {
  const scenario = overrideScenario(parseScenarioText(text), overrides)
  return JSON.stringify(runVirtual(scenario, { ...options, profile: findProfile(profile) }))
}

try {
  const cases = await (await fetch('/cases.json')).json()
  const isWorker = globalThis.document === undefined
  const isolated = globalThis.crossOriginIsolated
  await post(where, JSON.stringify({ isWorker, isolated, reports: cases.map(reportOf) }))
} catch (error) {
  await post('error', `${where}: ${error.stack}`)
}
