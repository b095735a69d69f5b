import { parseAllDocuments } from 'yaml';
import { readGRPCStatus } from '../../proxy/observe/grpcStatus.ts';
import { fieldsOf, isObject, type JsonObject } from '../../runtime/json.ts';
import { reasonOf } from '../../runtime/reason.ts';
import { CannotLook } from '../cannotLook.ts';

/** One row of the table: a request, and what is to become of it. */
export type Case = {
  readonly name: string;
  /** `[METHOD] URL` */
  readonly request: string;
  readonly headers: readonly string[];
  /** `namespace` or `namespace/pod`. */
  readonly from: string | undefined;
  readonly expect: Expectation;
};

/** What is said holds of every request like this one; what is not said is not looked at. */
export type Expectation = {
  /** All are sent there: `namespace/service:port`. */
  readonly backend?: string;
  /** The share of each, in percent. */
  readonly backends?: Readonly<Record<string, number>>;
  /** The sidecar answers all with it. */
  readonly status?: number;
  /** By name, as in UNIMPLEMENTED: the sidecar answers all with this error of gRPC. */
  readonly grpcStatus?: string;
  readonly flag?: string;
  readonly location?: string;
  /** As the endpoint gets it. */
  readonly path?: string;
  readonly host?: string;
  /** As the endpoint gets them; null: it has none of that name. */
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly route?: string;
  /** By its name, or by its number from 0. */
  readonly rule?: string | number;
};

/** Reads `cases:` of a YAML file. Throws CannotLook for what is none, naming the case and the field. */
export function readCases(text: string, file: string): readonly Case[] {
  const { cases } = fieldsOf(parseYaml(text, file));
  if (!Array.isArray(cases) || cases.length === 0)
    throw new CannotLook(`${file} has no cases; write a list of them under cases:`);
  return cases.map((one, index) => new CaseReader(one, `${file}, case ${index + 1}`).read());
}

function parseYaml(text: string, file: string): unknown {
  try {
    const documents = parseAllDocuments(text, { prettyErrors: true, logLevel: 'error' });
    if (!Array.isArray(documents)) return undefined;
    for (const { errors } of documents) for (const error of errors) throw error;
    // Of several, as in a file of routes, none is the table.
    return documents.length === 1 ? documents[0]?.toJS() : undefined;
  } catch (error) {
    const [reason = ''] = reasonOf(error).split('\n');
    throw new CannotLook(
      `${file}: ${reason.replace(/:$/, '')}; correct the YAML, or name the file that has the cases`,
      { cause: error },
    );
  }
}

class CaseReader {
  private readonly fields: JsonObject;
  private readonly place: string;

  constructor(value: unknown, place: string) {
    this.fields = fieldsOf(value);
    this.place = place;
  }

  read(): Case {
    this.refuseOthers(this.fields, ['name', 'request', 'headers', 'from', 'expect'], '');
    const request = this.text(this.fields, 'request');
    if (request === undefined) return this.refuse('request', 'write it as in GET http://cart.shop/pay/42');
    const expected = this.fields['expect'];
    if (!isObject(expected) || Object.keys(expected).length === 0)
      return this.refuse('expect', `say what is to become of the request by ${known.join(', ')}`);
    return {
      name: this.text(this.fields, 'name') ?? request,
      request,
      headers: Object.entries(this.values(this.fields, 'headers')).map(([name, value]) => `${name}: ${value ?? ''}`),
      from: this.text(this.fields, 'from'),
      expect: this.readExpectation(expected),
    };
  }

  private readExpectation(fields: JsonObject): Expectation {
    this.refuseOthers(fields, known, 'expect.');
    const { status, grpcStatus, rule, backends, headers } = fields;
    if (status !== undefined && typeof status !== 'number') this.refuse('expect.status', 'write a number, as in 404');
    const texts = ['backend', 'flag', 'location', 'path', 'host', 'route'].flatMap((name) => {
      const text = this.text(fields, name);
      return text === undefined ? [] : [[name, text] as const];
    });
    return {
      ...Object.fromEntries(texts),
      ...(typeof status === 'number' && { status }),
      ...(grpcStatus !== undefined && { grpcStatus: this.readGRPCStatus(grpcStatus) }),
      ...(rule !== undefined && { rule: typeof rule === 'number' ? rule : this.scalar(rule, 'expect.rule') }),
      ...(backends !== undefined && { backends: this.readShares(backends) }),
      ...(headers !== undefined && { headers: this.values(fields, 'headers') }),
    };
  }

  private readGRPCStatus(given: unknown): string {
    const names = Array.from({ length: 17 }, (_, code) => readGRPCStatus(String(code)) as string);
    const name = typeof given === 'number' ? names[given] : names.find((one) => one === given);
    return name ?? this.refuse('expect.grpcStatus', 'write the name of a status of gRPC, as in UNIMPLEMENTED');
  }

  private readShares(backends: unknown): Readonly<Record<string, number>> {
    const shares = Object.entries(fieldsOf(backends)).map(([name, share]) => {
      const percent = /^(\d+(?:\.\d+)?)%?$/.exec(String(share))?.[1];
      return [name, percent === undefined ? Number.NaN : Number(percent)] as const;
    });
    if (shares.length === 0 || shares.some(([, share]) => Number.isNaN(share)))
      this.refuse('expect.backends', 'write the share of each, as in { shop/cart-v1:80: 90%, shop/cart-v2:80: 10% }');
    return Object.fromEntries(shares);
  }

  private text(fields: JsonObject, name: string): string | undefined {
    const value = fields[name];
    return value === undefined || value === null ? undefined : this.scalar(value, name);
  }

  private scalar(value: unknown, field: string): string {
    if (typeof value === 'string') return value;
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : this.refuse(field, 'write a text');
  }

  private values(fields: JsonObject, name: string): Readonly<Record<string, string | null>> {
    const value = fields[name];
    if (value !== undefined && !isObject(value)) this.refuse(name, 'write names and values, as in { x-user: tester }');
    return Object.fromEntries(
      Object.entries(fieldsOf(value)).map(([key, one]) => [
        key,
        one === null ? null : this.scalar(one, `${name}.${key}`),
      ]),
    );
  }

  private refuseOthers(fields: JsonObject, names: readonly string[], place: string): void {
    const other = Object.keys(fields).find((name) => !names.includes(name));
    if (other !== undefined) this.refuse(`${place}${other}`, `there is no such field; there are ${names.join(', ')}`);
  }

  private refuse(field: string, advice: string): never {
    throw new CannotLook(`${this.place}: ${field}: ${advice}`);
  }
}

const known = [
  'backend',
  'backends',
  'status',
  'grpcStatus',
  'flag',
  'location',
  'path',
  'host',
  'headers',
  'route',
  'rule',
];
