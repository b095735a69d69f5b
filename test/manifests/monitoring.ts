import { readFileSync } from 'node:fs';
import path from 'node:path';
import { folder, manifestsOf } from './objects.ts';

export type RecordingRule = { readonly record: string; readonly expr: string };

export type Dashboard = {
  readonly uid: string;
  readonly panels: readonly {
    readonly id: number;
    readonly type: string;
    readonly title: string;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
  }[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
};

/** The groups of the PrometheusRule, as a rules file of Prometheus has them. */
export function ruleGroups(): readonly { readonly name: string; readonly rules: readonly RecordingRule[] }[] {
  const found = manifestsOf('overlays/monitoring').find(({ kind }) => kind === 'PrometheusRule')?.spec;
  const { groups } = found as unknown as { readonly groups: ReturnType<typeof ruleGroups> };
  return groups;
}

/** What each rule records. */
export function recordingRules(): readonly RecordingRule[] {
  return ruleGroups().flatMap(({ rules }) => rules);
}

/** The dashboard as it stands in the ConfigMap. */
export function dashboard(): Dashboard {
  return JSON.parse(readFileSync(path.join(folder, 'overlays/monitoring/heddle.json'), 'utf8')) as Dashboard;
}
