import type { Failure } from '../message/interfaces.ts';

/** What an exchange or its try has come to when its time is over. */
export type Late = {
  /** The field of the rule, or that of the caller of an RPC, and what it says. */
  readonly timeout: 'request' | 'backendRequest' | 'grpc-timeout';
  readonly timeoutMs: number;
  /** Whom it waits for: the endpoint, a client that has yet to send or to take something, or its next try. */
  readonly waitsFor: 'endpoint' | 'connection' | 'requestBody' | 'slowReader' | 'nextTry';
};

const whatWasMissing = {
  endpoint: 'the response of the endpoint was not complete',
  connection: 'there was no connection to the endpoint',
  requestBody: 'the client had not sent all of its request',
  slowReader: 'the client had not taken all of its response',
  nextTry: 'it was about to be sent again',
} as const satisfies Record<Late['waitsFor'], string>;

/**
 * The end of a request, or of one try, that took longer than its rule allows; a slow client is not the endpoint's fault. The
 * caller of an RPC has wished to be told that its time is over, whoever let it pass.
 */
export function timedOut({ timeout, timeoutMs, waitsFor }: Late): Failure {
  const isOfCaller = timeout === 'grpc-timeout';
  const limit = isOfCaller ? 'the grpc-timeout of its caller' : `timeouts.${timeout} of its rule`;
  const reason = `${whatWasMissing[waitsFor]} within ${limit}, ${print(timeoutMs)}`;
  const isClient = !isOfCaller && (waitsFor === 'requestBody' || waitsFor === 'slowReader');
  return isClient ? { flag: 'SI', status: 408, reason } : { flag: 'UT', status: 504, reason };
}

function print(timeoutMs: number): string {
  return timeoutMs % 1000 === 0 ? `${timeoutMs / 1000}s` : `${timeoutMs}ms`;
}
