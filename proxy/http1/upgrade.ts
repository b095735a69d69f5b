import { webSocketAccept } from '../../runtime/webSocketKey.ts';
import type { RequestHead, ResponseHead } from '../message/head.ts';
import { isHttp, isWebSocket } from '../message/upgrades.ts';
import type { Framing } from './framing.ts';

/**
 * Takes over to what a client asks to upgrade (RFC 9110 section 7.8): a field that routes can match on and that goes on to
 * the endpoint. What must not be passed on is named for the log, by one of a few words: what a client writes does not get
 * there.
 */
export function takeRequestedUpgrade(head: RequestHead, framing: Framing): void {
  head.upgrade = '';
  head.upgradeDropped = '';
  if (framing.upgrade === '') return;
  const protocols = protocolsIn(framing.upgrade);
  const kept = protocols.filter((protocol) => !isHttp(protocol));
  const asked = framing.upgrades && framing.http11;
  if (asked && kept.length > 0) {
    head.upgrade = kept.join(', ');
    head.headers.append('Upgrade', head.upgrade, 'upgrade');
  } else head.upgradeDropped = protocols.some((protocol) => isHttp(protocol)) ? 'HTTP/2' : 'another protocol';
  if (kept.length < protocols.length) head.headers.remove('http2-settings');
}

/** The Sec-WebSocket-Accept that is to be in a 101: a client of HTTP/2 has no key of its own by which to look for itself. */
export function expectedAccept({ version, upgrade, headers }: RequestHead): string | undefined {
  const key = version === '2.0' && isWebSocket(upgrade) ? headers.get('sec-websocket-key') : undefined;
  return key === undefined ? undefined : webSocketAccept(key);
}

/**
 * Why an endpoint must not switch protocols by this 101; undefined: it may. `offered` as RequestHead.upgrade, `accept` as
 * expectedAccept.
 */
export function refuseSwitch(
  offered: string,
  accept: string | undefined,
  { headers }: ResponseHead,
): string | undefined {
  if (offered === '') return 'the endpoint switched protocols without being asked';
  const chosen = protocolsIn(headers.get('upgrade') ?? '');
  if (chosen.length === 0) return 'the endpoint switched protocols without saying to which';
  const choices = new Set(protocolsIn(offered).map((protocol) => protocol.toLowerCase()));
  if (!chosen.every((protocol) => choices.has(protocol.toLowerCase())))
    return 'the endpoint switched to a protocol that was not offered';
  if (accept === undefined || headers.get('sec-websocket-accept')?.trim() === accept) return undefined;
  return 'the endpoint switched protocols without the Sec-WebSocket-Accept that its request asks for';
}

function protocolsIn(list: string): string[] {
  return list
    .split(',')
    .map((protocol) => protocol.trim())
    .filter((protocol) => protocol !== '');
}
