import { type StaticName, staticNames } from './staticTable.ts';

/** An entry of an encoder's dynamic table; `serial` counts all that were ever added. */
export type EncoderEntry = {
  readonly known: KnownName;
  readonly value: string;
  /** As `lastOf` its value. */
  readonly last: number;
  readonly serial: number;
  readonly size: number;
};

// What its values must have been worth before another of them comes into the table: an entry costs one, a use earns one.
const initialCredit = 4;
const maxCredit = 8;
// A name whose values were not worth it is tried again after so many of them.
const retryAfter = 64;

// Always, or while they are short enough to be guessed at by trying what compresses (RFC 7541 section 7.1.3).
const secrets: ReadonlyMap<string, number> = new Map([
  ['authorization', Infinity],
  ['proxy-authorization', Infinity],
  ['set-cookie', Infinity],
  ['cookie', 20],
]);

/** What an encoder knows of a name: where it stands in the tables, and whether its values come again. */
export class KnownName {
  readonly name: string;
  /** 0: not in the static table. */
  readonly staticIndex: number;
  /** Its entries of the dynamic table, oldest first. */
  readonly entries: EncoderEntry[] = [];
  private readonly staticValues: StaticName['values'];
  /** Values shorter than this are secret. */
  private readonly secretBelow: number;
  private credit = initialCredit;
  private passedOver = 0;

  constructor(name: string, { index, values }: StaticName) {
    this.name = name;
    this.staticIndex = index;
    this.staticValues = values;
    this.secretBelow = secrets.get(name) ?? 0;
  }

  isSecret(value: string): boolean {
    return value.length < this.secretBelow;
  }

  /** Its index together with this value in the static table, or 0. */
  staticIndexOf(value: string): number {
    for (const known of this.staticValues) if (known.value === value) return known.index;
    return 0;
  }

  /** Its entry with this value, which is thereby used. */
  use(value: string): EncoderEntry | undefined {
    const { entries } = this;
    const last = lastOf(value);
    for (let at = entries.length - 1; at >= 0; at--) {
      const entry = entries[at];
      // Values that differ are told apart by their ends as a rule: numbers and ids count up there.
      if (entry === undefined || entry.last !== last || entry.value !== value) continue;
      if (this.credit < maxCredit) this.credit++;
      return entry;
    }
    return undefined;
  }

  /** Whether another value is to come into the table: not where those before were hardly ever used. */
  mayBeAdded(): boolean {
    if (this.credit === 0 && ++this.passedOver < retryAfter) return false;
    this.passedOver = 0;
    if (this.credit > 0) this.credit--;
    return true;
  }
}

const unknown: StaticName = { index: 0, values: [] };

/** `name` is kept. */
export function knownNameOf(name: string): KnownName {
  return new KnownName(name, staticNames.get(name) ?? unknown);
}

/** The last character of a value. */
export function lastOf(value: string): number {
  return value === '' ? -1 : value.charCodeAt(value.length - 1);
}
