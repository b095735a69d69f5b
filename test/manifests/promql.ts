/** What an expression of PromQL reads: the names of metrics, each with the labels that are asked of it. */
export type Selector = { readonly metric: string; readonly labels: readonly string[] };

/** An expression taken apart so far as its names go: the labels of each `by`, and those of `on` and `group_left`. */
export type Names = {
  readonly selectors: readonly Selector[];
  readonly by: readonly string[];
  readonly on: readonly string[];
};

const words =
  /^(?:by|on|and|or|unless|bool|offset|group_left|sum|max|topk|rate|histogram_quantile|clamp_min|vector|count|label_values)$/;

/**
 * The names in an expression as Heddle's rules and dashboard write them, for it knows the functions that they use and
 * takes any other word for a metric. promtool, in test/cluster, says whether it is PromQL at all.
 */
export function namesIn(expression: string): Names {
  const by: string[] = [];
  const on: string[] = [];
  const bare = expression.replaceAll(
    /\b(by|on|group_left)\s*\(([^)]*)\)/g,
    (_, word: string, labels: string) => ((word === 'by' ? by : on).push(...listed(labels)), ' '),
  );
  const selectors: Selector[] = [];
  const withoutRanges = bare.replaceAll(/\[[^\]]*\]/g, ' ');
  for (const { groups } of withoutRanges.matchAll(
    /(?<metric>[a-zA-Z_:][\w:]*)\s*(?:\{(?<matchers>(?:"[^"]*"|[^"}])*)\})?/g,
  )) {
    const { metric = '', matchers = '' } = groups ?? {};
    if (words.test(metric)) continue;
    const labels = [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"[^"]*"/g)].map(([, label = '']) => label);
    selectors.push({ metric, labels });
  }
  return { selectors, by, on };
}

function listed(labels: string): readonly string[] {
  return labels
    .split(',')
    .map((label) => label.trim())
    .filter((label) => label !== '');
}

/** A scrape in the Prometheus text format: each metric with the labels that its series have. */
export function seriesIn(text: string): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { groups } of text.matchAll(/^(?<metric>[a-zA-Z_:][\w:]*)(?:\{(?<labels>.*)\})? \S+$/gm)) {
    const { metric = '', labels = '' } = groups ?? {};
    const known = found.get(metric) ?? new Set();
    for (const [, label = ''] of labels.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)) known.add(label);
    found.set(metric, known);
  }
  return found;
}
