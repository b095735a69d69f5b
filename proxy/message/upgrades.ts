// After these what follows would be HTTP again, whose requests no route would see.
const http = /^(?:h2c?|https?)(?:$|[/\s])/i;

/** Whether this is what a client must not upgrade to past the routes. */
export function isHttp(protocol: string): boolean {
  return http.test(protocol);
}

export function isWebSocket(protocol: string): boolean {
  return protocol.toLowerCase() === 'websocket';
}
