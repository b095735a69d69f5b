/** The statuses of gRPC by their numbers: https://github.com/grpc/grpc/blob/master/doc/statuscodes.md */
const statuses = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;

/** How an RPC ended, by name. */
export type GRPCStatus = (typeof statuses)[number];

/** The status in a field grpc-status; UNKNOWN for what is none of these, as for a status that is missing. */
export function readGRPCStatus(field: string | undefined): GRPCStatus {
  const code = field !== undefined && /^\d{1,2}$/.test(field) ? Number(field) : -1;
  return statuses[code] ?? 'UNKNOWN';
}

/** The number of a status, as a field grpc-status has it. */
export function grpcCode(status: GRPCStatus): string {
  return String(statuses.indexOf(status));
}

/** What HTTP would say: https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto, but that of UNIMPLEMENTED. */
const httpStatuses: Readonly<Record<GRPCStatus, number>> = {
  OK: 200,
  CANCELLED: 499,
  UNKNOWN: 500,
  INVALID_ARGUMENT: 400,
  DEADLINE_EXCEEDED: 504,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  PERMISSION_DENIED: 403,
  RESOURCE_EXHAUSTED: 429,
  FAILED_PRECONDITION: 400,
  ABORTED: 409,
  OUT_OF_RANGE: 400,
  // Not 501: who asks for what a server does not have, such as its reflection, shows nothing wrong with the server.
  UNIMPLEMENTED: 404,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DATA_LOSS: 500,
  UNAUTHENTICATED: 401,
};

/** What HTTP would say instead: from 500 on the server has failed, not its caller. */
export function httpStatusOf(status: GRPCStatus): number {
  return httpStatuses[status];
}

/** An RPC that has ended: which one, by its path `/service/method`, and how. */
export type RPCOutcome = { readonly path: string; readonly status: GRPCStatus };

/** Service and method of a path; both are empty for one that has none. */
export function methodOf(path: string): { readonly service: string; readonly method: string } {
  const slash = path.lastIndexOf('/');
  return slash > 0 ? { service: path.slice(1, slash), method: path.slice(slash + 1) } : { service: '', method: '' };
}
