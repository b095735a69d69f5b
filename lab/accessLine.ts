/** A line that a sidecar writes for each request and connection; docs/reference.md says what the fields mean. */
export type AccessLine = {
  readonly direction: 'outbound' | 'inbound';
  readonly method?: string;
  readonly path?: string;
  /** None for a connection. */
  readonly status?: number;
  readonly durationMs: number;
  readonly service?: string;
  readonly route?: string;
  readonly rule?: number;
  readonly ruleName?: string;
  readonly matched?: string;
  readonly backend?: string;
  readonly share?: string;
  readonly endpoint?: string;
  readonly pod?: string;
  readonly attempts?: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly flags?: string;
  readonly reason?: string;
  readonly revision?: string;
};
