import { isDeepStrictEqual } from 'node:util';
import { reasonOf } from '../../runtime/reason.ts';
import { type KubernetesObject, objectKey } from '../objects/types.ts';
import type { SourceEvent } from '../source.ts';
import type { Changes } from './changes.ts';
import { type FileProblem, parseFile, type ParsedFile } from './parse.ts';
import { type ReadFile, readFolder } from './readFolder.ts';
import { type FileState, servedObjects, settleFiles } from './settle.ts';

/** Told when the problems of a file change; none: the file is good again, or gone. `file` is empty for the folder. */
export type Reporter = {
  problems(file: string, problems: readonly FileProblem[], was: 'good' | 'never good'): void;
  /** Told of each kind in a file that says nothing about routing, whenever the file is another one. */
  ignored(file: string, kind: string): void;
};

/** A file that loses all its text, or its name, is being rewritten, most likely: this long its objects stay. */
const heldMs = { emptied: 150, gone: 40 };

type KnownFile = FileState & {
  readonly text: string;
  /** Whether it was good at any time since the start; if not, nobody knows what it defines. */
  readonly wasGood: boolean;
  /** When the file was found empty or gone, on the clock of `performance.now()`. */
  readonly lostAt?: number;
};

/** What is known of each file of a folder, from one reading to the next. */
export class FolderState {
  readonly #report: Reporter;
  #files = new Map<string, KnownFile>();
  #served: ReadonlyMap<string, KubernetesObject> = new Map();
  #reported = new Map<string, string>();
  #wasRead = false;
  #complete = true;

  constructor(report: Reporter) {
    this.#report = report;
  }

  /** Reads the folder and returns what changed since the last time; incomplete while a file never was good. */
  async read(folder: string, changes: Changes): Promise<readonly SourceEvent[]> {
    try {
      const texts = await readFolder(folder);
      this.#tell('', []);
      this.#take(texts, changes);
      this.#wasRead = true;
    } catch (error) {
      const reason = reasonOf(error);
      this.#tell('', [{ line: 0, message: `the folder cannot be read (${reason}); check its permissions` }]);
      return this.#completeness();
    }
    return this.#settle();
  }

  #take(texts: ReadonlyMap<string, ReadFile>, changes: Changes): void {
    const next = new Map<string, KnownFile>();
    for (const [name, read] of texts) {
      const before = this.#files.get(name);
      const text = read.ok ? read.text : `unreadable: ${read.message}`;
      const held = before && isEmptied(before, text) ? hold(before, heldMs.emptied, changes) : undefined;
      if (held !== undefined) next.set(name, held);
      else if (before !== undefined && before.text === text) {
        const { parsed, good, wasGood } = before;
        next.set(name, { text, parsed, good, wasGood });
      } else {
        const { good, wasGood } = before ?? { good: [], wasGood: false };
        next.set(name, { text, parsed: this.#parse(name, read), good, wasGood });
      }
    }
    const present = new Set([...next.values()].flatMap(({ parsed }) => (parsed.ok ? keysOf(parsed.objects) : [])));
    for (const [name, before] of this.#files) {
      if (next.has(name)) continue;
      // What stands in another file now was moved, not lost.
      const isMoved = keysOf(before.good).some((key) => present.has(key));
      const held = isMoved ? undefined : hold(before, heldMs.gone, changes);
      if (held === undefined) this.#tell(name, []);
      else next.set(name, held);
    }
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
      if (file !== undefined) {
        const wasGood = file.wasGood || problems.length === 0;
        this.#files.set(name, { ...file, wasGood, good: good.map((located) => this.#keepIdentity(located)) });
      }
      this.#tell(name, problems);
    }
    const served = new Map([...servedObjects(settled)].map(([key, object]) => [key, this.#known(object)]));
    const events: SourceEvent[] = [];
    for (const [key, object] of this.#served) if (!served.has(key)) events.push({ type: 'deleted', object });
    for (const [key, object] of served) if (this.#served.get(key) !== object) events.push({ type: 'applied', object });
    this.#served = served;
    // Objects that are read at last come before the word that all are there, objects that go after the contrary.
    const completeness = this.#completeness();
    return this.#complete ? [...events, ...completeness] : [...completeness, ...events];
  }

  #completeness(): readonly SourceEvent[] {
    const complete = this.#wasRead && [...this.#files.values()].every(({ wasGood }) => wasGood);
    if (complete === this.#complete) return [];
    this.#complete = complete;
    return [{ type: 'completeness', complete }];
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
    const wasGood = file === '' ? this.#wasRead : this.#files.get(file)?.wasGood === true;
    this.#report.problems(file, problems, wasGood ? 'good' : 'never good');
  }
}

function isEmptied(before: KnownFile, text: string): boolean {
  return text.trim() === '' && before.text.trim() !== '';
}

/** The file as it was before, for `ms` from when it was first found lost; undefined once they are over. */
function hold(before: KnownFile, ms: number, changes: Changes): KnownFile | undefined {
  const now = performance.now();
  const lostAt = before.lostAt ?? now;
  const restMs = lostAt + ms - now;
  if (restMs <= 0) return undefined;
  setTimeout(() => changes.poke(), restMs).unref();
  return { ...before, lostAt };
}

function keysOf(objects: FileState['good']): readonly string[] {
  return objects.map(({ object }) => objectKey(object));
}
