import { stringify } from 'yaml';
import type { Conversion } from './convert.ts';
import { type Remark, sentence } from './remark.ts';

/** kubectl reads YAML 1.1, for which `yes` is no text. */
const format = { aliasDuplicateObjects: false, lineWidth: 0, compat: 'yaml-1.1' } as const;

/** YAML to be applied, with all remarks as comments at its head. */
export function printYaml({ made, remarks }: Conversion): string {
  const lost = remarks.filter(({ type }) => type === 'lost');
  const notes = remarks.filter(({ type }) => type === 'note');
  const head = [...section('Not converted:', lost), ...section('To be known:', notes)];
  const documents = made.map((object) => stringify(object, format));
  return [...head.map((line) => `${line}\n`), documents.join('---\n')].join('');
}

function section(title: string, remarks: readonly Remark[]): readonly string[] {
  if (remarks.length === 0) return [];
  return [`# ${title}`, ...remarks.map((remark) => `# - ${sentence(remark)}`)];
}

/** A List, which has no place for comments. */
export function printJson({ made }: Conversion): string {
  return `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: made }, undefined, 2)}\n`;
}
