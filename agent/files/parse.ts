import { type Document, isNode, LineCounter, parseAllDocuments } from 'yaml';
import { reasonOf } from '../../runtime/reason.ts';
import { decodeObject } from '../objects/decode.ts';
import type { FieldProblem } from '../objects/field.ts';
import { type KubernetesObject, objectKey } from '../objects/types.ts';

/** What is wrong in a file, for a person; lines count from 1. */
export type FileProblem = { readonly line: number; readonly message: string };

/** An object and the line where it starts. */
export type LocatedObject = { readonly object: KubernetesObject; readonly line: number };

export type ParsedFile =
  | { readonly ok: true; readonly objects: readonly LocatedObject[]; readonly ignored: readonly string[] }
  | { readonly ok: false; readonly problems: readonly FileProblem[] };

/**
 * Reads the objects of one YAML or JSON file: several documents, and `List` kinds. Those that name no namespace are in the
 * one given. Never throws.
 */
export function parseFile(text: string, namespace?: string): ParsedFile {
  const lines = new LineCounter();
  const objects: LocatedObject[] = [];
  const ignored: string[] = [];
  const problems: FileProblem[] = [];
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    merge: true,
    prettyErrors: false,
    logLevel: 'error',
  });
  for (const document of Array.isArray(documents) ? documents : []) {
    for (const error of document.errors) {
      problems.push({ line: lines.linePos(error.pos[0]).line, message: `${error.message}; correct the YAML here` });
    }
    if (document.errors.length > 0) continue;
    for (const { value, path } of readItems(document, problems)) {
      const decoded = decodeObject(value, namespace);
      const line = lineOf(document, lines, path);
      if (!decoded.ok) problems.push(...decoded.problems.map((problem) => locate(document, lines, path, problem)));
      else if ('ignored' in decoded) ignored.push(decoded.ignored);
      else objects.push({ object: decoded.object, line });
    }
  }
  problems.push(...findTwins(objects));
  return problems.length > 0 ? { ok: false, problems } : { ok: true, objects, ignored };
}

type Path = readonly (string | number)[];

/** The objects of a document with their paths; an empty document has none, a `List` has its items. */
function readItems(document: Document, problems: FileProblem[]): readonly { value: unknown; path: Path }[] {
  const value = toValue(document, problems);
  if (value === null || value === undefined) return [];
  if (typeof value === 'object' && 'kind' in value && 'items' in value && Array.isArray(value.items)) {
    if (typeof value.kind === 'string' && value.kind.endsWith('List')) {
      return value.items.map((item: unknown, index) => ({ value: item, path: ['items', index] }));
    }
  }
  return [{ value, path: [] }];
}

function toValue(document: Document, problems: FileProblem[]): unknown {
  try {
    return document.toJS() as unknown;
  } catch (error) {
    // An alias that expands too far, or refers to nothing.
    problems.push({
      line: 1,
      message: `${reasonOf(error)}; write it out instead`,
    });
    return undefined;
  }
}

function locate(document: Document, lines: LineCounter, path: Path, problem: FieldProblem): FileProblem {
  return { line: lineOf(document, lines, [...path, ...problem.path]), message: problem.message };
}

/** The line of a field, or of the nearest field around it that is written down. */
function lineOf(document: Document, lines: LineCounter, path: Path): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

function findTwins(objects: readonly LocatedObject[]): readonly FileProblem[] {
  const first = new Map<string, number>();
  const problems: FileProblem[] = [];
  for (const { object, line } of objects) {
    const key = objectKey(object);
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, line);
    else problems.push({ line, message: `${key} is already at line ${earlier}; remove one of the two` });
  }
  return problems;
}
