import { isDeepStrictEqual } from 'node:util';
import { type KubernetesObject, objectKey } from '../objects/types.ts';
import type { SourceEvent } from '../source.ts';
import type { Changes } from './changes.ts';
import { type FileProblem, parseFile, type ParsedFile } from './parse.ts';
import { type ReadFile, readFolder } from './readFolder.ts';
import { type FileState, servedObjects, settleFiles } from './settle.ts';

/** Told when the problems of a file change; none: the file is good again, or gone. `file` is empty for the folder. */
export type Reporter = {
  problems(file: string, problems: readonly FileProblem[]): void;
  ignored(file: string, kind: string): void;
};

/** A file that loses all its text is being rewritten, most likely: this long its objects stay. */
const emptiedMs = 150;

type KnownFile = FileState & {
  readonly text: string;
  /** When the file was found without text, on the clock of `performance.now()`. */
  readonly emptiedAt?: number;
};

/** What is known of each file of a folder, from one reading to the next. */
export class FolderState {
  readonly #report: Reporter;
  #files = new Map<string, KnownFile>();
  #served: ReadonlyMap<string, KubernetesObject> = new Map();
  #reported = new Map<string, string>();

  constructor(report: Reporter) {
    this.#report = report;
  }

  /** Reads the folder and returns what changed since the last time. */
  async read(folder: string, changes: Changes): Promise<readonly SourceEvent[]> {
    try {
      const texts = await readFolder(folder);
      this.#tell('', []);
      this.#take(texts, changes);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#tell('', [
        { line: 0, message: `the folder cannot be read (${reason}); its last good version keeps serving` },
      ]);
      return [];
    }
    return this.#settle();
  }

  #take(texts: ReadonlyMap<string, ReadFile>, changes: Changes): void {
    const next = new Map<string, KnownFile>();
    for (const [name, read] of texts) {
      const before = this.#files.get(name);
      const text = read.ok ? read.text : `unreadable: ${read.message}`;
      const held = before === undefined ? undefined : holdEmptied(before, text);
      if (held !== undefined) {
        setTimeout(() => changes.poke(), emptiedMs).unref();
        next.set(name, held);
      } else if (before !== undefined && before.text === text) {
        next.set(name, { text, parsed: before.parsed, good: before.good });
      } else next.set(name, { text, parsed: this.#parse(name, read), good: before?.good ?? [] });
    }
    for (const name of this.#files.keys()) if (!next.has(name)) this.#tell(name, []);
    this.#files = next;
  }

  #parse(name: string, read: ReadFile): ParsedFile {
    if (!read.ok) return { ok: false, problems: [{ line: 0, message: read.message }] };
    const parsed = parseFile(read.text);
    if (parsed.ok) for (const kind of new Set(parsed.ignored)) this.#report.ignored(name, kind);
    return parsed;
  }

  #settle(): readonly SourceEvent[] {
    const settled = settleFiles(this.#files);
    for (const [name, { good, problems }] of settled) {
      const file = this.#files.get(name);
      if (file !== undefined)
        this.#files.set(name, { ...file, good: good.map((located) => this.#keepIdentity(located)) });
      this.#tell(name, problems);
    }
    const served = new Map([...servedObjects(settled)].map(([key, object]) => [key, this.#known(object)]));
    const events: SourceEvent[] = [];
    for (const [key, object] of this.#served) if (!served.has(key)) events.push({ type: 'deleted', object });
    for (const [key, object] of served) if (this.#served.get(key) !== object) events.push({ type: 'applied', object });
    this.#served = served;
    return events;
  }

  #keepIdentity<L extends { readonly object: KubernetesObject }>(located: L): L {
    return { ...located, object: this.#known(located.object) };
  }

  #known(object: KubernetesObject): KubernetesObject {
    const known = this.#served.get(objectKey(object));
    return known !== undefined && isDeepStrictEqual(known, object) ? known : object;
  }

  #tell(file: string, problems: readonly FileProblem[]): void {
    const told = JSON.stringify(problems);
    if ((this.#reported.get(file) ?? '[]') === told) return;
    if (problems.length === 0) this.#reported.delete(file);
    else this.#reported.set(file, told);
    this.#report.problems(file, problems);
  }
}

/** A file that was just emptied, as it was before; undefined when its text is to be taken as it is. */
function holdEmptied(before: KnownFile, text: string): KnownFile | undefined {
  if (text.trim() !== '' || before.text.trim() === '') return undefined;
  const emptiedAt = before.emptiedAt ?? performance.now();
  return performance.now() - emptiedAt >= emptiedMs ? undefined : { ...before, emptiedAt };
}
