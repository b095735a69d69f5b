import { fieldsOf, textOf } from '../runtime/json.ts';

/** An undecoded object of the API: what the watch itself reads of it. */
export type RawObject = {
  readonly metadata: {
    readonly namespace?: string;
    readonly name: string;
    readonly uid?: string;
    readonly resourceVersion: string;
    readonly generation?: unknown;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
};

/** An object of a list or an event. Throws when the value is none, since then its version is lost. */
export function asRawObject(value: unknown): RawObject {
  const { metadata } = fieldsOf(value);
  if (textOf(fieldsOf(metadata), 'resourceVersion') === undefined) {
    throw new Error('an object without metadata.resourceVersion came from the API server');
  }
  // A bookmark has no name; what is named otherwise than by a text is refused where it is decoded.
  return value as RawObject;
}

/** `namespace/name`, as it is unique within one resource. */
export function rawKey({ metadata }: RawObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
