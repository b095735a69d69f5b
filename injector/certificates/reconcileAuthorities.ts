import { rotateAnnotation } from '../../contract/labels.ts';
import { caSecret } from '../../contract/objects.ts';
import { type Api, isApiStatus } from '../../kubernetes/api.ts';
import { fieldsOf, type JsonObject } from '../../runtime/json.ts';
import type { Logger } from '../../runtime/log.ts';
import { covers } from '../patch/covers.ts';
import { createAuthority } from './issue.ts';
import { planRotation, type Step, takeStep } from './rotation.ts';
import { readAuthorities, writeAuthorities } from './secret.ts';
import type { Authorities, Lifetimes } from './types.ts';
import { readSecret, writeSecret } from './writeSecret.ts';

const attempts = 10;

export type AuthoritiesOptions = {
  readonly api: Api;
  readonly namespace: string;
  readonly lifetimes: Lifetimes;
  readonly log: Logger;
  readonly now: () => number;
};

/**
 * The CAs that all replicas follow: what the Secret heddle-ca says, after the steps that are due have been written to
 * it. Whoever writes first wins, the others read again. A Secret that is gone or unusable is restored from `lastGood`;
 * only where there is none a new CA begins. Who wants another CA writes the annotation heddle.dev/rotate on the Secret:
 * a successor is made, and all goes on as with one whose time has come. Rejects when the API cannot be reached or refuses.
 */
export async function reconcileAuthorities(
  options: AuthoritiesOptions,
  lastGood: Authorities | undefined,
): Promise<Authorities> {
  const { api, namespace, log } = options;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const secret = await readSecret(api, namespace, caSecret);
    const known = readKnown(secret, options, lastGood);
    const request = annotationsOf(secret)[rotateAnnotation] === undefined ? 'none' : 'rotate';
    const { authorities, steps } = await advance(known, request, options);
    if (request === 'none' && isWritten(secret, authorities)) return authorities;
    try {
      const wanted = { namespace, name: caSecret, ...writeAuthorities(authorities), without: rotateAnnotation };
      await writeSecret(api, secret, wanted);
      if (request === 'rotate') log.info({ secret: `${namespace}/${caSecret}` }, 'A rotation of the CA was asked for');
      log.info({ secret: `${namespace}/${caSecret}`, steps, trusted: authorities.trusted.length }, 'CA written');
      return authorities;
    } catch (error) {
      if (!isApiStatus(error, 409) && !isApiStatus(error, 404)) throw error;
      log.debug({ attempt }, 'Another replica wrote the CA: reading it again');
    }
  }
  throw new Error(`Secret ${namespace}/${caSecret} changed ${attempts} times while it was being written`);
}

function readKnown(
  secret: JsonObject | undefined,
  { namespace, log, now }: AuthoritiesOptions,
  lastGood: Authorities | undefined,
): Authorities | undefined {
  const name = `${namespace}/${caSecret}`;
  const remedy = lastGood === undefined ? 'a new CA is made' : 'the last good CA is written back';
  if (secret === undefined) {
    if (lastGood !== undefined) log.warn({ secret: name, remedy }, 'The Secret of the CA is gone');
    return lastGood;
  }
  const read = readAuthorities(secret, now());
  if (read.ok) return read.authorities;
  log.error({ secret: name, reason: read.message, remedy }, 'The Secret of the CA is unusable');
  return lastGood;
}

async function advance(
  known: Authorities | undefined,
  request: 'rotate' | 'none',
  { lifetimes, now }: AuthoritiesOptions,
): Promise<{ readonly authorities: Authorities; readonly steps: readonly Step[] }> {
  const moment = { now: now(), lifetimes };
  const steps: Step[] = [];
  let state = known;
  for (;;) {
    const planned = planRotation(state, moment.now, lifetimes);
    const isQuiet = planned === 'none' || planned === 'forget';
    // One that is under way already is the rotation that was asked for.
    const isAsked = request === 'rotate' && isQuiet && state?.next === undefined && steps.length === 0;
    const type = isAsked ? 'prepare' : planned;
    if (type === 'none' && state !== undefined) return { authorities: state, steps };
    if (type === 'none') throw new TypeError('no CA and nothing to do');
    steps.push(type);
    const isNew = type === 'begin' || type === 'prepare';
    const step = isNew ? { type, fresh: await createAuthority(moment.now, lifetimes.authorityMs) } : { type };
    state = takeStep(state, step, moment);
  }
}

function isWritten(secret: JsonObject | undefined, authorities: Authorities): boolean {
  if (secret === undefined) return false;
  const wanted = writeAuthorities(authorities);
  const data = fieldsOf(secret['data']);
  const annotations = annotationsOf(secret);
  return covers(data, wanted.data) && covers(wanted.data, data) && covers(annotations, wanted.annotations);
}

function annotationsOf(secret: JsonObject | undefined): JsonObject {
  return fieldsOf(fieldsOf(secret?.['metadata'])['annotations']);
}
