/** Types of frames (RFC 9113 section 6). */
export const frameTypes = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** Flags of frames; which of them a frame may have depends on its type. */
export const flags = { none: 0, endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

/** Why a stream or a connection ends (RFC 9113 section 7). */
export const errorCodes = {
  NO_ERROR: 0,
  PROTOCOL_ERROR: 1,
  INTERNAL_ERROR: 2,
  FLOW_CONTROL_ERROR: 3,
  SETTINGS_TIMEOUT: 4,
  STREAM_CLOSED: 5,
  FRAME_SIZE_ERROR: 6,
  REFUSED_STREAM: 7,
  CANCEL: 8,
  COMPRESSION_ERROR: 9,
  CONNECT_ERROR: 10,
  ENHANCE_YOUR_CALM: 11,
  INADEQUATE_SECURITY: 12,
  HTTP_1_1_REQUIRED: 13,
} as const;

export type ErrorName = keyof typeof errorCodes;

const errorNames: ReadonlyMap<number, string> = new Map(Object.entries(errorCodes).map(([name, code]) => [code, name]));

/** The name of a code as a log line has it. */
export function errorName(code: number): string {
  return errorNames.get(code) ?? `code ${code}`;
}

export const frameHeadBytes = 9;
/**
 * The largest payload that we take, and give: what every peer may assume and must take (RFC 9113 section 6.5.2), so that one
 * read brings several whole frames.
 */
export const maxFrameBytes = 16_384;
/** Every window at first, of streams and connections, where no SETTINGS say otherwise (RFC 9113 section 6.9.2). */
export const firstWindow = 65_535;
/** The largest stream identifier, and the largest window. */
export const largest31 = 0x7fff_ffff;
/** What a connection begins with, before any frame (RFC 9113 section 3.4). */
export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
