import { forAllPorts } from '../allPorts.ts';
import { type Context, ofKind } from '../context.ts';
import { readMilliseconds, timeoutsOf } from '../duration.ts';
import type { Reading } from '../reading.ts';
import { codesOf, inOrder, tellNoCode } from '../retryCodes.ts';
import { httpRoute, type ParentRef, type Retry, type Rule } from '../route.ts';
import { namespaceOf, type Source } from '../source.ts';
import { inTry, whileIdle } from './nearest.ts';

/** Converts policy.linkerd.io HTTPRoutes: the same words, in a group of their own. */
export function convertLinkerd(context: Context): void {
  for (const source of ofKind(context, 'policy.linkerd.io', 'HTTPRoute')) convertRoute(context, source);
}

function convertRoute(context: Context, source: Source): void {
  const { read, name, namespace, labels } = source;
  const spec = read.at('spec');
  const hostnames = spec.at('hostnames').texts();
  if (hostnames.length > 0)
    spec.at('hostnames').note('say nothing under a Service: the address that was called counts');
  const policy = readAnnotations(read.at('metadata').at('annotations'));
  const parentRefs = spec
    .at('parentRefs')
    .items()
    .flatMap((parent) => readParent(parent).flatMap((ref) => withPorts(context, ref, source, parent)));
  const rules = spec
    .at('rules')
    .items()
    .map((rule) => readRule(rule, policy));
  if (parentRefs.length === 0) {
    if (spec.at('rules').isGiven) spec.at('rules').lost('no parent of theirs is a Service: they are left out');
    else source.tell('lost', 'has no parent that is a Service: nothing is made of it');
    return;
  }
  context.made.push(
    httpRoute({ name, namespace, labels }, { parentRefs, hostnames, rules: rules.length === 0 ? [policy] : rules }),
  );
}

function withPorts(context: Context, ref: ParentRef, source: Source, read: Reading): readonly ParentRef[] {
  const isNamed = ref.port !== undefined || ref.sectionName !== undefined;
  return isNamed ? [ref] : forAllPorts(context, ref, namespaceOf(source), read);
}

function readParent(parent: Reading): readonly ParentRef[] {
  const kind = parent.at('kind').text();
  const group = parent.at('group').text();
  if (kind !== 'Service' || (group !== 'core' && group !== '')) {
    parent.lost(`${kind ?? 'it'} says who may call, which no route says; a parent in the mesh is a Service`);
    return [];
  }
  const namespace = parent.at('namespace').text();
  const port = parent.at('port').number();
  const sectionName = parent.at('sectionName').text();
  return [
    {
      group: '',
      kind,
      ...(namespace !== undefined && { namespace }),
      name: parent.at('name').text() ?? '',
      ...(port !== undefined && { port }),
      ...(sectionName !== undefined && { sectionName }),
    },
  ];
}

/** Fields of a rule that are the Gateway API's own. */
const same = ['name', 'matches', 'filters', 'backendRefs'] as const;

function readRule(read: Reading, policy: Pick<Rule, 'retry' | 'timeouts'>): Rule {
  const own = Object.fromEntries(
    same.filter((field) => read.at(field).isGiven).map((field) => [field, read.at(field).whole()]),
  );
  const times = read.at('timeouts');
  const written = timeoutsOf(readMilliseconds(times.at('request')), readMilliseconds(times.at('backendRequest')));
  const timeouts = { ...policy.timeouts, ...written.timeouts };
  return {
    ...own,
    ...(Object.keys(timeouts).length > 0 && { timeouts }),
    ...(policy.retry !== undefined && { retry: policy.retry }),
  };
}

/** Linkerd's annotations hold for all rules of a route. */
function readAnnotations(annotations: Reading): Pick<Rule, 'retry' | 'timeouts'> {
  const when = annotations.at('retry.linkerd.io/http');
  const limit = annotations.at('retry.linkerd.io/limit').numeral();
  const requestMs = readMilliseconds(annotations.at('timeout.linkerd.io/request'));
  const backendRequestMs = readMilliseconds(annotations.at('retry.linkerd.io/timeout'));
  annotations.at('timeout.linkerd.io/response').lost(inTry);
  annotations.at('timeout.linkerd.io/idle').lost(whileIdle);
  const codes = readCodes(when);
  const retry: Retry | undefined =
    codes === undefined ? undefined : { codes, ...(limit !== undefined && { attempts: limit }) };
  return { ...timeoutsOf(requestMs, backendRequestMs), ...(retry !== undefined && { retry }) };
}

function readCodes(when: Reading): readonly number[] | undefined {
  const words = when.text()?.split(',');
  if (words === undefined) return undefined;
  const codes = words.flatMap((written) => {
    const word = written.trim();
    const known = codesOf(word, when) ?? rangeOf(word);
    if (known === undefined) tellNoCode(word, when);
    return known ?? [];
  });
  return inOrder(codes);
}

/** `500-503` */
function rangeOf(word: string): readonly number[] | undefined {
  const { first, last } = /^(?<first>[45]\d\d)-(?<last>[45]\d\d)$/.exec(word)?.groups ?? {};
  if (first === undefined) return undefined;
  const count = Number(last) - Number(first) + 1;
  return Array.from({ length: Math.max(count, 0) }, (_, index) => Number(first) + index);
}
