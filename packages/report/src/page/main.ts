/**
 * The page of a report: reads the data that is embedded in it and builds everything else.
 */
import type { ReportData, RunData, SweepData } from '../report-data.ts'
import { comparisonSection } from './comparison.ts'
import { button, el, isolated, section } from './dom.ts'
import { heatSection } from './heat.ts'
import { runSections } from './run-view.ts'
import { scalingSection } from './scaling.ts'
import { themeChoice } from './theme.ts'

function main(): void {
  const text = document.getElementById('data')?.textContent ?? ''
  const data = JSON.parse(text) as ReportData
  document.title = `${data.title} – mmgather`
  const nav = el('nav', { 'aria-label': 'Sections' })
  const content = el('main', { id: 'content' })
  document.body.append(header(data), nav, content)
  const sections = [
    summarySection(data),
    scalingSection(data),
    heatSection(data),
    comparisonSection(data),
    ...runSections(data),
    reproduceSection(data),
  ].filter((each) => each !== undefined)
  nav.append(
    ...sections.map((each) => {
      const link = el('a', { href: `#${each.id}` }, each.dataset['name'] ?? '')
      link.hidden = each.hidden
      return link
    }),
  )
  content.append(...sections)
}

function header({ title, version }: ReportData): HTMLElement {
  return el(
    'header',
    {},
    el('a', { class: 'skip', href: '#content' }, 'Skip to the content'),
    el(
      'div',
      {},
      el('h1', {}, isolated(title)),
      el('p', { class: 'note' }, `Report of mmgather ${version}`),
    ),
    themeChoice(),
  )
}

function summarySection({ summary }: ReportData): HTMLElement {
  return section('summary', 'Summary', ...summary.map((text) => el('p', {}, isolated(text))))
}

function reproduceSection({ runs, sweeps }: ReportData): HTMLElement {
  const all = [...sweeps, ...runs]
  return section(
    'reproduce',
    { title: 'To do it again', name: 'Reproduce' },
    ...all.map((each) => recipe(each, all.length > 1)),
  )
}

function recipe(of: RunData | SweepData, isOneOfMany: boolean): HTMLElement {
  const facts = of.facts.flatMap(([name, value]) => [
    el('dt', {}, name),
    el('dd', {}, isolated(value)),
  ])
  return el(
    'div',
    { class: 'recipe' },
    isOneOfMany ? el('h3', {}, of.label) : undefined,
    copied('Command', of.reproduce),
    el('dl', {}, el('dt', {}, 'file'), el('dd', {}, isolated(of.source)), ...facts),
    el(
      'details',
      {},
      el('summary', {}, 'The scenario, for a file of its own'),
      copied('Scenario', of.scenarioText),
    ),
  )
}

/** Text with a button that copies it. */
function copied(what: string, text: string): HTMLElement {
  const code = el('pre', { tabindex: 0, 'aria-label': what }, text)
  const copy = button('Copy', () => {
    navigator.clipboard.writeText(text).then(
      () => (copy.textContent = 'Copied'),
      () => getSelection()?.selectAllChildren(code),
    )
  })
  return el('div', { class: 'copied' }, code, copy)
}

main()
