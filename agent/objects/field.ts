/** What is wrong with one field, and where: the path from the top of the object. */
export type FieldProblem = { readonly path: readonly (string | number)[]; readonly message: string };

/** Where a field stands; its path is put together only when there is something to say of it. */
type Place = { readonly inside: Field; readonly step: string | number };

/** Most lists are absent: all of them are this one. */
const none: readonly never[] = [];

/**
 * One place in an undecoded object. Reading never throws: a wrong value is collected in `problems`, and a harmless
 * value of the right type is returned, so that all problems of an object are found in one pass.
 */
export class Field {
  readonly #value: unknown;
  readonly #problems: FieldProblem[];
  readonly #place: Place | undefined;

  constructor(value: unknown, problems: FieldProblem[], place?: Place) {
    this.#value = value ?? undefined;
    this.#problems = problems;
    this.#place = place;
  }

  get isAbsent(): boolean {
    return this.#value === undefined;
  }

  /** Adds a problem with this field. */
  wrong(message: string): void {
    const path = this.#path();
    const here = path.join('.');
    if (this.#problems.some((problem) => problem.path.join('.') === here)) return;
    this.#problems.push({ path, message: `${print(path)}: ${message}` });
  }

  at(key: string): Field {
    const fields = this.#fields();
    return new Field(Object.hasOwn(fields, key) ? fields[key] : undefined, this.#problems, {
      inside: this,
      step: key,
    });
  }

  /** The elements of a list; none when it is absent. */
  items(): readonly Field[] {
    return this.list((item) => item);
  }

  /** The elements of a list, decoded; none when it is absent. */
  list<T>(decode: (item: Field) => T): readonly T[] {
    if (this.#value === undefined) return none;
    if (Array.isArray(this.#value)) {
      return this.#value.map((item: unknown, step) => decode(new Field(item, this.#problems, { inside: this, step })));
    }
    this.wrong(`must be a list, found ${describe(this.#value)}; start each element with "- "`);
    return none;
  }

  /** The names of the fields that are given besides `known`. */
  keysBesides(known: readonly string[]): readonly string[] {
    const others = Object.keys(this.#fields()).filter((key) => !known.includes(key));
    return others.length === 0 ? none : others;
  }

  optionalString(): string | undefined {
    if (this.#value === undefined || typeof this.#value === 'string') return this.#value;
    this.wrong(`must be text, found ${describe(this.#value)}; write it in quotes`);
    return undefined;
  }

  string(): string {
    if (this.#value === undefined) this.wrong('is required');
    const value = this.optionalString();
    if (value === '') this.wrong('must not be empty');
    return value ?? '';
  }

  optionalInteger(min: number, max: number): number | undefined {
    if (this.#value === undefined) return undefined;
    if (typeof this.#value === 'number' && Number.isInteger(this.#value) && this.#value >= min && this.#value <= max) {
      return this.#value;
    }
    this.wrong(`must be a whole number from ${min} to ${max}, found ${describe(this.#value)}`);
    return undefined;
  }

  integer(min: number, max: number): number {
    if (this.#value === undefined) this.wrong('is required');
    return this.optionalInteger(min, max) ?? min;
  }

  optionalBoolean(): boolean | undefined {
    if (this.#value === undefined || typeof this.#value === 'boolean') return this.#value;
    this.wrong(`must be true or false, found ${describe(this.#value)}`);
    return undefined;
  }

  #fields(): Readonly<Record<string, unknown>> {
    if (this.#value === undefined) return {};
    if (typeof this.#value === 'object' && this.#value !== null && !Array.isArray(this.#value)) {
      return this.#value as Record<string, unknown>;
    }
    this.wrong(`must be a mapping of fields, found ${describe(this.#value)}`);
    return {};
  }

  #path(): readonly (string | number)[] {
    return this.#place === undefined ? [] : [...this.#place.inside.#path(), this.#place.step];
  }
}

/** As kubectl prints it: spec.rules[0].matches[1]. */
function print(path: readonly (string | number)[]): string {
  const printed = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return printed.startsWith('.') ? printed.slice(1) : printed || 'object';
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  const printed = JSON.stringify(value) ?? typeof value;
  return `${typeof value} ${printed.length > 60 ? `${printed.slice(0, 60)}…` : printed}`;
}
