import { parseAllDocuments } from 'yaml';
import { reasonOf } from '../../runtime/reason.ts';

/** The objects of a YAML or JSON text, Lists taken apart, and what is no YAML in it, by line. */
export function readObjects(text: string): {
  readonly values: readonly unknown[];
  readonly problems: readonly string[];
} {
  const documents = parseAllDocuments(text, { merge: true, logLevel: 'error' });
  if (!Array.isArray(documents)) return { values: [], problems: [] };
  const problems = documents.flatMap(({ errors }) => errors.map(({ message }) => message.split('\n')[0] ?? message));
  if (problems.length > 0) return { values: [], problems };
  try {
    return { values: documents.flatMap((document) => itemsOf(document.toJS())), problems };
  } catch (error) {
    // An alias that expands too far, or refers to nothing.
    return { values: [], problems: [reasonOf(error)] };
  }
}

function itemsOf(value: unknown): readonly unknown[] {
  if (value === null || value === undefined) return [];
  const { kind, items } = value as { readonly kind?: unknown; readonly items?: unknown };
  return typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items) ? items : [value];
}
