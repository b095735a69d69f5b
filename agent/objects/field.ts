/** What is wrong with one field, and where: the path from the top of the object. */
export type FieldProblem = { readonly path: readonly (string | number)[]; readonly message: string };

/**
 * One place in an undecoded object. Reading never throws: a wrong value is collected in `problems`, and a harmless
 * value of the right type is returned, so that all problems of an object are found in one pass.
 */
export class Field {
  readonly #value: unknown;
  readonly #path: readonly (string | number)[];
  readonly #problems: FieldProblem[];

  constructor(value: unknown, problems: FieldProblem[], path: readonly (string | number)[] = []) {
    this.#value = value ?? undefined;
    this.#path = path;
    this.#problems = problems;
  }

  get isAbsent(): boolean {
    return this.#value === undefined;
  }

  /** Adds a problem with this field. */
  wrong(message: string): void {
    const here = this.#path.join('.');
    if (this.#problems.some((problem) => problem.path.join('.') === here)) return;
    this.#problems.push({ path: this.#path, message: `${this.#printedPath()}: ${message}` });
  }

  at(key: string): Field {
    const fields = this.#fields();
    return new Field(Object.hasOwn(fields, key) ? fields[key] : undefined, this.#problems, [...this.#path, key]);
  }

  /** The elements of a list; none when it is absent. */
  items(): readonly Field[] {
    if (this.#value === undefined) return [];
    if (Array.isArray(this.#value)) {
      return this.#value.map((item: unknown, index) => new Field(item, this.#problems, [...this.#path, index]));
    }
    this.wrong(`must be a list, found ${describe(this.#value)}; start each element with "- "`);
    return [];
  }

  /** The names of the fields that are given besides `known`. */
  keysBesides(known: readonly string[]): readonly string[] {
    return Object.keys(this.#fields()).filter((key) => !known.includes(key));
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

  /** As kubectl prints it: spec.rules[0].matches[1]. */
  #printedPath(): string {
    const printed = this.#path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
    return printed.startsWith('.') ? printed.slice(1) : printed || 'object';
  }
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  const printed = JSON.stringify(value) ?? typeof value;
  return `${typeof value} ${printed.length > 60 ? `${printed.slice(0, 60)}…` : printed}`;
}
