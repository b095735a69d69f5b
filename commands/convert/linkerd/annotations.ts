import { wishAnnotations } from '../../../contract/labels.ts';
import { inTry, whileIdle } from './nearest.ts';
import { gatewayGroup } from '../route.ts';
import type { Source } from '../source.ts';

/** Of the annotations by which Linkerd is told what to do with requests; others are of its tools. */
const ofRequests = /^(?:retry|timeout|balancer|config)\.linkerd\.io\//;

/** What says it instead. */
const nearest: Readonly<Record<string, string>> = {
  'retry.linkerd.io/http': 'retry.codes of its rules says it',
  'retry.linkerd.io/grpc': 'retry of the rules of an HTTPRoute says it',
  'retry.linkerd.io/limit': 'retry.attempts of its rules says it',
  'retry.linkerd.io/timeout': 'timeouts.backendRequest of its rules says it',
  'timeout.linkerd.io/request': 'timeouts.request of its rules says it',
  'timeout.linkerd.io/response': inTry,
  'timeout.linkerd.io/idle': whileIdle,
  'config.linkerd.io/opaque-ports': `the annotation ${wishAnnotations.opaquePorts} says it`,
};

/** Tells what Linkerd reads in a route of the Gateway API or a Service, and nobody else does. Whether there was any. */
export function tellAnnotations({ group, kind, read }: Source): boolean {
  const isRoute = group === gatewayGroup && /^(?:HTTP|GRPC)Route$/.test(kind);
  if (!isRoute && !(group === '' && kind === 'Service')) return false;
  const found = read
    .at('metadata')
    .at('annotations')
    .entries()
    .filter(([name]) => ofRequests.test(name));
  for (const [name, annotation] of found) annotation.lost(wordsFor(name, isRoute));
  return found.length > 0;
}

function wordsFor(name: string, isRoute: boolean): string {
  const words = nearest[name] ?? 'no route says it';
  return isRoute ? words : words.replace('its rules', 'the rules of a route');
}
