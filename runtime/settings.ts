/** One setting read from the environment: its variable, and how its text is understood. */
export type Setting<T> = {
  readonly variable: string;
  /** `undefined` when the variable is unset or empty. Throws nothing: a wrong text is `{ok: false, message}`. */
  parse(
    text: string | undefined,
  ): { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };
};

type Values<S> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never };

/**
 * Reads every setting; all wrong ones are reported together, each with its variable and what is allowed. What the kubelet
 * writes into every container for a Service of its namespace is no setting: a Service `heddle-metrics` makes
 * `HEDDLE_METRICS_PORT=tcp://10.96.0.1:80`.
 */
export function readSettings<S extends Readonly<Record<string, Setting<unknown>>>>(
  spec: S,
  env: Readonly<Record<string, string | undefined>>,
): { readonly ok: true; readonly settings: Values<S> } | { readonly ok: false; readonly errors: readonly string[] } {
  const errors: string[] = [];
  const settings: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(spec)) {
    const given = env[setting.variable];
    const parsed = setting.parse(given === '' || isServiceLink(given) ? undefined : given);
    if (parsed.ok) settings[key] = parsed.value;
    else errors.push(`${setting.variable}=${JSON.stringify(given ?? '')}: ${parsed.message}`);
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, settings: settings as Values<S> };
}

function isServiceLink(value: string | undefined): boolean {
  return value !== undefined && /^(?:tcp|udp|sctp):\/\//.test(value);
}

/** A whole number between `min` and `max`. */
export function integer(variable: string, fallback: number, range: { min: number; max: number }): Setting<number> {
  return {
    variable,
    parse(given) {
      if (given === undefined) return { ok: true, value: fallback };
      const value = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
      if (value >= range.min && value <= range.max) return { ok: true, value };
      return { ok: false, message: `give a whole number from ${range.min} to ${range.max} (default ${fallback})` };
    },
  };
}

/** A setting that may be left out: `undefined` then, whatever its fallback. */
export function optional<T>(setting: Setting<T>): Setting<T | undefined> {
  const { variable } = setting;
  return { variable, parse: (given) => (given === undefined ? { ok: true, value: undefined } : setting.parse(given)) };
}

/** One of the given words. */
export function oneOf<const W extends string>(variable: string, words: readonly W[], fallback: W): Setting<W> {
  return {
    variable,
    parse(given) {
      if (given === undefined) return { ok: true, value: fallback };
      const word = words.find((known) => known === given);
      return word === undefined
        ? { ok: false, message: `give one of ${words.join(', ')} (default ${fallback})` }
        : { ok: true, value: word };
    },
  };
}

/** Any text; without a fallback it must be set, to what `what` says. */
export function text(variable: string, fallback?: string, what = 'a text'): Setting<string> {
  return {
    variable,
    parse(given) {
      const value = given ?? fallback;
      return value === undefined ? { ok: false, message: `must be set to ${what}` } : { ok: true, value };
    },
  };
}

/** Comma-separated values, each checked by `check`, which returns what is wrong with one or undefined. */
export function list(
  variable: string,
  fallback: readonly string[],
  check: (item: string) => string | undefined,
): Setting<readonly string[]> {
  return {
    variable,
    parse(given) {
      if (given === undefined) return { ok: true, value: fallback };
      const items = given
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
      const wrong = items.map((item) => check(item)).find((message) => message !== undefined);
      return wrong === undefined ? { ok: true, value: items } : { ok: false, message: wrong };
    },
  };
}

/** `host:port`, with an IPv6 address in brackets; `leastPort` 0 allows any free one, to listen on. */
export function address(variable: string, fallback: string, leastPort: 0 | 1): Setting<string> {
  return {
    variable,
    parse(given) {
      const value = given ?? fallback;
      const port = /^(?:\[[\da-fA-F:.]+\]|[^[\]:\s]+):(?<port>\d{1,5})$/.exec(value)?.groups?.['port'];
      return port !== undefined && Number(port) >= leastPort && Number(port) <= 65_535
        ? { ok: true, value }
        : { ok: false, message: `give host:port, an IPv6 address in brackets (default ${fallback})` };
    },
  };
}
