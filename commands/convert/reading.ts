import { isObject } from '../../runtime/json.ts';
import type { Tell } from './remark.ts';

/**
 * A value of an object that is converted, and whether it was looked at: what nobody has read by the end is told as lost
 * (`tellRest`), so that no field is dropped in silence, whether we have heard of it or not.
 */
export class Reading {
  readonly path: string;
  readonly #value: unknown;
  readonly #tell: Tell;
  readonly #parts = new Map<string | number, Reading>();
  #isDone = false;

  constructor(value: unknown, path: string, tell: Tell) {
    this.#value = value ?? undefined;
    this.path = path;
    this.#tell = tell;
  }

  get isGiven(): boolean {
    return this.#value !== undefined;
  }

  /** Whether nothing is given, or an empty map or list. */
  get isEmpty(): boolean {
    const value = this.#value;
    return typeof value === 'object' && value !== null ? Object.keys(value).length === 0 : !this.isGiven;
  }

  /** A field, whether it is given or not. */
  at(name: string): Reading {
    const fields = isObject(this.#value) ? this.#value : (this.#absent('a map') ?? {});
    return this.#part(name, Object.hasOwn(fields, name) ? fields[name] : undefined, () => under(this.path, name));
  }

  items(): readonly Reading[] {
    if (!Array.isArray(this.#value)) return this.#absent('a list') ?? [];
    return this.#value.map((item, index) => this.#part(index, item, () => `${this.path}[${index}]`));
  }

  /** The texts of a list; what is none in it is told. */
  texts(): readonly string[] {
    return this.items().flatMap((item) => item.text() ?? []);
  }

  entries(): readonly (readonly [name: string, value: Reading])[] {
    if (!isObject(this.#value)) return this.#absent('a map') ?? [];
    return Object.keys(this.#value).map((name) => [name, this.at(name)]);
  }

  text(): string | undefined {
    return typeof this.#value === 'string' ? this.#done(this.#value) : this.#absent('a text');
  }

  number(): number | undefined {
    return typeof this.#value === 'number' ? this.#done(this.#value) : this.#absent('a number');
  }

  flag(): boolean | undefined {
    return typeof this.#value === 'boolean' ? this.#done(this.#value) : this.#absent('true or false');
  }

  /** A number that may be written as a text, as in annotations. */
  numeral(): number | undefined {
    if (typeof this.#value !== 'string') return this.number();
    return /^\d+(?:\.\d+)?$/.test(this.#value.trim()) ? this.#done(Number(this.#value)) : this.#absent('a number');
  }

  /** All of it as it stands. */
  whole(): unknown {
    return this.#done(this.#value);
  }

  /** Says that it is not in the routes, and why. Nothing where it is not given. */
  lost(message: string): void {
    if (!this.isGiven) return;
    this.#isDone = true;
    this.#tell({ type: 'lost', path: this.path, message });
  }

  /** Says what somebody has to know of it. */
  note(message: string): void {
    this.#tell({ type: 'note', path: this.path, message });
  }

  /** Tells of what nobody has read. */
  tellRest(): void {
    if (this.#isDone || !this.isGiven) return;
    if (Array.isArray(this.#value)) {
      for (const item of this.items()) item.tellRest();
    } else if (isObject(this.#value)) {
      for (const name of Object.keys(this.#value)) {
        const part = this.#parts.get(name) ?? this.at(name);
        if (this.#isUnread(part)) part.lost('no route says it');
        else part.tellRest();
      }
    } else this.lost('no route says it');
  }

  #isUnread(part: Reading): boolean {
    return !part.#isDone && part.#parts.size === 0 && !part.isEmpty;
  }

  #part(key: string | number, value: unknown, path: () => string): Reading {
    const known = this.#parts.get(key);
    if (known !== undefined) return known;
    const made = new Reading(value, path(), this.#tell);
    this.#parts.set(key, made);
    return made;
  }

  #done<Value>(value: Value): Value {
    this.#isDone = true;
    return value;
  }

  #absent(wanted: string): undefined {
    if (this.isGiven && !this.#isDone) this.lost(`must be ${wanted}`);
    return undefined;
  }
}

function under(path: string, name: string): string {
  const part = /^[\w-]+$/.test(name) ? name : `[${name}]`;
  if (path === '') return part;
  return part === name ? `${path}.${name}` : `${path}${part}`;
}
