/**
 * Builds an element. Children become text nodes or nodes, never markup, so nothing that a message says can run.
 * `on` holds listeners, `data` data-attributes; null and false children are left out.
 */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'on')
      for (const [type, listener] of Object.entries(value)) node.addEventListener(type, listener);
    else if (name === 'data') for (const [key, item] of Object.entries(value)) setData(node, key, item);
    else if (name === 'class') node.className = value;
    else if (name in node && typeof value !== 'string') node[name] = value;
    else node.setAttribute(name, value === true ? '' : value);
  }
  append(node, children);
  return node;
}

function setData(node, key, value) {
  if (value !== undefined && value !== null) node.dataset[key] = value;
}

function append(node, children) {
  for (const child of children.flat(Number.POSITIVE_INFINITY)) {
    if (child === null || child === undefined || child === false || child === '') continue;
    node.append(child instanceof Node ? child : String(child));
  }
}

/** Builds an SVG element from [tag, attributes] pairs. */
export function svg(viewBox, shapes, props = {}) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  node.setAttribute('viewBox', viewBox);
  for (const [name, value] of Object.entries(props)) node.setAttribute(name, value);
  for (const [tag, attributes] of shapes) {
    const shape = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
    node.append(shape);
  }
  return node;
}

/** The URL when a browser may follow it from a message, else undefined. */
export function safeUrl(value) {
  try {
    const url = new URL(value);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : undefined;
  } catch {
    return undefined;
  }
}

export function link(url, label, props = {}) {
  const href = safeUrl(url);
  if (!href) return h('span', {}, label);
  return h('a', { href, target: '_blank', rel: 'noopener noreferrer', ...props }, label);
}

/** Puts `wanted` into `parent` in order, moving as little as possible so that focus and selection survive. */
export function arrange(parent, wanted) {
  const keep = new Set(wanted);
  for (const child of Array.from(parent.childNodes)) if (!keep.has(child)) child.remove();
  for (const [index, node] of wanted.entries()) {
    if (parent.childNodes[index] !== node) parent.insertBefore(node, parent.childNodes[index] ?? null);
  }
}
