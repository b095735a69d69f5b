import test from 'ava';
import { createAuthority, issueCertificate } from '../../../injector/certificates/issue.ts';
import { coversNames, isSignedBy } from '../../../injector/certificates/read.ts';
import { encode, readAuthorities, writeAuthorities } from '../../../injector/certificates/secret.ts';
import { keepCertificate } from '../../../injector/certificates/serving.ts';
import type { Authorities } from '../../../injector/certificates/types.ts';

const day = 86_400_000;
const now = Date.UTC(2026, 10, 25);
const lifetimes = { authorityMs: 3650 * day, certificateMs: 90 * day, overlapMs: day };

async function authorities(): Promise<Authorities> {
  const [signing, next] = await Promise.all([createAuthority(now, 10 * day), createAuthority(now, 20 * day)]);
  return {
    signing,
    signingSince: now - day,
    next: { pair: next, since: now - 1000 },
    trusted: [signing.certificate, next.certificate],
  };
}

function secretOf(state: Authorities, changes: Readonly<Record<string, string>> = {}) {
  const { data, annotations } = writeAuthorities(state);
  return { metadata: { annotations }, data: { ...data, ...encode(changes) } };
}

test('what is written to the Secret is read again the same', async (t) => {
  const state = await authorities();
  t.deepEqual(readAuthorities(secretOf(state), now), { ok: true, authorities: state });
});

test('times that the Secret does not tell begin now', async (t) => {
  const read = readAuthorities({ data: secretOf(await authorities()).data }, now);
  t.like(read, { ok: true, authorities: { signingSince: now, next: { since: now } } });
});

test('a bundle that misses a CA of the Secret is completed', async (t) => {
  const state = await authorities();
  const read = readAuthorities(secretOf(state, { 'ca.crt': 'gone' }), now);
  t.deepEqual(read.ok ? read.authorities.trusted : [], state.trusted);
});

test('a successor that cannot be used is left out', async (t) => {
  const read = readAuthorities(secretOf(await authorities(), { 'next.key': 'broken' }), now);
  t.like(read, { ok: true, authorities: { next: undefined } });
});

test('a Secret that cannot sign is unusable, and the message says what of it', async (t) => {
  const state = await authorities();
  const other = await createAuthority(now, day);
  const leaf = await issueCertificate(state.signing, { dnsNames: ['x'], now, lifetimeMs: day });
  const broken: readonly (readonly [unknown, RegExp])[] = [
    [null, /not a Secret/],
    [{}, /tls\.crt, tls\.key: not one PEM certificate/],
    [secretOf(state, { 'tls.crt': 'broken' }), /not one PEM certificate/],
    [secretOf(state, { 'tls.key': 'broken' }), /the key is not a PEM private key/],
    [secretOf(state, { 'tls.key': other.keyPem }), /the key does not belong to the certificate/],
    [secretOf(state, { 'tls.crt': leaf.certificate.pem, 'tls.key': leaf.keyPem }), /may not sign others/],
  ];
  for (const [secret, message] of broken) {
    const read = readAuthorities(secret, now);
    t.false(read.ok);
    if (!read.ok) t.regex(read.message, message);
  }
});

test('a certificate is for its names only, signed by its CA, and ends with it', async (t) => {
  const { signing, next } = await authorities();
  const names = ['heddle-agent', 'heddle-agent.heddle-system.svc'];
  const { certificate } = await issueCertificate(signing, { dnsNames: names, now, lifetimeMs: 90 * day });
  t.true(isSignedBy(certificate, signing.certificate));
  t.false(next !== undefined && isSignedBy(certificate, next.pair.certificate));
  t.true(coversNames(certificate, names));
  t.false(coversNames(certificate, [...names, 'heddle-injector']));
  t.is(certificate.notAfter, signing.certificate.notAfter);
});

test('a serving certificate is kept until two thirds of its life, its names and its CA call for another', async (t) => {
  const state = await authorities();
  const wanted = { dnsNames: ['x'], lifetimes: { ...lifetimes, certificateMs: 9 * day }, now, jitter: 0 };
  const first = await keepCertificate(undefined, state, wanted);
  t.is(await keepCertificate(first, state, { ...wanted, now: now + 5.9 * day }), first);
  t.not(await keepCertificate(first, state, { ...wanted, now: now + 6.1 * day }), first);
  t.not(await keepCertificate(first, state, { ...wanted, now: now + 5.9 * day, jitter: 1 }), first);
  t.not(await keepCertificate(first, state, { ...wanted, dnsNames: ['x', 'y'] }), first);
  t.not(await keepCertificate(first, { ...state, signing: await createAuthority(now, day) }, wanted), first);
});
