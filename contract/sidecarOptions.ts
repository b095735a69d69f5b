/** A setting of the sidecar that pods and namespaces may set by annotation; times are given as `10s`, set in milliseconds. */
export type SidecarOption = { readonly annotation: string; readonly variable: string } & (
  | { readonly type: 'word'; readonly words: readonly string[] }
  | { readonly type: 'number' | 'time'; readonly min: number; readonly max: number }
);

const day = 86_400_000;

/** What may be set, and to what. test/contract holds the ranges against those of the sidecar's settings. */
export const sidecarOptions: readonly SidecarOption[] = [
  word('access-log', 'HEDDLE_ACCESS_LOG', ['all', 'errors', 'off']),
  number('access-log-sample', 'HEDDLE_ACCESS_LOG_SAMPLE', [1, 1_000_000]),
  word('log-level', 'HEDDLE_LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error', 'fatal']),
  time('discovery-wait', 'HEDDLE_DISCOVERY_WAIT_MS', [0, 60_000]),
  time('detect-timeout', 'HEDDLE_DETECT_TIMEOUT_MS', [1, 60_000]),
  time('connect-timeout', 'HEDDLE_CONNECT_TIMEOUT_MS', [1, day]),
  time('header-timeout', 'HEDDLE_HEADER_TIMEOUT_MS', [1, day]),
  time('progress-timeout', 'HEDDLE_PROGRESS_TIMEOUT_MS', [1, day]),
  time('idle-timeout', 'HEDDLE_IDLE_TIMEOUT_MS', [1, day]),
  time('upstream-idle-timeout', 'HEDDLE_UPSTREAM_IDLE_TIMEOUT_MS', [1, day]),
  time('shutdown-grace', 'HEDDLE_SHUTDOWN_GRACE_MS', [0, 3_600_000]),
  number('max-connections', 'HEDDLE_MAX_CONNECTIONS', [1, 1_000_000]),
  number('max-upstream-connections', 'HEDDLE_MAX_UPSTREAM_CONNECTIONS', [1, 60_000]),
  number('max-waiting-requests', 'HEDDLE_MAX_WAITING_REQUESTS', [0, 1_000_000]),
  number('max-held-bytes', 'HEDDLE_MAX_HELD_BYTES', [1_048_576, 17_179_869_184]),
];

function word(name: string, variable: string, words: readonly string[]): SidecarOption {
  return { annotation: `heddle.dev/${name}`, variable, type: 'word', words };
}

function number(name: string, variable: string, [min, max]: readonly [number, number]): SidecarOption {
  return { annotation: `heddle.dev/${name}`, variable, type: 'number', min, max };
}

function time(name: string, variable: string, [min, max]: readonly [number, number]): SidecarOption {
  return { annotation: `heddle.dev/${name}`, variable, type: 'time', min, max };
}
