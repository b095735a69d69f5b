import { endpointAnnotations, wishAnnotations } from '../../contract/labels.ts';
import type { EndpointPolicy } from '../../routing/model.ts';
import type { Service } from '../objects/types.ts';
import { parseDuration } from './httpRoute/duration.ts';

const hour = 3_600_000;

/** What each annotation sets; times are written as `10s`, set in milliseconds. */
const settings: Readonly<
  Record<
    string,
    {
      readonly sets: keyof EndpointPolicy;
      readonly type: 'number' | 'time';
      readonly range: readonly [number, number];
      readonly write: string;
    }
  >
> = {
  [endpointAnnotations.outlierFailures]: {
    sets: 'outlierFailures',
    type: 'number',
    range: [0, 1000],
    write: 'a number from 0 (never left out) to 1000',
  },
  [endpointAnnotations.outlierEjection]: {
    sets: 'outlierEjectionMs',
    type: 'time',
    range: [100, hour],
    write: 'a time from 100ms to 1h',
  },
  [endpointAnnotations.slowStart]: {
    sets: 'slowStartMs',
    type: 'time',
    range: [0, hour],
    write: 'a time from 0s (none) to 1h',
  },
  [endpointAnnotations.maxConnections]: {
    sets: 'maxConnections',
    type: 'number',
    range: [1, 60_000],
    write: 'a number from 1 to 60000',
  },
  [endpointAnnotations.maxWaitingRequests]: {
    sets: 'maxWaitingRequests',
    type: 'number',
    range: [0, 1_000_000],
    write: 'a number from 0 to 1000000',
  },
};

/** `policy` has what the annotations of a Service rightly set, undefined for nothing; `wrong` tells of the others. */
export function readEndpointPolicy({ annotations }: Service): {
  readonly policy: EndpointPolicy | undefined;
  readonly wrong: readonly string[];
} {
  if (annotations === undefined) return nothing;
  const policy: { -readonly [K in keyof EndpointPolicy]: EndpointPolicy[K] } = {};
  const wrong: string[] = [];
  for (const [name, text] of Object.entries(annotations)) {
    const setting = Object.hasOwn(settings, name) ? settings[name] : undefined;
    if (setting === undefined) {
      wrong.push(`annotation ${name.slice(0, 80)} means nothing on a Service; these do: ${known.join(', ')}`);
      continue;
    }
    const { sets, type, range, write } = setting;
    const value = type === 'time' ? parseDuration(text) : /^\d{1,7}$/.test(text) ? Number(text) : undefined;
    if (value !== undefined && value >= range[0] && value <= range[1]) policy[sets] = value;
    else
      wrong.push(`annotation ${name} has ${JSON.stringify(text.slice(0, 40))}, and the default holds; write ${write}`);
  }
  return { policy: Object.keys(policy).length === 0 ? undefined : policy, wrong };
}

const nothing = { policy: undefined, wrong: [] } as const;

const known = [wishAnnotations.opaquePorts, ...Object.keys(settings)];
