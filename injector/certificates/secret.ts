import { fieldsOf, isObject, type JsonObject, textOf } from '../../runtime/json.ts';
import { isAuthority, readCertificates, readKeyPair } from './read.ts';
import { type Authorities, bundleOf, type KeyPair } from './types.ts';

/** Times that no certificate tells, as ISO 8601 in annotations of the Secret. */
const signingSinceAnnotation = 'heddle.dev/signing-since';
const nextSinceAnnotation = 'heddle.dev/next-since';

/** The CAs in a Secret heddle-ca; `now` stands for times that it does not tell. `message` says why it is unusable. */
export function readAuthorities(
  secret: unknown,
  now: number,
): { readonly ok: true; readonly authorities: Authorities } | { readonly ok: false; readonly message: string } {
  if (!isObject(secret)) return { ok: false, message: 'not a Secret' };
  const data = fieldsOf(secret['data']);
  const signing = readAuthority(data, 'tls');
  if (!signing.ok) return signing;
  const next = readAuthority(data, 'next');
  const annotations = fieldsOf(fieldsOf(secret['metadata'])['annotations']);
  const known = [signing.value, ...(next.ok ? [next.value] : [])].map(({ certificate }) => certificate);
  const bundle = readCertificates(decode(data, 'ca.crt')).filter((certificate) => isAuthority(certificate));
  const missing = known.filter(({ pem }) => bundle.every((trusted) => trusted.pem !== pem));
  return {
    ok: true,
    authorities: {
      signing: signing.value,
      signingSince: timeOf(annotations, signingSinceAnnotation, now),
      next: next.ok ? { pair: next.value, since: timeOf(annotations, nextSinceAnnotation, now) } : undefined,
      trusted: [...bundle, ...missing],
    },
  };
}

function readAuthority(
  data: JsonObject,
  key: 'tls' | 'next',
): { readonly ok: true; readonly value: KeyPair } | { readonly ok: false; readonly message: string } {
  const read = readKeyPair(decode(data, `${key}.crt`), decode(data, `${key}.key`));
  if (!read.ok) return { ok: false, message: `${key}.crt, ${key}.key: ${read.message}` };
  return isAuthority(read.value.certificate)
    ? read
    : { ok: false, message: `${key}.crt: this certificate may not sign others` };
}

/** One entry of a Secret's data as text; empty where there is none. */
export function decode(data: JsonObject, key: string): string {
  return Buffer.from(textOf(data, key) ?? '', 'base64').toString('utf8');
}

function timeOf(annotations: JsonObject, name: string, fallback: number): number {
  const time = Date.parse(textOf(annotations, name) ?? '');
  return Number.isNaN(time) ? fallback : time;
}

/** What such a Secret holds for these CAs: its data, and the annotations that are ours. */
export function writeAuthorities(authorities: Authorities): {
  readonly data: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
} {
  const { signing, signingSince, next } = authorities;
  const data = {
    'tls.crt': signing.certificate.pem,
    'tls.key': signing.keyPem,
    'ca.crt': bundleOf(authorities),
    ...(next === undefined ? {} : { 'next.crt': next.pair.certificate.pem, 'next.key': next.pair.keyPem }),
  };
  return {
    data: encode(data),
    annotations: {
      [signingSinceAnnotation]: new Date(signingSince).toISOString(),
      ...(next === undefined ? {} : { [nextSinceAnnotation]: new Date(next.since).toISOString() }),
    },
  };
}

/** Texts as a Secret's data. */
export function encode(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')]));
}
