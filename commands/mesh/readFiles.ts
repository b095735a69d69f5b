import type { FileProblem } from '../../agent/files/parse.ts';
import { servedObjects, settleFiles } from '../../agent/files/settle.ts';
import type { KubernetesObject } from '../../agent/objects/types.ts';
import { CannotLook } from '../cannotLook.ts';
import { parseFast } from './parseFast.ts';
import { readTexts } from './readTexts.ts';

/**
 * The objects of files and folders, as an agent reads a folder; `-` is standard input. Objects that name no namespace are in
 * `namespace`. Throws CannotLook with every problem of every file: with one of them unread, all else may be wrong.
 */
export async function readFiles(
  names: readonly string[],
  namespace: string | undefined,
): Promise<readonly KubernetesObject[]> {
  const texts = await readTexts(names);
  const parsed = new Map([...texts].map(([file, text]) => [file, { parsed: parseFast(text, namespace), good: [] }]));
  const settled = settleFiles(parsed);
  const problems = [...settled].flatMap(([file, one]) => one.problems.map((problem) => printProblem(file, problem)));
  if (problems.length > 0) throw new CannotLook(problems.join('\n'));
  return [...servedObjects(settled).values()];
}

function printProblem(file: string, { line, message }: FileProblem): string {
  return line > 0 ? `${file}:${line}: ${message}` : `${file}: ${message}`;
}
