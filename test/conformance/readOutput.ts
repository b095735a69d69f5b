/** How one test of the suite ended; `lines` are what it printed, without the suite's bookkeeping. */
export type TestResult = {
  readonly name: string;
  readonly outcome: 'pass' | 'fail' | 'skip';
  readonly seconds: number;
  readonly lines: readonly string[];
  /** Parts of the test that failed, by their names in the suite. */
  readonly failedParts: readonly string[];
};

/** Reads what the suite's program prints with `-test.v`: the tests right below TestConformance, in their order. */
export function readOutput(output: string): TestResult[] {
  const results = new Map<string, TestResult>();
  const printed = new Map<string, string[]>();
  const failedParts = new Map<string, string[]>();
  const partsOf = (name: string): string[] => {
    const parts = failedParts.get(name) ?? [];
    failedParts.set(name, parts);
    return parts;
  };
  let current = '';
  for (const line of output.split('\n')) {
    const [, started] = /^=== (?:RUN|NAME|CONT|PAUSE)\s+TestConformance\/([^/\s]+)/.exec(line) ?? [];
    if (started !== undefined) current = started;
    const [, outcome, path, seconds] =
      /^\s*--- (PASS|FAIL|SKIP): TestConformance\/(\S+) \(([\d.]+)s\)/.exec(line) ?? [];
    const [name = '', ...part] = (path ?? '').split('/');
    if (outcome !== undefined && part.length > 0) {
      // They come behind the line of the test itself.
      if (outcome === 'FAIL') partsOf(name).push(part.join('/'));
    } else if (outcome !== undefined) {
      const of = { PASS: 'pass', FAIL: 'fail', SKIP: 'skip' } as const;
      results.set(name, {
        name,
        outcome: of[outcome as keyof typeof of],
        seconds: Number(seconds),
        lines: printed.get(name) ?? [],
        failedParts: partsOf(name),
      });
    } else if (!line.startsWith('===')) {
      add(printed, current, line);
    }
  }
  return [...results.values()];
}

/** The lines that say why a test failed, each once; the suite repeats itself while it waits. */
export function failingLines({ lines }: Pick<TestResult, 'lines'>, most: number): string[] {
  const telling = lines.filter((line) => /error|expected|fail|timed? ?out|mismatch|not found|panic/i.test(line));
  const withoutTime = telling.map((line) => line.trim().replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z:?\s*/g, ''));
  return [...new Set(withoutTime)].slice(-most);
}

function add(lists: Map<string, string[]>, name: string, value: string): void {
  const list = lists.get(name) ?? [];
  list.push(value);
  lists.set(name, list);
}
