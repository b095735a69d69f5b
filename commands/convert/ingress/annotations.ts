import type { Reading } from '../reading.ts';
import { tellNoCode } from '../retryCodes.ts';
import type { Filter, Rule } from '../route.ts';
import type { Source } from '../source.ts';
import { annotationsOf, isOn, type ReadAnnotation } from './annotation.ts';
import { wantsNewer } from '../switchedOff.ts';
import { readCors } from './cors.ts';
import { readMirror } from './mirror.ts';
import { readRedirect } from './redirect.ts';
import { nearest } from './nearest.ts';

/** What annotations of ingress-nginx say of all paths of an Ingress. */
export type Annotations = {
  /** spec.ingressClassName, or the annotation that came before it. */
  readonly className: string | undefined;
  readonly usesRegex: boolean;
  readonly rewrite: { readonly target: string; readonly read: Reading } | undefined;
  readonly upstreamHost: string | undefined;
  readonly appRoot: string | undefined;
  /** Whether those that come without TLS are redirected; undefined where nothing is said. */
  readonly secure: boolean | undefined;
  readonly ofRule: Pick<Rule, 'filters' | 'retry' | 'timeouts'>;
};

/** Reads what has a place in routes and tells of all that has none. */
export function readAnnotations(source: Source): Annotations {
  const annotations = source.read.at('metadata').at('annotations');
  const of = annotationsOf(source);
  const named = source.read.at('spec').at('ingressClassName').text();
  const className = named ?? annotations.at('kubernetes.io/ingress.class').text();
  const target = of('rewrite-target').text();
  const isForced = isOn(of('force-ssl-redirect'));
  const isWanted = of('ssl-redirect').text();
  const filters: readonly Filter[] = [
    ...readRedirect(of),
    ...readForwardedPrefix(of),
    ...readCors(of),
    ...readMirror(of, source),
  ];
  const retry = readRetry(of);
  const result: Annotations = {
    className,
    usesRegex: isOn(of('use-regex')),
    rewrite: target === undefined ? undefined : { target, read: of('rewrite-target') },
    upstreamHost: of('upstream-vhost').text(),
    appRoot: of('app-root').text(),
    secure: isForced || (isWanted === 'false' ? false : undefined),
    ofRule: { ...(filters.length > 0 && { filters }), ...(retry !== undefined && { retry }) },
  };
  const protocol = of('backend-protocol');
  if (protocol.text()?.toUpperCase() !== 'HTTP') protocol.lost(nearest['backend-protocol'] ?? '');
  // Services are what routes name: nothing to say.
  of('service-upstream').text();
  for (const [name, message] of Object.entries(nearest)) if (name !== 'backend-protocol') of(name).lost(message);
  return result;
}

function readForwardedPrefix(of: ReadAnnotation): readonly Filter[] {
  const value = of('x-forwarded-prefix').text();
  if (value === undefined) return [];
  return [{ type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'X-Forwarded-Prefix', value }] } }];
}

/** `proxy-next-upstream` and how often; what nginx always tries again, Heddle does without being told. */
function readRetry(of: ReadAnnotation): Rule['retry'] {
  const when = of('proxy-next-upstream');
  const words = when.text()?.split(/\s+/) ?? [];
  const tries = of('proxy-next-upstream-tries');
  const count = tries.numeral();
  if (words.includes('off') || count === 1) {
    (words.includes('off') ? when : tries).note(wantsNewer);
    return { attempts: 0 };
  }
  const codes = words.flatMap((word) => /^http_(?<code>[45]\d\d)$/.exec(word)?.groups?.['code'] ?? []).map(Number);
  for (const word of words) {
    if (!/^(?:error|timeout|http_[45]\d\d)$/.test(word)) tellNoCode(word, when);
  }
  if (codes.length === 0 && count === undefined) return undefined;
  return { ...(codes.length > 0 && { codes }), ...(count !== undefined && count > 0 && { attempts: count - 1 }) };
}
