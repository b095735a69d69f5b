import { injectLabel, labelDomain } from '../../contract/labels.ts';
import type { JsonObject } from '../../runtime/json.ts';
import { knownKeys } from './knownKeys.ts';
import { distance } from './distance.ts';

type Kind = keyof typeof knownKeys;
type Place = 'labels' | 'annotations';

const words: Readonly<Record<Place, string>> = { labels: 'label', annotations: 'annotation' };

/**
 * What an object says to Heddle in a way that means nothing, each with the nearest right name: unknown keys, keys of a
 * misspelled domain, labels that are annotations and the other way round. An empty list for most objects.
 */
export function findUnknownKeys(
  kind: Kind,
  object: { readonly labels: JsonObject; readonly annotations: JsonObject },
): readonly string[] {
  return (['labels', 'annotations'] as const).flatMap((place) =>
    Object.keys(object[place]).flatMap((key) => problemOf(kind, place, key) ?? []),
  );
}

/** What is wrong with the value of the label inject, if it is there and no pod is asked about. */
export function findWrongInject(labels: JsonObject): string | undefined {
  const value = labels[injectLabel];
  if (value === undefined || value === 'enabled' || value === 'disabled') return undefined;
  return `label ${injectLabel}=${JSON.stringify(value).slice(0, 40)} is unknown: write "enabled" or "disabled"; no pod gets a sidecar by it`;
}

function problemOf(kind: Kind, place: Place, key: string): string | undefined {
  const slash = key.indexOf('/');
  const domain = key.slice(0, Math.max(slash, 0));
  if (!isMeant(domain) || names(kind, place).includes(key)) return undefined;
  const said = `${words[place]} ${key.slice(0, 80)} means nothing here`;
  const other = place === 'labels' ? 'annotations' : 'labels';
  const right = `${labelDomain}${key.slice(slash)}`;
  if (names(kind, place).includes(right)) return `${said}: write ${right}`;
  if (names(kind, other).includes(right)) return `${said}: write it as ${words[other]} ${right}`;
  const near = nearest(kind, right);
  return `${said}: ${near === undefined ? 'the reference lists what does' : `did you mean ${near}?`}`;
}

/** Also `hedle.dev` and `heddle.io`: what nobody else would write. */
function isMeant(domain: string): boolean {
  return (
    domain === labelDomain || /^heddle(?:\.|$)/.test(domain) || (domain !== '' && distance(domain, labelDomain) <= 1)
  );
}

function names(kind: Kind, place: Place): readonly string[] {
  return knownKeys[kind][place];
}

function nearest(kind: Kind, key: string): string | undefined {
  const all = (['labels', 'annotations'] as const).flatMap((place) =>
    names(kind, place).map((name) => ({ name, place, far: distance(name, key) })),
  );
  const best = all.reduce((a, b) => (b.far < a.far ? b : a));
  return best.far <= Math.max(2, (key.length - labelDomain.length) / 3)
    ? `the ${words[best.place]} ${best.name}`
    : undefined;
}
