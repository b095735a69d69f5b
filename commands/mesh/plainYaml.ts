/** A document of a file, and the line, from 1, at which it begins. */
export type PlainDocument = { readonly value: unknown; readonly line: number };

type Line = { readonly number: number; readonly indent: number; readonly content: string };

/**
 * Reads YAML as most manifests are written, many times faster than a parser of all of YAML: block mappings and lists, plain
 * and simply quoted scalars on one line, flow collections on one line. Undefined for any text that has anything else in it,
 * or may be wrong: that is for the parser of all of YAML to read, and to complain about.
 */
export function readPlainYaml(text: string): readonly PlainDocument[] | undefined {
  try {
    return readDocuments(text);
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

class NotPlain extends Error {}

function notPlain(): never {
  throw new NotPlain();
}

function readDocuments(text: string): readonly PlainDocument[] {
  if (/[\t\r\uFEFF]/.test(text)) notPlain();
  const documents: PlainDocument[] = [];
  let lines: Line[] = [];
  const finish = (): void => {
    const [first] = lines;
    if (first !== undefined) documents.push({ value: new BlockReader(lines).readAll(), line: first.number });
    lines = [];
  };
  for (const [index, raw] of text.split('\n').entries()) {
    const content = raw.trim();
    if (raw === '---') finish();
    else if (/^(?:---|\.\.\.|%)/.test(raw) || content.includes(' #')) notPlain();
    else if (content !== '' && !content.startsWith('#'))
      lines.push({ number: index + 1, indent: raw.length - raw.trimStart().length, content });
  }
  finish();
  return documents;
}

const entry = /^([A-Za-z_][\w./-]*):(?: +(.*))?$/;
/** Keys that would be no texts, or no plain ones. */
const oddKeys = new Set(['null', 'Null', 'NULL', 'true', 'True', 'TRUE', 'false', 'False', 'FALSE', '__proto__']);

class BlockReader {
  private at = 0;
  private readonly lines: Line[];

  constructor(lines: Line[]) {
    this.lines = lines;
  }

  readAll(): unknown {
    const value = this.block();
    return this.at === this.lines.length ? value : notPlain();
  }

  private block(): unknown {
    const line = this.lines[this.at];
    if (line === undefined) return null;
    return isItem(line) ? this.list(line.indent) : this.mapping(line.indent);
  }

  private mapping(indent: number): unknown {
    const fields: Record<string, unknown> = {};
    for (let line = this.lines[this.at]; line?.indent === indent && !isItem(line); line = this.lines[this.at]) {
      const [, key, value = ''] = entry.exec(line.content) ?? notPlain();
      if (key === undefined || oddKeys.has(key) || Object.hasOwn(fields, key)) return notPlain();
      this.at += 1;
      fields[key] = value === '' ? this.below(indent) : readInline(value);
      this.expectNoDeeper(indent);
    }
    return fields;
  }

  /** What stands under a key: deeper, or a list that is not. */
  private below(indent: number): unknown {
    const next = this.lines[this.at];
    if (next === undefined) return null;
    if (next.indent > indent) return this.block();
    return next.indent === indent && isItem(next) ? this.list(indent) : null;
  }

  private list(indent: number): unknown {
    const items: unknown[] = [];
    for (let line = this.lines[this.at]; line?.indent === indent && isItem(line); line = this.lines[this.at]) {
      items.push(this.item(line));
      this.expectNoDeeper(indent);
    }
    return items;
  }

  private item(line: Line): unknown {
    const content = line.content.slice(1).trimStart();
    if (content === '') {
      this.at += 1;
      const next = this.lines[this.at];
      return next !== undefined && next.indent > line.indent ? this.block() : null;
    }
    const indent = line.indent + line.content.length - content.length;
    const inner = { number: line.number, indent, content };
    if (!isItem(inner) && !entry.test(content)) {
      this.at += 1;
      return readInline(content);
    }
    this.lines[this.at] = inner;
    return this.block();
  }

  /** A scalar that goes on in the next line is not plain, nor is what is badly indented. */
  private expectNoDeeper(indent: number): void {
    const next = this.lines[this.at];
    if (next !== undefined && next.indent > indent) notPlain();
  }
}

function isItem({ content }: Line): boolean {
  return content === '-' || content.startsWith('- ');
}

function readInline(text: string): unknown {
  const reader = new InlineReader(text);
  return reader.readAll();
}

/** A value that stands on one line. */
class InlineReader {
  private at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  readAll(): unknown {
    const isFlow = this.text.startsWith('{') || this.text.startsWith('[');
    const value = isFlow ? this.value() : (this.quoted() ?? this.plain(/[A-Za-z0-9_/].*/y));
    return this.at === this.text.length ? value : notPlain();
  }

  private value(): unknown {
    if (this.takes('{')) return this.fields();
    if (this.takes('[')) return this.items();
    return this.quoted() ?? this.plain(/[A-Za-z0-9_/][^,[\]{}]*/y);
  }

  private fields(): unknown {
    const fields: Record<string, unknown> = {};
    if (this.takes('}')) return fields;
    do {
      this.blanks();
      const [key = notPlain()] = this.match(/[A-Za-z_][\w./-]*(?=: )/y);
      if (oddKeys.has(key) || Object.hasOwn(fields, key)) notPlain();
      this.at += 1;
      this.blanks();
      fields[key] = this.value();
    } while (this.takes(','));
    return this.takes('}') ? fields : notPlain();
  }

  private items(): unknown {
    const items: unknown[] = [];
    if (this.takes(']')) return items;
    do {
      this.blanks();
      items.push(this.value());
    } while (this.takes(','));
    return this.takes(']') ? items : notPlain();
  }

  private quoted(): string | undefined {
    const [single] = this.match(/'(?:[^']|'')*'/y);
    if (single !== undefined) return single.slice(1, -1).replaceAll("''", "'");
    const [double] = this.match(/"[^"\\]*"/y);
    return double?.slice(1, -1);
  }

  private plain(pattern: RegExp): unknown {
    const [found = notPlain()] = this.match(pattern);
    return /:(?:\s|$)/.test(found) ? notPlain() : resolve(found.trimEnd());
  }

  private takes(character: string): boolean {
    this.blanks();
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  private blanks(): void {
    while (this.text[this.at] === ' ') this.at += 1;
  }

  private match(pattern: RegExp): readonly string[] {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text) ?? [];
    this.at += found[0]?.length ?? 0;
    return found;
  }
}

/** By the core schema (https://yaml.org/spec/1.2.2/#1032-tag-resolution). */
function resolve(text: string): unknown {
  if (/^(?:null|Null|NULL)$/.test(text)) return null;
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  if (/^0[xo]/.test(text)) return notPlain();
  return /^\d+(?:\.\d*)?(?:[eE][-+]?\d+)?$/.test(text) ? Number(text) : text;
}
