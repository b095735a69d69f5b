import type { Reading } from '../reading.ts';
import type { Source } from '../source.ts';

/** Reads an annotation of ingress-nginx by its short name. */
export type ReadAnnotation = (name: string) => Reading;

/** The annotations of ingress-nginx on an Ingress. */
export function annotationsOf({ read }: Source): ReadAnnotation {
  const annotations = read.at('metadata').at('annotations');
  return (name) => annotations.at(`nginx.ingress.kubernetes.io/${name}`);
}

/** Whether an annotation is switched on. */
export function isOn(annotation: Reading): boolean {
  return annotation.text()?.toLowerCase() === 'true';
}
