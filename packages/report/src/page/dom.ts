/**
 * Elements of the page. Text is always set as text: nothing that comes from a scenario is ever read as markup.
 */

type Child = Node | string | undefined
type Attributes = Record<string, string | number | boolean | undefined>

/** An element with attributes (`true`: there, `false` or undefined: not) and children; strings are text. */
export function el<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue
    element.setAttribute(key, value === true ? '' : String(value))
  }
  element.append(...children.filter((child) => child !== undefined))
  return element
}

/** A section with a heading; the navigation leads to it under its title, or a shorter name. */
export function section(
  id: string,
  title: string | { title: string; name: string },
  ...children: readonly Child[]
): HTMLElement {
  const names = typeof title === 'string' ? { title, name: title } : title
  const heading = el('h2', { id: `${id}-title` }, names.title)
  const attributes = { id, 'aria-labelledby': `${id}-title`, 'data-name': names.name }
  return el('section', attributes, heading, ...children)
}

/** A labelled choice; `onChange` is given the index of the chosen text. */
export function choice(
  label: string,
  texts: readonly string[],
  chosen: number,
  onChange: (index: number) => void,
): HTMLElement {
  const options = texts.map((text, i) => el('option', { value: i, selected: i === chosen }, text))
  const select = el('select', {}, ...options)
  select.addEventListener('change', () => onChange(Number(select.value)))
  return el('label', { class: 'choice' }, el('span', {}, label), select)
}

export function button(
  text: string,
  onClick: () => void,
  attributes: Attributes = {},
): HTMLButtonElement {
  const element = el('button', { type: 'button', ...attributes }, text)
  element.addEventListener('click', onClick)
  return element
}

/** Text that a hostile name cannot turn around or run into its neighbours. */
export function isolated(text: string): HTMLElement {
  return el('bdi', {}, text)
}
