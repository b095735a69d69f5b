/** One key of a tree and the next shorter key that every text with this one also has. */
export type Entry<T> = { readonly key: string; readonly value: T; readonly shorter: Entry<T> | undefined };

/** `segment`: the text must end or go on with `/` after a key that is not empty. `character`: any text that starts with a key has it. */
type Boundary = 'segment' | 'character';

type Node<T> = { label: string; entry: Entry<T> | undefined; readonly children: Map<number, Node<T>> };

/** A radix tree: finds the longest key that a text starts with in one walk over the text, however many keys there are. */
export class PrefixTree<T> {
  readonly #root: Node<T> = { label: '', entry: undefined, children: new Map() };
  readonly #boundary: Boundary;

  /** Of equal keys the last one stays. */
  constructor(values: Iterable<readonly [key: string, value: T]>, boundary: Boundary) {
    this.#boundary = boundary;
    const byLength = [...new Map(values)].sort(([a], [b]) => a.length - b.length);
    for (const [key, value] of byLength) {
      nodeAt(this.#root, key).entry = { key, value, shorter: this.longest(key) };
    }
  }

  /** The entry of the longest key that the text starts with; its `shorter` leads to the others, longest first. */
  longest(text: string): Entry<T> | undefined {
    let node = this.#root;
    let position = 0;
    let found: Entry<T> | undefined;
    for (;;) {
      if (node.entry !== undefined && this.#endsWell(text, position)) found = node.entry;
      const child = node.children.get(text.charCodeAt(position));
      if (child === undefined || !text.startsWith(child.label, position)) return found;
      position += child.label.length;
      node = child;
    }
  }

  #endsWell(text: string, position: number): boolean {
    // The empty key, prefix `/`, is at the start of every text, `*` too.
    if (this.#boundary === 'character' || position === 0) return true;
    return position === text.length || text.charCodeAt(position) === slash;
  }
}

const slash = 0x2f;

/** The node of a key, made where there is none. */
function nodeAt<T>(root: Node<T>, key: string): Node<T> {
  let node = root;
  let position = 0;
  while (position < key.length) {
    const first = key.charCodeAt(position);
    const child = node.children.get(first);
    if (child === undefined) {
      const leaf: Node<T> = { label: key.slice(position), entry: undefined, children: new Map() };
      node.children.set(first, leaf);
      return leaf;
    }
    const shared = sharedLength(child.label, key, position);
    node = shared === child.label.length ? child : split(node, child, shared);
    position += shared;
  }
  return node;
}

function sharedLength(label: string, key: string, position: number): number {
  let length = 0;
  while (length < label.length && label.charCodeAt(length) === key.charCodeAt(position + length)) length += 1;
  return length;
}

/** Puts a node between `parent` and `child` that holds the first `length` characters of the child's label. */
function split<T>(parent: Node<T>, child: Node<T>, length: number): Node<T> {
  const upper: Node<T> = { label: child.label.slice(0, length), entry: undefined, children: new Map() };
  parent.children.set(child.label.charCodeAt(0), upper);
  child.label = child.label.slice(length);
  upper.children.set(child.label.charCodeAt(0), child);
  return upper;
}
