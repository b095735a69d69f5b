import type { FieldReader } from '../../routing/match/request.ts';

/** Of a message without positions: nothing is ever put into it. */
const noSpans: number[] = [];

/**
 * Header fields in order, with the case of their names. Fields that were parsed stay positions in the text of the head
 * (no string is made per field); changes drop them or append others, and so come the fields of a protocol that has strings
 * (HPACK). Names are asked for in lower case; none is lower-cased to be compared. Reused for the next message by `reset`.
 */
export class Fields implements FieldReader {
  /** The text that the positions point into. */
  private text = '';
  /** Four per field: name start, name end, value start, value end. A dropped field has a name start of -1. */
  private spans = noSpans;
  private length = 0;
  /** Two per field: name in lower case, value. */
  private appended: string[] = [];
  /** By the place of its name in `appended`: the name of one that is not in lower case. */
  private cased: Map<number, string> | undefined;
  /** Names, in lower case, of fields that came as never indexed and must be passed on so (RFC 7541 section 6.2.3). */
  private secret: string[] | undefined;

  /** A copy that changes apart from this one; the text is shared. */
  copy(): Fields {
    const copy = new Fields();
    copy.text = this.text;
    copy.spans = this.length === 0 ? noSpans : this.spans.slice(0, this.length);
    copy.length = this.length;
    copy.appended = [...this.appended];
    if (this.cased !== undefined) copy.cased = new Map(this.cased);
    copy.secret = this.secret;
    return copy;
  }

  reset(text: string): void {
    this.text = text;
    this.length = 0;
    if (this.appended.length > 0) this.appended = [];
    this.cased = undefined;
    this.secret = undefined;
  }

  /** How many fields were parsed, dropped ones included. */
  get parsedCount(): number {
    return this.length >> 2;
  }

  /** Adds a parsed field by its positions in the text. */
  addSpan(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    if (this.spans === noSpans) this.spans = [];
    const spans = this.spans;
    const at = this.length;
    spans[at] = nameStart;
    spans[at + 1] = nameEnd;
    spans[at + 2] = valueStart;
    spans[at + 3] = valueEnd;
    this.length = at + 4;
  }

  /** Drops the field that was added last. */
  dropLastSpan(): void {
    this.spans[this.length - 4] = -1;
  }

  get(name: string): string | undefined {
    let found: string | undefined;
    const spans = this.spans;
    for (let at = 0; at < this.length; at += 4) {
      const start = spans[at] ?? -1;
      if (start < 0 || (spans[at + 1] ?? 0) - start !== name.length || !equalsName(this.text, start, name)) continue;
      const value = this.text.slice(spans[at + 2], spans[at + 3]);
      found = found === undefined ? value : `${found},${value}`;
    }
    const appended = this.appended;
    for (let at = 0; at < appended.length; at += 2) {
      if (appended[at] !== name) continue;
      const value = appended[at + 1] ?? '';
      found = found === undefined ? value : `${found},${value}`;
    }
    return found;
  }

  /** Appends a field; both must be valid already. `lowerName` is given by who knows it: in HTTP/2 it is the name. */
  append(name: string, value: string, lowerName = name.toLowerCase()): void {
    const at = this.appended.push(lowerName, value) - 2;
    if (name !== lowerName) (this.cased ??= new Map()).set(at, name);
  }

  /** Has every field of this (lower case) name passed on as never indexed. */
  keepSecret(name: string): void {
    if (!this.isSecret(name)) this.secret = [...(this.secret ?? []), name];
  }

  /** Whether a field of this (lower case) name must be passed on as never indexed. */
  isSecret(name: string): boolean {
    return this.secret?.includes(name) === true;
  }

  /** Removes every field of this (lower case) name. */
  remove(name: string): void {
    const spans = this.spans;
    for (let at = 0; at < this.length; at += 4) {
      const start = spans[at] ?? -1;
      if (start >= 0 && (spans[at + 1] ?? 0) - start === name.length && equalsName(this.text, start, name))
        spans[at] = -1;
    }
    this.removeAppended(name);
  }

  private removeAppended(name: string): void {
    const { appended, cased } = this;
    if (!appended.includes(name)) return;
    this.appended = [];
    this.cased = undefined;
    for (let at = 0; at < appended.length; at += 2) {
      const kept = appended[at] ?? '';
      if (kept !== name) this.append(cased?.get(at) ?? kept, appended[at + 1] ?? '', kept);
    }
  }

  /** Removes every field of whose (lower case) name that is so. */
  removeWhere(isRemoved: (lowerName: string) => boolean): void {
    const names = new Set<string>();
    this.forEach((name) => {
      if (isRemoved(name)) names.add(name);
    });
    for (const name of names) this.remove(name);
  }

  /** Every field in order, with its name in lower case: no string is made for one that is appended. */
  forEach(each: (lowerName: string, value: string) => void): void {
    const { spans, text, appended } = this;
    for (let at = 0; at < this.length; at += 4) {
      const start = spans[at] ?? -1;
      if (start >= 0) each(text.slice(start, spans[at + 1]).toLowerCase(), text.slice(spans[at + 2], spans[at + 3]));
    }
    for (let at = 0; at < appended.length; at += 2) each(appended[at] ?? '', appended[at + 1] ?? '');
  }

  /**
   * The fields as HTTP/1.1 lines. Neighbouring lines that stand in the text exactly as they would be written
   * (`Name: value CRLF`) leave as one slice.
   */
  toLines(): string {
    const { spans, text } = this;
    let lines = '';
    let runStart = -1;
    let runEnd = -1;
    for (let at = 0; at < this.length; at += 4) {
      const start = spans[at] ?? -1;
      if (start < 0) continue;
      const nameEnd = spans[at + 1] ?? 0;
      const valueStart = spans[at + 2] ?? 0;
      const valueEnd = spans[at + 3] ?? 0;
      const plain =
        valueStart === nameEnd + 2 && text.charCodeAt(nameEnd + 1) === 32 && text.charCodeAt(valueEnd) === 13;
      if (plain && start === runEnd) {
        runEnd = valueEnd + 2;
        continue;
      }
      if (runEnd > 0) lines += text.slice(runStart, runEnd);
      runEnd = -1;
      if (plain) {
        runStart = start;
        runEnd = valueEnd + 2;
      } else {
        lines += `${text.slice(start, nameEnd)}: ${text.slice(valueStart, valueEnd)}\r\n`;
      }
    }
    if (runEnd > 0) lines += text.slice(runStart, runEnd);
    const { appended, cased } = this;
    for (let at = 0; at < appended.length; at += 2)
      lines += `${cased?.get(at) ?? appended[at]}: ${appended[at + 1]}\r\n`;
    return lines;
  }
}

/** Whether `text` has `lowerName` at `start`, letters of any case. */
export function equalsName(text: string, start: number, lowerName: string): boolean {
  for (let at = 0; at < lowerName.length; at++) {
    const code = text.charCodeAt(start + at);
    const lower = code >= 65 && code <= 90 ? code + 32 : code;
    if (lower !== lowerName.charCodeAt(at)) return false;
  }
  return true;
}
