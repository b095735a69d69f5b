import {
  injectedAnnotation,
  injectLabel,
  resourceAnnotations,
  revisionAnnotation,
  sidecarLabel,
  wishAnnotations,
} from '../../contract/labels.ts';
import { sidecarOptions } from '../../contract/sidecarOptions.ts';

/** Of pods and Services only: on a namespace it would say something of pods, and nothing of Services. */
export const opaquePortsOfPods: string = wishAnnotations.opaquePorts;

const settings = [
  ...Object.values(wishAnnotations).filter((name) => name !== opaquePortsOfPods),
  ...Object.values(resourceAnnotations),
  ...sidecarOptions.map(({ annotation }) => annotation),
];

/** Our keys, by the kind of object and the place in it where they mean something. */
export const knownKeys = {
  Pod: {
    labels: [injectLabel, sidecarLabel],
    annotations: [...settings, opaquePortsOfPods, injectedAnnotation, revisionAnnotation],
  },
  Namespace: { labels: [injectLabel], annotations: settings },
} as const satisfies Record<string, Readonly<Record<'labels' | 'annotations', readonly string[]>>>;
