import { status } from '@grpc/grpc-js';

/** Why there is no agent: one word to tell kinds apart, the reason as it was met, and what to do about it if anything. */
export type Loss = {
  readonly kind: 'unreachable' | 'untrusted' | 'refused' | 'unready' | 'ended';
  readonly reason: string;
  readonly advice?: string;
};

/** `code` is a gRPC status (https://grpc.io/docs/guides/status-codes). */
export function lossOf(error: { readonly code?: unknown; readonly message: string; readonly details?: string }): Loss {
  const reason = error.details ?? error.message;
  if (error.code === status.UNAUTHENTICATED) {
    return {
      kind: 'refused',
      reason,
      advice: "the agent does not accept this pod's token: see HEDDLE_AGENT_TOKEN_FILE, and the agent's log",
    };
  }
  if (/altnames|Hostname\/IP/i.test(reason)) {
    return {
      kind: 'untrusted',
      reason,
      advice: "the agent's certificate is for another name: see HEDDLE_AGENT_SERVER_NAME and HEDDLE_AGENT_ADDRESS",
    };
  }
  if (/certificate|self-signed|signature|issuer/i.test(reason)) {
    return {
      kind: 'untrusted',
      reason,
      advice:
        "the agent's certificate is not of a CA in HEDDLE_AGENT_CA_FILE, or not valid now: compare ConfigMap heddle-ca with Secret heddle-agent-tls",
    };
  }
  if (/SSL|EPROTO|wrong version number|ECONNRESET/i.test(reason)) {
    return { kind: 'unreachable', reason, advice: 'if it stays, see whether both sides have TLS set up, or neither' };
  }
  if (/Name resolution failed/.test(reason)) {
    return {
      kind: 'unreachable',
      reason,
      advice: 'see HEDDLE_AGENT_ADDRESS, and whether this pod can use cluster DNS',
    };
  }
  return { kind: 'unreachable', reason };
}
